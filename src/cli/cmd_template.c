#include "cli/commands.h"
#include "cli/output.h"
#include "cli/template.h"
#include "model/pipeline.h"

#include "base/fs.h"
#include "base/text.h"

#include <string.h>

/* What is made: a script or two, and a pipeline where there is none. */
struct making {
	struct cli *cli;
	const struct template_kind *kind;
	const char *key, *dir;
	const char *pipeline; /* the file that is there; NULL: it is made too */
	const char *names[TEMPLATE_FILES_MAX + 2], *texts[TEMPLATE_FILES_MAX + 2];
	size_t n;
};

static bool find_kind(struct cli *cli, const struct template_kind **ret, struct err *err)
{
	const char *given = cli->args[0], *names[16] = {NULL};
	buf_auto all = {0};
	size_t n = 0;
	for (const struct template_kind *k = template_kinds; k->name; k++) {
		if (text_equal(k->name, given)) {
			*ret = k;
			return true;
		}
		names[n++] = k->name;
		buf_printf(&all, "%s%s", all.len ? ", " : "", k->name);
	}
	const char *near = text_nearest(given, names);
	err_set(err, ERR_USAGE, "there is no template `%s`: %s", given, buf_str(&all));
	return near ? err_hint(err, "did you mean `%s`?", near) : false;
}

/* The pipeline that is there must not have an app of that name yet. One that is no YAML is none of our business here. */
static bool check_pipeline(const struct making *m, struct err *err)
{
	struct arena *a = &m->cli->arena;
	struct diags ignored = {.arena = a};
	buf_auto text = {.max = 8 << 20};
	if (!fs_read(m->pipeline, &text, err))
		return false;
	const char *kept = arena_strndup(a, buf_str(&text), text.len);
	const struct node *doc = spec_parse(kept, text.len, m->pipeline, a, &ignored);
	const struct node *apps = doc ? node_get(doc, "apps") : NULL;
	if (!apps || !node_get(apps, m->key))
		return true;
	err_set(err, ERR_USAGE, "%s has an app `%s` already", m->pipeline, m->key);
	return err_hint(err, "give another name: weir template %s NAME", m->kind->name);
}

static void add(struct making *m, const char *name, const char *text)
{
	m->names[m->n] = name;
	m->texts[m->n++] = text;
}

static void collect(struct making *m)
{
	struct arena *a = &m->cli->arena;
	for (const struct template_file *f = m->kind->files; f->from; f++)
		add(m, template_fill(a, f->to, m->key), template_text(a, f->from, m->key));
	if (!m->pipeline)
		add(m, "pipeline.yaml",
			arena_printf(a, "%s%s", template_text(a, "pipeline.yaml", m->key),
				template_text(a, m->kind->entry, m->key)));
}

/* What must not be there yet: the files, or the folders that hold them. */
static const char **taken_names(const struct making *m)
{
	struct arena *a = &m->cli->arena;
	const char **taken = arena_array(a, m->n + 1, sizeof *taken);
	for (size_t i = 0; i < m->n; i++)
		taken[i] = arena_strndup(a, m->names[i], strcspn(m->names[i], "/"));
	return taken;
}

static bool make(struct making *m, struct err *err)
{
	struct folder f;
	if (!folder_begin_beside(&f, m->dir, taken_names(m), &m->cli->arena, err))
		return false;
	bool ok = true;
	for (size_t i = 0; i < m->n && ok; i++)
		ok = template_write(&f, m->names[i], m->texts[i], err);
	ok = ok && folder_keep(&f, err);
	folder_drop(&f);
	return ok;
}

static void put_json(const struct making *m, const char *entry)
{
	struct arena *a = &m->cli->arena;
	struct node *doc = node_map(a), *files = node_seq(a);
	for (size_t i = 0; i < m->n; i++)
		node_append(a, files, node_str(a, fs_join(a, m->dir, m->names[i])));
	node_add(a, doc, "files", files);
	node_add(a, doc, "entry", node_str(a, entry));
	output_node(m->cli, doc);
}

static void tell(const struct making *m)
{
	struct cli *cli = m->cli;
	struct arena *a = &cli->arena;
	const char *entry = m->pipeline ? template_text(a, m->kind->entry, m->key) : NULL;
	if (output_json(cli))
		put_json(m, entry);
	else if (entry)
		buf_adds(&cli->out, entry);
	for (size_t i = 0; i < m->n; i++)
		output_say(cli, OUTPUT_NOTE, "made %s", fs_join(a, m->dir, m->names[i]));
	if (entry)
		output_say(cli, OUTPUT_NOTE, "to be added under `apps:` of %s: what is on stdout",
			m->pipeline);
	if (m->kind->next)
		output_say(cli, OUTPUT_NOTE, "%s", template_fill(a, m->kind->next, m->key));
}

bool cmd_template(struct cli *cli, struct err *err)
{
	struct making m = {.cli = cli, .dir = cli->into ? cli->into : "."};
	if (!find_kind(cli, &m.kind, err))
		return false;
	m.key = cli->args_n > 1 ? cli->args[1] : m.kind->name;
	if (!pipeline_key_ok(m.key))
		return err_set(err, ERR_USAGE, "`%s` is not " PIPELINE_KEY_DOC, m.key);
	const char *there = fs_join(&cli->arena, m.dir, "pipeline.yaml");
	m.pipeline = fs_exists(there) ? there : NULL;
	if (m.pipeline && !check_pipeline(&m, err))
		return false;
	collect(&m);
	if (!make(&m, err))
		return false;
	tell(&m);
	return true;
}
