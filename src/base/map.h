/*
 * Strings to pointers, in an arena; iterates in the order of insertion. Keys are copied.
 *
 *	struct map m = {.arena = &arena};
 *	map_put(&m, "a", thing);
 *	for (size_t i = 0; i < m.n; i++)
 *		use(m.v[i].key, m.v[i].value);
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	const char *key;
	void *value;
};
struct map {
	struct arena *arena;
	struct map_entry *v;
	size_t n, cap;
	uint32_t *slots; /* index + 1 into v; 0: free */
	size_t slots_n;  /* a power of two */
};

/* Puts or replaces; returns false if the key was there. */
bool map_put(struct map *m, const char *key, void *value);
void *map_get(const struct map *m, const char *key); /* NULL if absent */
bool map_has(const struct map *m, const char *key);

#endif
