#include "import/lift.h"

#include "base/map.h"

#include <string.h>

/* What an app is, rather than how it is run. */
static bool is_its_own(const char *key)
{
	static const char *const own[] = {"adopt", "display_name", "description", "script",
		"script_object", "file_uri", "execute", "class_name", "arguments", "parameters",
		"prevent_delete"};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (!strcmp(key, own[i]))
			return true;
	return false;
}

/* Maps merge, so that another one than the default would get keys of it that it lacks. */
static bool has_keys_of(const struct node *value, const struct node *dflt)
{
	if (value->kind != NODE_MAP || dflt->kind != NODE_MAP)
		return true;
	for (size_t i = 0; i < dflt->u.map.n; i++)
		if (!node_get(value, dflt->u.map.v[i].key))
			return false;
	return true;
}

struct tally {
	const struct node *value;
	size_t count;
};

static struct tally *count_value(struct map *values, const struct node *value)
{
	buf_auto text = {0};
	node_to_json(value, NODE_JSON_COMPACT, &text);
	struct tally *t = map_get(values, buf_str(&text));
	if (!t) {
		t = arena_new(values->arena, struct tally);
		t->value = value;
		map_put(values, buf_str(&text), t);
	}
	t->count++;
	return t;
}

/* The value that more than half of the apps have, where all have one; NULL: there is none to lift. */
static const struct node *commonest(struct node *const *apps, size_t n, const char *key)
{
	arena_auto scratch = {0};
	struct map values = {.arena = &scratch};
	const struct tally *best = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct node *value = node_get(apps[i], key);
		if (!value)
			return NULL;
		const struct tally *t = count_value(&values, value);
		best = !best || t->count > best->count ? t : best;
	}
	for (size_t i = 0; best && i < n; i++)
		if (!has_keys_of(node_get(apps[i], key), best->value))
			return NULL;
	return best && 2 * best->count > n ? best->value : NULL;
}

static void take_away(struct node *app, const char *key, const struct node *value)
{
	size_t n = 0;
	for (size_t i = 0; i < app->u.map.n; i++) {
		const struct node_pair *pair = &app->u.map.v[i];
		if (strcmp(pair->key, key) != 0 || !node_equal(pair->value, value))
			app->u.map.v[n++] = *pair;
	}
	app->u.map.n = n;
}

struct node *import_lift(struct node **apps, size_t n, struct arena *a)
{
	struct node *lifted = node_map(a);
	if (n < 2)
		return lifted;
	/* A copy, since the fields go one by one. */
	const struct node *first = node_copy(a, apps[0]);
	for (size_t f = 0; f < first->u.map.n; f++) {
		const char *key = first->u.map.v[f].key;
		const struct node *value = is_its_own(key) ? NULL : commonest(apps, n, key);
		if (!value)
			continue;
		for (size_t i = 0; i < n; i++)
			take_away(apps[i], key, value);
		node_add(a, lifted, key, (struct node *)value);
	}
	return lifted;
}
