/*
 * Lists of applications and runs as people ask for them: whose, in which state, since when, in which order, how many. The
 * service takes one filter a list besides the compartment (contract, section 3), and sorts runs by what is no text:
 * as much as that allows is left to it, so that no more pages are read than are wanted; the rest is done here. That sorting does
 * not count as a filter is presumed, not documented: a service that refuses the two together is asked without the order.
 *
 *	struct list_query q = {.compartments = c, .owner = "flights/local", .sort = "time_created", .limit = 10};
 *	bool ok = list_runs(oci, &q, &runs, &err);
 *
 * An application's last run is the newest of all that name it, whoever launched it. What is listed is in the session's arena.
 */
#ifndef RUN_LIST_H
#define RUN_LIST_H

#include "run/run.h"

struct list_query {
	struct strs compartments;
	struct strs runs_in; /* further ones, in which applications may have run */
	const char *owner;   /* "<pipeline>/<target>"; NULL: everybody's */
	const char *sort;    /* one of list_run_sorts, list_app_sorts */
	bool reverse;        /* texts from Z, times and numbers from the oldest and smallest */
	size_t limit;        /* 0: all */
	int64_t since;       /* Unix ms; 0: ever. Of an application: when it last ran or changed */
	struct strs states;  /* none: all; of applications those that are not deleted */
};
/* Fields of the records, and `last_run` of an application; the first is the default. End by NULL. */
extern const char *const list_run_sorts[], *const list_app_sorts[], *const list_app_states[];

struct listed_app {
	const struct application *app; /* a summary */
	const struct run *last_run;    /* NULL: it has none */
};
struct listed_apps {
	struct listed_app *v;
	size_t n, cap;
};
bool list_runs(struct oci *oci, const struct list_query *q, struct runs *ret, struct err *err);
bool list_apps(
	struct oci *oci, const struct list_query *q, struct listed_apps *ret, struct err *err);

/* What both share. Compares two records by a field of theirs: 0 when both lack it, the one that lacks it last; else
   texts from A on, times and numbers from the newest and largest on. Pure. */
int list_compare(const struct record *r, const char *field, const void *left, const void *right);
bool list_state_wanted(const struct strs *states, const char *state);
bool list_newer(const struct run *a, const struct run *b);

#endif
