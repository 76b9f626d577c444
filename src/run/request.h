/*
 * The body of a run's create request: only what differs from its application. Pure.
 *
 * The service replaces lists and maps whole, so one overridden Data Flow parameter means sending all: the
 * application's with ours put over them; likewise a Spark property, or half of a shape's size. What equals the
 * application's is left out. Tags are the application's, less weir's own, those of the step, and the one that ties
 * the run to its launch (tag.h).
 */
#ifndef RUN_REQUEST_H
#define RUN_REQUEST_H

#include "run/run.h"

/* compartment_id and name: of a step that has none of its own. tag: value of the tag `weir`. */
struct run *run_request(const struct run_step *step, const char *compartment_id, const char *name,
	const char *tag, struct arena *a);
/* "<application's display name>-<stamp>", the step's name between where several steps run one application; at
   most 255 bytes. */
char *run_display_name(
	const struct run_step *steps, size_t n, size_t i, int64_t now_ms, struct arena *a);

#endif
