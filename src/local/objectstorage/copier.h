/*
 * Carries out the copies that were accepted, in their order, in a thread of its own: at once, and at start those
 * that an earlier service left. WEIR_LOCAL_COPY_MS (for tests) is how long each waits before it begins, and before it
 * ends.
 */
#ifndef LOCAL_COPIER_H
#define LOCAL_COPIER_H

#include "base/err.h"

struct service;
struct copier;
struct copier *copier_start(struct service *s, struct err *err);
void copier_wake(struct copier *c); /* there is something to do; c may be NULL */
void copier_stop(struct copier *c); /* what was not done is left to the next start; c may be NULL */

#endif
