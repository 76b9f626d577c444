/* `weir-local session NAME`: a profile that signs with a session's token (sessions.h), as `oci session authenticate`
   makes one for the cloud. */
#ifndef LOCAL_SESSION_COMMAND_H
#define LOCAL_SESSION_COMMAND_H

int command_session(int argc, char **argv);

#endif
