#include "spec/check.h"

#include "base/text.h"
#include "model/ocid.h"
#include "model/placeholder.h"
#include "spec/reference.h"
#include "spec/source.h"

#include <stddef.h>
#include <string.h>

const struct node *check_value(const struct keyed_head *head, const char *key)
{
	const struct node *n = node_get(head->node, key);
	return n && n->kind != NODE_NULL ? n : NULL;
}

struct mark check_mark(const struct keyed_head *head, const char *key)
{
	const struct node *n = check_value(head, key);
	return n ? n->mark : head->mark;
}

bool check_waits(const char *text)
{
	return reference_in(text, strlen(text));
}

static const char *nearest_pair(
	struct spec *s, const char *name, const struct pairs *first, const struct pairs *second)
{
	size_t n = 0, all = first->n + (second ? second->n : 0);
	if (!state_suggests(s))
		return NULL;
	const char **names = arena_array(s->a, all + 1, sizeof *names);
	for (size_t i = 0; i < first->n; i++)
		names[n++] = first->v[i].name;
	for (size_t i = 0; second && i < second->n; i++)
		names[n++] = second->v[i].name;
	const char *near = text_nearest(name, names);
	return near ? arena_printf(s->a, "did you mean `${%s}`?", near) : NULL;
}

static void put_names(struct map *to, const struct pairs *p)
{
	for (size_t i = 0; p && i < p->n; i++)
		map_put(to, p->v[i].name, NULL);
}

void check_placeholders(struct spec *s, const struct strs *arguments, const struct node *at,
	const struct pairs *first, const struct pairs *second, const char *hint)
{
	arena_auto scratch = {0};
	struct map declared = {.arena = &scratch};
	/* Where an argument was wrong the two lists do not go together. */
	if (!at || at->kind != NODE_SEQ || at->u.seq.n != arguments->n)
		return;
	put_names(&declared, first);
	put_names(&declared, second);
	for (size_t i = 0; i < arguments->n; i++) {
		struct placeholder p;
		for (const char *rest = arguments->v[i]; placeholder_next(rest, &p); rest = p.end) {
			const char *name = arena_strndup(&scratch, p.name, p.name_n);
			if (map_has(&declared, name))
				continue;
			const char *near = nearest_pair(s, name, first, second);
			state_error(s, at->u.seq.v[i]->mark, near ? near : hint,
				"no parameter `%s` is declared for `${%s}`", name, name);
		}
	}
}

static void check_id(struct spec *s, const struct node *fields, const char *key, const char *kind,
	const char *where)
{
	const struct node *n = node_get(fields, key);
	if (n && n->kind == NODE_STR && *n->text && !check_waits(n->text) &&
		!ocid_is(n->text, kind))
		state_app_error(s, n->mark, arena_printf(s->a, "it begins with `ocid1.%s.`", kind),
			"`%s` of %s is not the OCID of %s", key, where, ocid_kind_doc(kind));
}

void check_ids(struct spec *s, const struct keyed_head *head, const char *where)
{
	const struct node *logs = node_get(head->node, "application_log_config");
	check_id(s, head->node, "metastore_id", "datacatalogmetastore", where);
	check_id(s, head->node, "pool_id", "dataflowpool", where);
	check_id(s, head->node, "private_endpoint_id", "dataflowprivateendpoint", where);
	check_id(s, logs, "log_group_id", "loggroup", where);
	check_id(s, logs, "log_id", "log", where);
}

static void warn_of_returns(struct spec *s, const struct node *n)
{
	for (size_t i = 0; n && n->kind == NODE_SEQ && i < n->u.seq.n; i++)
		warn_of_returns(s, n->u.seq.v[i]);
	for (size_t i = 0; n && n->kind == NODE_MAP && i < n->u.map.n; i++)
		warn_of_returns(s, n->u.map.v[i].value);
	if (n && n->kind == NODE_STR && strchr(n->text, '\r'))
		state_warning(s, n->mark, "pass it in a file, or escaped",
			"the job will not see the carriage return: spark-submit removes it from "
			"arguments");
}

void check_returns(struct spec *s, const struct keyed_head *head)
{
	warn_of_returns(s, check_value(head, "arguments"));
	warn_of_returns(s, check_value(head, "parameters"));
}

