/*
 * A record for people: a line a field, its name and its value; lists and maps as JSON. What a service calls a thing is
 * escaped.
 */
#ifndef REPORT_FIELDS_H
#define REPORT_FIELDS_H

#include "field/node.h"

/* Nothing for a text that is NULL or empty. */
void fields_line(struct buf *out, const char *name, const char *text);
/* All of a map that are not empty. */
void fields_text(const struct node *map, struct buf *out);

#endif
