/* `weir local secret`: secrets of the local service's vault. */
#ifndef LOCAL_SECRET_COMMAND_H
#define LOCAL_SECRET_COMMAND_H

int command_secret(int argc, char **argv);

#endif
