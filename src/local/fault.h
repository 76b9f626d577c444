/*
 * Faults on demand, for tests of clients: rules that say which requests go wrong and how. They are set by signed
 * calls to /weir/faults (admin.c), live in memory only, and count authenticated requests; those to /weir/ never.
 *
 *	{"method": "PUT", "path": "/n/ns/b/out?o?x", "nth": 2, "count": 1, "action": "lose"}
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
};
struct fault_rule {
	const char *method; /* absent: any */
	const char *path; /* fnmatch pattern of the raw path, `*` takes slashes too; absent: any */
	struct opt_i64 nth;   /* the first match it acts on, from 1 (the default) */
	struct opt_i64 count; /* on how many from there; 0: all; default 1 */
	const char *action;
	struct opt_i64 status;      /* of action "status"; default 503 */
	const char *code;           /* of the error body */
	struct opt_i64 retry_after; /* seconds; absent: no such header */
	struct opt_i64 seen, acted; /* the service's count of matches */
};
extern const struct record fault_rule_record;

struct faults;
struct faults *faults_new(void);
void faults_free(struct faults *f);
void faults_add(struct faults *f, const struct fault_rule *rule);
void faults_clear(struct faults *f);
struct node *faults_list(struct faults *f, struct arena *a);
/* Counts the request in every rule it matches; the first that acts decides. *ret_rule is in the arena. */
enum fault_action faults_match(struct faults *f, const char *method, const char *path,
	struct arena *a, const struct fault_rule **ret_rule);

#endif
