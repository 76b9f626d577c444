#include "spec/apps.h"

#include "base/text.h"
#include "spec/interpolate.h"
#include "spec/merge.h"
#include "spec/target.h"
#include "spec/uris.h"
#include "spec/yaml.h"

#include <string.h>

enum { MERGED_MAX = 300000 };

/* Fields of an application as they are written, resolved. */
static const struct node *fields(struct spec *s, const struct node *raw)
{
	struct scope scope = {.s = s, .in_app = true};
	return interpolate(&scope, raw);
}

const struct node *apps_defaults(struct spec *s)
{
	const struct node *raw = node_get(s->raw, "defaults");
	if (!s->defaults && raw && raw->kind != NODE_NULL)
		s->defaults = fields(s, raw);
	return s->defaults;
}

const char *apps_language_of(const char *file)
{
	return text_ends(file, ".py") ? "PYTHON" : text_ends(file, ".sql") ? "SQL" : NULL;
}

static const char *text_of(const struct node *n)
{
	bool text = n && n->kind != NODE_NULL && n->kind != NODE_SEQ && n->kind != NODE_MAP;
	return text ? n->text : NULL;
}

static bool has(const struct node *app, const char *key)
{
	const struct node *n = node_get(app, key);
	return n && n->kind != NODE_NULL;
}

static void put_text(struct spec *s, struct node *app, const char *key, const char *text)
{
	struct node *n = node_str(s->a, text);
	n->mark = app->mark;
	node_put(s->a, app, key, n);
}

static void put_node(struct spec *s, struct node *app, const char *key, const struct node *value)
{
	if (value && value->kind != NODE_NULL)
		node_put(s->a, app, key, (struct node *)value);
}

/* One executor, of the driver's shape and size, as ADS has it. */
static void complete_size(struct spec *s, struct node *app)
{
	struct node *one = node_int(s->a, 1);
	one->mark = app->mark;
	if (!has(app, "num_executors"))
		put_node(s, app, "num_executors", one);
	if (has(app, "executor_shape"))
		return;
	put_node(s, app, "executor_shape", node_get(app, "driver_shape"));
	if (!has(app, "executor_shape_config"))
		put_node(s, app, "executor_shape_config", node_get(app, "driver_shape_config"));
}

/* By the file's name. One that could not be resolved was told, and stands for a language that is wrong as well. */
static void complete_language(struct spec *s, struct node *app)
{
	const struct node *file = node_get(app, "script");
	if (!text_of(file))
		file = node_get(app, "file_uri");
	if (has(app, "language") || !text_of(file))
		return;
	if (apps_language_of(file->text))
		put_text(s, app, "language", apps_language_of(file->text));
	else if (state_is_wrong(s, file->mark))
		put_node(s, app, "language", file);
}

static void complete(struct spec *s, const char *key, struct node *app)
{
	complete_size(s, app);
	complete_language(s, app);
	if (!has(app, "display_name"))
		put_text(s, app, "display_name", arena_printf(s->a, "%s-%s", s->name, key));
	if (!has(app, "compartment_id"))
		put_text(s, app, "compartment_id", target_compartment(s));
}

/* A map of our own, with room for what complete adds. */
static struct node *own_copy(struct spec *s, const struct node *n, struct mark mark)
{
	enum { ADDED = 6 };
	struct node *made = node_map(s->a);
	size_t count = n->kind == NODE_MAP ? n->u.map.n : 0;
	made->mark = mark;
	made->u.map.cap = count + ADDED;
	made->u.map.v = arena_array(s->a, made->u.map.cap, sizeof *made->u.map.v);
	if (count)
		memcpy(made->u.map.v, n->u.map.v, count * sizeof *made->u.map.v);
	made->u.map.n = count;
	return made;
}

static struct node *merged_app(
	struct spec *s, const char *key, struct mark mark, const struct node *raw)
{
	const struct node *n = raw->kind == NODE_NULL ? node_map(s->a) : fields(s, raw);
	const struct node *over = uris_override(s, key);
	n = merge(s->a, apps_defaults(s), n);
	if (over && over->kind != NODE_NULL)
		n = merge(s->a, n, fields(s, over));
	if (n->kind != NODE_MAP)
		return (struct node *)n;
	struct node *app = own_copy(s, n, mark);
	complete(s, key, app);
	return app;
}

const struct node *apps_merged(struct spec *s)
{
	struct scope scope = {.s = s};
	const struct node *raw = node_get(s->raw, "apps");
	size_t size = 0;
	if (!raw || raw->kind != NODE_MAP)
		return raw;
	struct node *all = node_map(s->a);
	all->mark = raw->mark;
	for (size_t i = 0; i < raw->u.map.n; i++) {
		const struct node_pair *pair = &raw->u.map.v[i];
		const char *key = interpolate_key(&scope, pair);
		struct node *app = merged_app(s, key, pair->key_mark, pair->value);
		size += yaml_size(app, MERGED_MAX + 1);
		if (size > MERGED_MAX) {
			state_error(s, pair->key_mark, "give fewer values in `defaults`",
				"too large: the apps have more than %d values with what they "
				"inherit",
				MERGED_MAX);
			break;
		}
		node_add(s->a, all, key, app);
		all->u.map.v[all->u.map.n - 1].key_mark = pair->key_mark;
	}
	return all;
}
