/*
 * A Spark standalone cluster of this machine, which runs are submitted to in client mode instead of running in one
 * process: `weir local up --spark-master spark://127.0.0.1:7077`. The home keeps the address in its file
 * `spark-master`, so that a service that is started on demand has it too. Only a master on loopback is taken: a run's
 * key, and what it reads, would travel to another machine in the clear.
 */
#ifndef LOCAL_CLUSTER_H
#define LOCAL_CLUSTER_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

/* Instead of an address: no cluster, each run is a process of its own. */
#define CLUSTER_NONE "local"

/* Whether it is spark://HOST:PORT with a HOST of loopback, or CLUSTER_NONE. ERR_USAGE, with what it must be. */
bool cluster_is_master(const char *master, struct err *err);
/* Whether something listens there. ERR_SERVICE, which names the master and how to start one. */
bool cluster_answers(const char *master, struct err *err);

/* What the home keeps; NULL: no cluster. */
const char *cluster_kept(struct arena *a, const char *home);
bool cluster_keep(const char *home, const char *master, struct err *err);

#endif
