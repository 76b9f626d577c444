/*
 * `${name}` in an application's arguments: Data Flow's run-time parameter. name is [A-Za-z0-9_]+; what looks
 * otherwise ("${", "${a b}", "$x") is ordinary text. A value is not looked at again: `${x}` in it stays.
 *
 *	for (const char *s = argument; placeholder_next(s, &p); s = p.end)
 *		use(p.name, p.name_n);
 */
#ifndef MODEL_PLACEHOLDER_H
#define MODEL_PLACEHOLDER_H

#include "field/field.h"

struct placeholder {
	const char *start, *end; /* of "${name}" */
	const char *name;        /* not ended by a NUL */
	size_t name_n;
};
/* The first one in s. */
bool placeholder_next(const char *s, struct placeholder *ret);
/* The value of the parameter that p names; NULL if there is none. */
const char *placeholder_value(const struct placeholder *p, const struct pairs *parameters);
/* s with each one replaced by its value; those without a parameter stay. */
char *placeholder_expand(struct arena *a, const char *s, const struct pairs *parameters);

#endif
