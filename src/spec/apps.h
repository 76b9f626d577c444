/*
 * Apps as they are decoded: defaults < app < the target's override, and what follows from the rest: the
 * compartment is the target's, the display name is `<pipeline>-<app>` and the language that of the script's
 * name, unless given.
 */
#ifndef SPEC_APPS_H
#define SPEC_APPS_H

#include "spec/state.h"

/* `defaults`, resolved; NULL: there are none. */
const struct node *apps_defaults(struct spec *s);
/* `apps`, merged; as it is written where it is no map. */
const struct node *apps_merged(struct spec *s);
/* PYTHON, SQL, or NULL: a file's name does not tell. */
const char *apps_language_of(const char *file);

#endif
