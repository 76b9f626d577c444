/*
 * The checks of a step (model/pipeline.h, `check_decl`), made after its run has SUCCEEDED: on what the program printed,
 * on what its logs hold, and on what lies in a bucket. One after the other; the log and each listing are asked for once. A check that does not
 * hold is a result; that it could not be made, since the service did not answer or refused, is an error.
 *
 *	check_run(oci, run, &step->checks, on_checked, ctx);
 */
#ifndef RUN_CHECK_H
#define RUN_CHECK_H

#include "model/pipeline.h"
#include "oci/oci.h"

struct check_result {
	const struct check_decl *decl;
	bool ok;
	const char *
		text; /* what was found: "12 objects, 4 MiB"; or what was expected, and what was found instead */
};
/* results: one a check, in the session's arena; NULL with an err. From oci_run(). */
typedef void check_done_fn(
	void *ctx, const struct err *err, const struct check_result *results, size_t n);
/* secrets: the values of references to secrets in `not_logged`, by the reference; they live until `done`. */
void check_run(struct oci *oci, const struct run *run, const struct keyed *checks,
	const struct pairs *secrets, check_done_fn *done, void *ctx);

/* Whether what was printed (without what was logged) is as it should be. Pure. */
bool check_printed(const struct printed_check *want, const char *text, size_t len, struct arena *a,
	const char **ret);

/* Whether none of the texts is in a log. *ret: which one is, by its reference, and where. Pure. */
bool check_not_logged(const struct strs *texts, const struct pairs *secrets, const char *log,
	const char *text, size_t len, struct arena *a, const char **ret);

/* What lies under a prefix. */
struct check_found {
	const char *uri;
	uint64_t count, bytes;
};
/* Pure. */
bool check_objects(const struct check_decl *want, const struct check_found *found, struct arena *a,
	const char **ret);

/* An object that was listed. */
struct check_object {
	int64_t size;
	const char *md5; /* NULL: the service has none, since it came in parts */
};
/* A manifest against the objects by their names (struct check_object). ERR_INVALID, with the line, if it is none. Pure. */
struct map;
bool check_manifest(const char *text, size_t len, const struct map *objects, struct arena *a,
	bool *ret_ok, const char **ret, struct err *err);

#endif
