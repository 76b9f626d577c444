/* The parts of `weir doctor`, each of which adds what it finds. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/session.h"
#include "report/findings.h"

struct doctor {
	struct session *s;
	struct findings found;
	const char *group;         /* of policy statements: --group, or "<group>" */
	const char *ns;            /* NULL: not known */
	struct strs compartments;  /* that the file names, or that was given */
	struct strs statements;    /* all that the group needs */
	const char *service_needs; /* what Data Flow itself needs; NULL: nothing is known of it */
};
/* "Allow group G to VERB in compartment id C", "in tenancy" for a tenancy's own OCID. */
const char *doctor_policy(const struct doctor *d, const char *verb, const char *compartment);
/* Puts it among `statements`. */
void doctor_need(struct doctor *d, const char *verb, const char *compartment);
/* Whether an error may mean that a policy is missing. */
bool doctor_is_refusal(const struct err *err);

/* Data Flow in each compartment: reached, and whether applications and runs may be made. False: interrupted. */
bool doctor_dataflow(struct doctor *d, struct err *err);
/* Each bucket that the pipeline names. False: interrupted. */
bool doctor_buckets(struct doctor *d, struct err *err);

#endif
