#include "base/map.h"

#include <string.h>

/* FNV-1a. The keys of one map come from one file or one reply of bounded size. */
static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static size_t slot_of(const struct map *m, const char *key)
{
	size_t i = hash(key) & (m->slots_n - 1);
	while (m->slots[i] && strcmp(m->v[m->slots[i] - 1].key, key))
		i = (i + 1) & (m->slots_n - 1);
	return i;
}

static void rehash(struct map *m)
{
	m->slots_n = m->slots_n ? m->slots_n * 2 : 16;
	m->slots = arena_array(m->arena, m->slots_n, sizeof *m->slots);
	for (size_t i = 0; i < m->n; i++)
		m->slots[slot_of(m, m->v[i].key)] = (uint32_t)i + 1;
}

bool map_put(struct map *m, const char *key, void *value)
{
	if ((m->n + 1) * 2 > m->slots_n)
		rehash(m);
	size_t at = slot_of(m, key);
	if (m->slots[at]) {
		m->v[m->slots[at] - 1].value = value;
		return false;
	}
	m->v = arena_grow(m->arena, m->v, m->n, &m->cap, sizeof *m->v);
	m->v[m->n] = (struct map_entry){arena_strdup(m->arena, key), value};
	m->slots[at] = (uint32_t)++m->n;
	return true;
}

void *map_get(const struct map *m, const char *key)
{
	if (!m->slots_n)
		return NULL;
	uint32_t i = m->slots[slot_of(m, key)];
	return i ? m->v[i - 1].value : NULL;
}

bool map_has(const struct map *m, const char *key)
{
	return m->slots_n && m->slots[slot_of(m, key)];
}
