/* `weir-local open [PAGE]`: prints a one-time address that lets a browser in to the service's pages. */
#ifndef LOCAL_OPEN_COMMAND_H
#define LOCAL_OPEN_COMMAND_H

int command_open(int argc, char **argv);

#endif
