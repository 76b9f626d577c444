/* Dependency archives: built, looked into, checked. */
#include "archive/check.h"
#include "base/text.h"
#include "cli/archiving.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <string.h>

typedef bool archive_fn(
	struct session *s, const struct archive_decl *d, struct node *doc, struct err *err);

static const char *bytes(struct arena *a, uint64_t n)
{
	char text[16];
	return arena_strdup(a, text_bytes(n, text));
}

/* ---- build */

static bool build(
	struct session *s, const struct archive_decl *d, struct node *doc, struct err *err)
{
	struct cli *cli = s->cli;
	struct arena *a = &cli->arena;
	struct archive_built built;
	if (d->path) {
		if (!output_json(cli))
			buf_printf(&cli->out, "archives.%s is %s: there is nothing to build.\n",
				d->head.key, d->path);
		return true;
	}
	const struct archive_build b = archiving_of(s, d);
	if (!archive_build(&b, a, &built, err))
		return err_wrap(err, "archives.%s", d->head.key);
	node_put(a, doc, "path", node_str(a, built.path));
	node_put(a, doc, "size", node_int(a, (int64_t)built.size));
	node_put(a, doc, "lock_file", node_str(a, built.lock_name));
	node_put(a, doc, "built", node_bool(a, built.made));
	node_put(a, doc, "locked", node_bool(a, built.locked));
	if (output_json(cli))
		return true;
	buf_printf(&cli->out, "archives.%s: %s, %s, %s.\n", d->head.key,
		built.made ? "built" : "nothing has changed", built.path, bytes(a, built.size));
	if (built.locked)
		buf_printf(
			&cli->out, "%s has what it is made of: keep it in Git.\n", built.lock_name);
	return true;
}

/* ---- check and show */

static const char *kind_name(enum archive_found_kind kind)
{
	static const char *const names[] = {[FOUND_ERROR] = "error", [FOUND_WARNING] = "warning"};
	return names[kind];
}

static void put_parts(struct cli *cli, const struct archive_report *r, struct node *doc)
{
	struct arena *a = &cli->arena;
	struct node *list = node_seq(a);
	for (size_t i = 0; i < r->parts_n; i++) {
		const struct archive_described *p = &r->parts[i];
		struct node *n = node_map(a);
		node_put(a, n, "name", node_str(a, p->name));
		node_put(a, n, "origin", node_str(a, p->origin));
		node_put(a, n, "licence", p->licence ? node_str(a, p->licence) : node_null(a));
		node_put(a, n, "size", node_int(a, (int64_t)p->size));
		node_append(a, list, n);
	}
	node_put(a, doc, "parts", list);
	list = node_seq(a);
	for (size_t i = 0; i < r->found_n; i++) {
		struct node *n = node_map(a);
		node_put(a, n, "severity", node_str(a, kind_name(r->found[i].kind)));
		node_put(a, n, "summary", node_str(a, r->found[i].text));
		node_put(a, n, "detail", node_str(a, r->found[i].cure));
		node_append(a, list, n);
	}
	node_put(a, doc, "findings", list);
	node_put(a, doc, "size", node_int(a, (int64_t)r->size));
}

static bool report(struct session *s, const struct archive_decl *d, struct archive_report *ret,
	struct node *doc, struct err *err)
{
	const struct archive_build b = archiving_of(s, d);
	if (!archive_report(&b, archiving_spark_jars(&s->cli->arena), &s->cli->arena, ret, err))
		return err_wrap(err, "archives.%s", d->head.key);
	put_parts(s->cli, ret, doc);
	return true;
}

static bool check(
	struct session *s, const struct archive_decl *d, struct node *doc, struct err *err)
{
	struct cli *cli = s->cli;
	struct archive_report r;
	size_t errors = 0;
	if (!report(s, d, &r, doc, err))
		return false;
	for (size_t i = 0; i < r.found_n; i++) {
		errors += r.found[i].kind == FOUND_ERROR;
		if (output_json(cli))
			continue;
		buf_printf(&cli->out, "%s: archives.%s: %s\n  = %s\n", kind_name(r.found[i].kind),
			d->head.key, r.found[i].text, r.found[i].cure);
	}
	if (!output_json(cli) && !r.found_n)
		buf_printf(&cli->out, "archives.%s is well: %zu parts, %s.\n", d->head.key,
			r.parts_n, bytes(&cli->arena, r.size));
	if (errors)
		cli->status = 1;
	return true;
}

