/* The commands of weir-local, one function each: arguments behind the command's name in, exit status out. They
   print; what they find wrong they tell on stderr. */
#ifndef LOCAL_COMMANDS_H
#define LOCAL_COMMANDS_H

#include "base/err.h"

int command_serve(int argc, char **argv);
int command_up(int argc, char **argv);
int command_down(int argc, char **argv);
int command_status(int argc, char **argv);
int command_env(int argc, char **argv);
int command_identity(int argc, char **argv);
int command_reset(int argc, char **argv);
int command_logs(int argc, char **argv);

/* Prints the error as the program's; returns its exit status. */
int command_fail(const struct err *err);
/* The same of a wrong command line; hint: where to read on. */
int command_usage(const char *hint, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
