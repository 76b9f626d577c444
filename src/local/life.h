/*
 * The life of a weir-local: one service a home (flock on <home>/lock), started by `serve`, found by everyone else
 * through two files.
 *
 *	lock         held exclusively while a service lives, whatever becomes of it
 *	state.json   what the service that holds the lock says of itself, once it answers; meaningless without the lock
 *
 * How others use weir-local: programs and files, no header.
 *
 *	weir-local up --on-demand -o json    returns when the service answers; prints state.json's object and
 *	                                     "running", "java", "spark" (booleans)
 *	weir-local status -o json            the same, exit status 3 when it does not run
 *	weir-local down                      returns when it has ended
 *
 *	{"endpoint": "http://127.0.0.1:23456", "port": 23456, "pid": 1, "version": "0.1.0", "started": "...",
 *	 "home": "/...", "config_file": "/.../config", "profile": "DEFAULT", "region": "us-ashburn-1",
 *	 "namespace": "weirlocal", "compartment_id": "ocid1.tenancy.oc1..", "idle_minutes": 30}
 *
 * Versions: that object's "version", and the header `weir-local-version` of every reply.
 */
#ifndef LOCAL_LIFE_H
#define LOCAL_LIFE_H

#include "base/arena.h"
#include "base/err.h"
#include "field/node.h"

#include <stdbool.h>
#include <sys/types.h>

enum { LIFE_ON_DEMAND_MINUTES = 30 };

enum life { LIFE_DOWN, LIFE_STARTING, LIFE_UP };
/* *ret_state: state.json when it is up, else NULL. */
enum life life_look(const char *home, struct arena *a, struct node **ret_state);
/* The lock; -1: a service lives there (ERR_CONFLICT). Closed by close(2). */
int life_lock(const char *home, struct err *err);
bool life_state_write(const char *home, const struct node *state, struct err *err);
void life_state_remove(const char *home);
pid_t life_state_pid(const struct node *state);

/* Starts `serve` detached from everything of ours, with these further arguments (ends with NULL), and waits until
   it answers or says why it does not. *ret_locked: another was faster. */
bool life_start(const char *home, const char *const *args, bool *ret_locked, struct err *err);
/* What serve writes into the descriptor of --ready-fd: how it went. */
void life_tell_ready(int fd);
void life_tell_locked(int fd);
void life_tell_error(int fd, const struct err *err);
/* SIGTERM, and waits until the lock is free. */
bool life_stop(const char *home, pid_t pid, struct err *err);

/* Who listens on a port of loopback: "process 12 (python3)"; false if that can't be seen. */
bool life_holder_of_port(int port, struct arena *a, const char **ret_who);

#endif
