/*
 * A job's processes, however many they become. Between the service and the job stands a small supervisor, a fork
 * of the service that holds nothing of it but one end of a socket. It is the subreaper of all that the job
 * starts, so that nobody gets away by a double fork or a process group of its own (PySpark's daemon has one), and
 * when the job ends, or the service asks, or the service itself is gone (the socket closes, also after kill -9),
 * it kills every descendant before it ends.
 *
 *	struct runner_process p;
 *	runner_process_start(&command, &p, &err);
 *	... poll p.out, p.err (what the job writes) and p.control (readable: it ended)
 *	runner_process_signal(&p, RUNNER_TERMINATE);    // politely; RUNNER_KILL at once, with all descendants
 *	runner_process_finish(&p, &exit);               // waits; closes everything
 *
 * Should the supervisor be killed too, the job dies with it (PR_SET_PDEATHSIG), and what the job had started is
 * found by RUNNER_MARK in its environment.
 */
#ifndef LOCAL_RUNNER_PROCESS_H
#define LOCAL_RUNNER_PROCESS_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* A variable in the environment of each process of a run: "WEIR_LOCAL_RUN=<ocid>". */
#define RUNNER_MARK "WEIR_LOCAL_RUN"

struct runner_command {
	const char *const *argv; /* argv[0] is a path */
	const char *const *envp;
	const char *folder; /* working directory */
};
struct runner_process {
	pid_t supervisor;
	int control, out, err;
};
struct runner_exit {
	int status;     /* 0 to 255 as the job gave it; 128 + N where signal N ended it */
	int exec_errno; /* not 0: the program could not be started */
	bool lost;      /* the supervisor died without a word */
};
enum runner_signal { RUNNER_TERMINATE = 'T', RUNNER_KILL = 'K' };

bool runner_process_start(
	const struct runner_command *c, struct runner_process *ret, struct err *err);
void runner_process_signal(struct runner_process *p, enum runner_signal what);
void runner_process_finish(struct runner_process *p, struct runner_exit *ret);

/* Calls `found` for each process of this user that bears the mark of the run; returns how many there were. */
size_t runner_process_each_marked(const char *run_id, void (*found)(void *ctx, int pid), void *ctx);
/* Kills every process of this user that bears the mark of the run and waits until they are gone, at most five
   seconds; returns how many there were. */
size_t runner_process_end_marked(const char *run_id);

#endif
