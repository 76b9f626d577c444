/*
 * What ties a run to the pipeline: the value of its freeform tag `weir`,
 * "<pipeline>/<target>/<sequence>/<invocation>/<step>". An invocation is one launch; its id begins with
 * the time, so that they sort: "20261120T153639Z-k3fq".
 */
#ifndef RUN_TAG_H
#define RUN_TAG_H

#include "base/arena.h"
#include "field/field.h"

#include <stdbool.h>
#include <stdint.h>

struct run_tag {
	const char *pipeline, *target, *sequence, *invocation, *step;
};
char *run_tag_format(struct arena *a, const struct run_tag *tag);
/* False where there is no such tag, or it has another form. */
bool run_tag_parse(struct arena *a, const struct pairs *freeform_tags, struct run_tag *ret);

/* "20261120T153639Z" of Unix time in ms. */
char *run_stamp(struct arena *a, int64_t now_ms);
/* A stamp and four random characters. */
char *run_invocation(struct arena *a, int64_t now_ms);

#endif