static void check_input(struct spec *s, const struct archive_decl *x, const char *name,
	const char *path, struct mark at)
{
	if (path)
		source_check(
			s, path, at, arena_printf(s->a, "%s of archives.%s", name, x->head.key));
}

/* Built of its inputs, or there already. */
static void check_archive_inputs(struct spec *s, const struct archive_decl *x)
{
	const struct keyed_head *head = &x->head;
	bool inputs = x->packages || x->requirements || x->files.n;
	if (x->path && (inputs || x->python))
		state_error(s, check_mark(head, "path"), "leave `path` out, or all others",
			"archives.%s has a `path`: it is not built of packages, requirements and files",
			head->key);
	else if (!x->path && !inputs)
		state_error(s, head->mark,
			"give `path`, a zip; or `packages`, `requirements`, `files`, of which it is built",
			"archives.%s is of nothing", head->key);
	check_input(s, x, "path", x->path, check_mark(head, "path"));
	check_input(s, x, "packages", x->packages, check_mark(head, "packages"));
	check_input(s, x, "requirements", x->requirements, check_mark(head, "requirements"));
	const struct node *files = check_value(head, "files");
	/* Where one of them was wrong the two lists do not go together. */
	bool each = files && files->kind == NODE_SEQ && files->u.seq.n == x->files.n;
	for (size_t i = 0; i < x->files.n; i++)
		check_input(s, x, "files", x->files.v[i],
			each ? files->u.seq.v[i]->mark : check_mark(head, "files"));
}

void check_archives(struct spec *s, const struct pipeline *p)
{
	const struct archive_decl *v = p->archives.v;
	for (size_t i = 0; i < p->archives.n; i++) {
		check_object_name(s, &v[i].head, "object", v[i].object);
		check_archive_inputs(s, &v[i]);
	}
}

static void warn_of_unused_archives(struct spec *s, const struct pipeline *p)
{
	const struct archive_decl *v = p->archives.v;
	const struct app_decl *apps = p->apps.v;
	for (size_t i = 0; i < p->archives.n; i++) {
		const struct keyed_head *head = &v[i].head;
		bool used = map_has(&s->archive_bucket, head->key);
		for (size_t j = 0; j < p->apps.n && !used; j++)
			used = text_equal(apps[j].fields.archive, head->key);
		if (!used)
			state_warning(s, head->mark,
				arena_printf(s->a, "name it in an app: `archive: %s`", head->key),
				"no app uses archives.%s: it is not uploaded", head->key);
	}
}

void check_object_name(
	struct spec *s, const struct keyed_head *head, const char *key, const char *name)
{
	struct mark at = check_mark(head, key);
	if (!name)
		return;
	if (*name == '/')
		state_error(s, at, NULL, "an object's name does not begin with /");
	if (text_starts(name, "weir/"))
		state_error(s, at, arena_printf(s->a, "leave `%s` out for a name there", key),
			"names that begin with weir/ are weir's own");
}

static void check_objects(struct spec *s, const struct pipeline *p)
{
	arena_auto scratch = {0};
	struct map seen = {.arena = &scratch};
	struct object_decl *v = p->objects.v;
	for (size_t i = 0; i < p->objects.n; i++) {
		struct object_decl *o = &v[i];
		const char *where = arena_printf(s->a, "path of objects.%s", o->head.key);
		if (o->path)
			source_check(s, o->path, check_mark(&o->head, "path"), where);
		check_object_name(s, &o->head, "object", o->object);
		if (!o->object || !o->bucket)
			continue;
		const char *name = arena_printf(&scratch, "%s/%s", o->bucket, o->object);
		const struct object_decl *first = map_get(&seen, name);
		if (first)
			state_error(s, o->head.mark, NULL,
				"objects.%s and objects.%s are one object: %s in bucket %s",
				first->head.key, o->head.key, o->object, o->bucket);
		else
			map_put(&seen, name, o);
	}
}

void check_pipeline(struct spec *s, const struct pipeline *p)
{
	const struct sequence_decl *sequences = p->sequences.v;
	check_objects(s, p);
	check_archives(s, p);
	warn_of_unused_archives(s, p);
	check_apps(s, p);
	check_guards(s, p);
	for (size_t i = 0; i < p->sequences.n; i++)
		check_sequence(s, p, &sequences[i]);
}
