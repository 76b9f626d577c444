/*
 * In which order the actions of a plan stand, and which must wait for which.
 *
 * A creation or change waits for what its resource needs. The deletion of an object waits for the action that
 * ends its use by a live application: were that to fail, the application would be left without its script.
 */
#ifndef PLAN_ORDER_H
#define PLAN_ORDER_H

#include "plan/plan.h"

/* Sorts p->v and fills `needs`. */
void order_actions(struct plan *p, struct arena *a);

#endif
