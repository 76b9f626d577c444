/*
 * Which target a call is for: -t, else the one with `default: true`, else the only one. A file without targets
 * has one, local.
 */
#ifndef SPEC_TARGET_H
#define SPEC_TARGET_H

#include "spec/state.h"

/* Decodes `targets` and sets s->target, as it is written. False, and told, when there is none. */
bool target_choose(struct spec *s);
/* Sets s->target anew, with its references resolved. */
void target_resolve(struct spec *s);
/* The compartment of what names none of its own: the target's, or its stand-in. */
const char *target_compartment(const struct spec *s);
/* What every target says of parameters and apps must name such as there are. */
void target_check(struct spec *s);

#endif
