/*
 * What many apps have in common goes under `defaults`. Pure.
 */
#ifndef IMPORT_LIFT_H
#define IMPORT_LIFT_H

#include "field/node.h"

/* apps: maps of fields, from which what is lifted is taken away. An app that has another value keeps it; a field that
   one of them lacks stays where it is, since null would have to take it back. */
struct node *import_lift(struct node **apps, size_t n, struct arena *a);

#endif
