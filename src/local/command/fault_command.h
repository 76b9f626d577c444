/* `weir-local fault add|list|clear`: faults on demand (fault.h) without signing by hand. */
#ifndef LOCAL_FAULT_COMMAND_H
#define LOCAL_FAULT_COMMAND_H

int command_fault(int argc, char **argv);

#endif
