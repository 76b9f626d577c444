/*
 * Takes resources from state to state when their steps are due (the table `steps`, dataflow_work.h), in a thread of its
 * own; at start what an earlier service left goes on. WEIR_LOCAL_STEP_MS is how long a step takes, for tests; 300.
 */
#ifndef LOCAL_STEPPER_H
#define LOCAL_STEPPER_H

#include "base/err.h"

#include <stdint.h>

struct service;
struct stepper;
struct stepper *stepper_start(struct service *s, struct err *err);
void stepper_wake(struct stepper *s); /* there is a new step; s may be NULL */
void stepper_stop(struct stepper *s); /* s may be NULL */
int64_t stepper_ms(void);

#endif
