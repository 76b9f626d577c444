/*
 * What `weir doctor` finds: a line a check, and for what is not right what cures it, among it policy statements.
 *
 *	ok    credentials  DEFAULT of ~/.oci/config are accepted
 *	fail  bucket logs  it is not there, or not yours to see
 *	        cure    declare it under `buckets:`
 *	        policy  Allow group analysts to read buckets in compartment id ocid1.compartment.oc1..aaaa
 */
#ifndef REPORT_FINDINGS_H
#define REPORT_FINDINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "field/field.h"

enum finding_status { FINDING_OK, FINDING_WARN, FINDING_FAIL, FINDING_STATUSES };
struct finding {
	enum finding_status status;
	const char *name, *text;
	struct strs cures, policies;
};
struct findings {
	struct arena *arena;
	struct finding **v;
	size_t n, cap;
	size_t count[FINDING_STATUSES];
};
struct finding *findings_add(struct findings *f, enum finding_status status, const char *name,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void finding_cure(struct findings *f, struct finding *of, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void finding_policy(struct findings *f, struct finding *of, const char *statement);
/* A failure: the first line of an error, the others as cures. */
struct finding *findings_failed(struct findings *f, const char *name, const struct err *err);

void findings_text(const struct findings *f, bool color, struct buf *out);
/* {"format_version", "ok", "warnings", "failures", "checks": [{"name", "status", "text", "cures", "policies"}]} */
struct node *findings_json(const struct findings *f, struct arena *a);

#endif