static bool show(struct session *s, const struct archive_decl *d, struct node *doc, struct err *err)
{
	struct cli *cli = s->cli;
	struct archive_report r;
	if (!report(s, d, &r, doc, err))
		return false;
	if (output_json(cli))
		return true;
	buf_printf(&cli->out, "archives.%s: %s, python %s\n", d->head.key,
		r.size ? bytes(&cli->arena, r.size) : "not built", r.python);
	for (size_t i = 0; i < r.parts_n; i++)
		buf_printf(&cli->out, "  %-48s %10s  %-22s %s\n", r.parts[i].name,
			bytes(&cli->arena, r.parts[i].size),
			r.parts[i].licence ? r.parts[i].licence : "licence unknown",
			r.parts[i].origin);
	return true;
}

/* ---- which */

static const struct archive_decl *find(struct session *s, const char *name, struct err *err)
{
	const struct archive_decl *v = s->desired->archives.v;
	const char **names = arena_array(&s->cli->arena, s->desired->archives.n + 1, sizeof *names);
	if (text_starts(name, "archives."))
		name += strlen("archives.");
	for (size_t i = 0; i < s->desired->archives.n; i++) {
		if (text_equal(v[i].head.key, name))
			return &v[i];
		names[i] = v[i].head.key;
	}
	err_set(err, ERR_USAGE, "the pipeline has no archives.%s", name);
	const char *near = text_nearest(name, names);
	if (near)
		err_hint(err, "did you mean `%s`?", near);
	return NULL;
}

static bool do_one(struct session *s, const struct archive_decl *d, archive_fn *fn,
	struct node *list, struct err *err)
{
	struct arena *a = &s->cli->arena;
	struct node *doc = node_map(a);
	node_put(a, doc, "name", node_str(a, d->head.key));
	node_append(a, list, doc);
	return fn(s, d, doc, err);
}

static bool do_all(struct session *s, archive_fn *fn, struct node *list, struct err *err)
{
	struct cli *cli = s->cli;
	const struct archive_decl *v = s->desired->archives.v;
	for (size_t i = 1; i < cli->args_n; i++) {
		const struct archive_decl *d = find(s, cli->args[i], err);
		if (!d || !do_one(s, d, fn, list, err))
			return false;
	}
	for (size_t i = 0; cli->args_n == 1 && i < s->desired->archives.n; i++)
		if (!do_one(s, &v[i], fn, list, err))
			return false;
	if (cli->args_n == 1 && !s->desired->archives.n && !output_json(cli))
		buf_adds(&cli->out, "The pipeline has no archives.\n");
	return true;
}

bool cmd_archive(struct cli *cli, struct err *err)
{
	static const struct {
		const char *name;
		archive_fn *fn;
	} verbs[] = {{"build", build}, {"check", check}, {"show", show}};
	static const char *const names[] = {"build", "check", "show", NULL};
	session_auto s = {0};
	archive_fn *fn = NULL;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (text_equal(cli->args[0], verbs[i].name))
			fn = verbs[i].fn;
	if (!fn) {
		const char *near = text_nearest(cli->args[0], names);
		err_set(err, ERR_USAGE, "`weir archive` can't %s: build, check or show",
			cli->args[0]);
		return near ? err_hint(err, "did you mean `%s`?", near) : false;
	}
	if (fn != build && (cli->update || cli->allow_sdist))
		return err_set(err, ERR_USAGE, "`--update` and `--allow-sdist` are for `build`");
	if (!session_archives(&s, cli, err))
		return false;
	struct node *doc = node_map(&cli->arena), *list = node_seq(&cli->arena);
	bool ok = do_all(&s, fn, list, err);
	node_put(&cli->arena, doc, "format_version", node_str(&cli->arena, "1.0"));
	node_put(&cli->arena, doc, "archives", list);
	if (ok && output_json(cli))
		output_node(cli, doc);
	return ok;
}
