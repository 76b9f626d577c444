/*
 * Faults on demand, for tests of clients: rules that say which requests go wrong and how. They are set by signed
 * calls to /weir/faults (admin.c; `weir local fault` makes them, fault_command.c), live in memory only, and count
 * authenticated requests; those to /weir/ never.
 *
 *	{"method": "PUT", "path": "/n/ns/b/out?o?x", "nth": 2, "count": 1, "action": "lose"}
 *
 * A rule of action "delay" goes together with one of another action: latency and what else goes wrong.
 */
#ifndef LOCAL_FAULT_H
#define LOCAL_FAULT_H

#include "base/arena.h"
#include "field/field.h"

#include <stdbool.h>

enum fault_action {
	FAULT_NONE,
	FAULT_STATUS,     /* refused with a status, nothing done */
	FAULT_RESET,      /* the connection is reset, nothing done */
	FAULT_LOSE,       /* done, then the connection is reset: the reply is lost */
	FAULT_HANG,       /* nothing done, no reply, until the rules are removed */
	FAULT_HANG_AFTER, /* done, no reply, until the rules are removed */
	FAULT_DELAY,      /* done, the reply comes later */
	FAULT_TRUNCATE,   /* done, the reply ends before its length; one without a body is lost */
	FAULT_THROTTLE,   /* done, the reply's body comes slowly */
	FAULT_EXIT,       /* the service ends as by kill -9, nothing done */
	FAULT_EXIT_AFTER, /* done, then the service ends so */
};
struct fault_rule {
	const char *method; /* absent: any */
	const char *path; /* fnmatch pattern of the raw path, `*` takes slashes too; absent: any */
	struct opt_i64 nth;   /* the first match it acts on, from 1 (the default) */
	struct opt_i64 count; /* on how many from there; 0: all; default 1 */
	const char *action;
	struct opt_i64 status;      /* of action "status"; default 503 */
	struct opt_i64 delay_ms;    /* of "delay" */
	struct opt_i64 bytes;       /* of "truncate": of the body; absent: half of it */
	struct opt_i64 rate;        /* of "throttle": bytes a second; default 1 */
	const char *code;           /* of the error body */
	struct opt_i64 retry_after; /* seconds; absent: no such header */
	struct opt_i64 seen, acted; /* the service's count of matches */
	const char *acted_on;       /* the first request it acted on: "GET /n"; NULL: none yet */
};
extern const struct record fault_rule_record;

struct faults;
struct faults *faults_new(void);
void faults_free(struct faults *f);
/* NULL, or what is wrong: a setting of another action, or none where the action needs one. */
const char *fault_rule_mistake(const struct fault_rule *rule, struct arena *a);
void faults_add(struct faults *f, const struct fault_rule *rule);
void faults_clear(struct faults *f);
struct node *faults_list(struct faults *f, struct arena *a);
struct fault {
	enum fault_action action;      /* of the first rule that acts; never FAULT_DELAY */
	const struct fault_rule *rule; /* in the arena; NULL: no action */
	int64_t delay_ms;              /* of the first "delay" that acts; 0: none */
	uint64_t age;                  /* how often the rules had been removed before */
};
/* Counts the request in every rule it matches. */
struct fault faults_match(struct faults *f, const char *method, const char *path, struct arena *a);
/* The rules of then were removed meanwhile: who was to wait by one of them does not begin to. */
bool faults_removed_since(struct faults *f, const struct fault *then);

#endif
