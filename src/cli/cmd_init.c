#include "cli/commands.h"
#include "cli/output.h"
#include "cli/template.h"
#include "import/names.h"
#include "model/pipeline.h"

#include "base/fs.h"
#include "base/text.h"

#include <string.h>

/* The parts of a new pipeline. What a repository often has already is left as it is. */
static const struct part {
	const char *from, *to;
	bool optional;
} parts[] = {
	{"init/pipeline.yaml", "pipeline.yaml", false},
	{"pyspark.py", "words.py", false},
	{"init/report.sql", "report.sql", false},
	{"init/README.md", "README.md", true},
	{"init/gitignore", ".gitignore", true},
};
enum { PARTS = sizeof parts / sizeof *parts };
/* For editors; the pipeline's first line names it. */
static const char schema_folder[] = ".weir", schema_file[] = ".weir/pipeline.schema.json";

struct starting {
	struct cli *cli;
	const char *key, *dir;
	const char *made[PARTS + 2]; /* names, ends by NULL */
	size_t n;
};

static const char *in_folder(const struct starting *s, const char *name)
{
	return fs_join(&s->cli->arena, s->dir, name);
}

static bool choose_name(struct starting *s, struct err *err)
{
	struct cli *cli = s->cli;
	struct import_names names = {.used = {.arena = &cli->arena}};
	const char *given = cli->args_n ? cli->args[0] : NULL;
	s->dir = cli->into ? cli->into : given ? given : ".";
	s->key = given;
	if (!given) {
		const char *real = fs_real(&cli->arena, s->dir, err);
		s->key = import_names_key(&names, fs_basename(real ? real : s->dir), "pipeline");
	}
	return pipeline_key_ok(s->key) ||
		err_set(err, ERR_USAGE, "`%s` is not " PIPELINE_KEY_DOC, s->key);
}

static bool is_made(const struct starting *s, const struct part *p)
{
	return !p->optional || !fs_exists(in_folder(s, p->to));
}

static bool begin(struct starting *s, struct folder *f, struct err *err)
{
	const char *needed[PARTS + 2] = {NULL};
	size_t n = 0;
	for (size_t i = 0; i < PARTS; i++)
		if (is_made(s, &parts[i]))
			needed[n++] = parts[i].to;
	needed[n] = schema_folder;
	return folder_begin_beside(f, s->dir, needed, &s->cli->arena, err);
}

static bool write_schema(struct starting *s, const struct folder *f, struct err *err)
{
	buf_auto text = {0};
	node_to_json(spec_schema(&s->cli->arena), NODE_JSON_INDENT, &text);
	buf_addc(&text, '\n');
	s->made[s->n++] = schema_file;
	return template_write(f, schema_file, buf_str(&text), err);
}

static bool fill(struct starting *s, const struct folder *f, struct err *err)
{
	struct arena *a = &s->cli->arena;
	for (size_t i = 0; i < PARTS; i++) {
		const struct part *p = &parts[i];
		if (!is_made(s, p))
			continue;
		const char *key = text_equal(p->from, "pyspark.py") ? "words" : s->key;
		if (!template_write(f, p->to, template_text(a, p->from, key), err))
			return false;
		s->made[s->n++] = p->to;
	}
	return write_schema(s, f, err);
}

static void tell(const struct starting *s)
{
	struct cli *cli = s->cli;
	struct arena *a = &cli->arena;
	struct node *doc = node_map(a), *files = node_seq(a);
	for (size_t i = 0; i < s->n; i++) {
		const char *path = in_folder(s, s->made[i]);
		node_append(a, files, node_str(a, path));
		if (!output_json(cli))
			buf_printf(&cli->out, "%s\n", path);
	}
	node_add(a, doc, "pipeline", node_str(a, s->key));
	node_add(a, doc, "files", files);
	if (output_json(cli))
		output_node(cli, doc);
	const char *where = text_equal(s->dir, ".") ? "" : arena_printf(a, " -C %s", s->dir);
	output_say(cli, OUTPUT_NOTE, "`weir%s apply` and `weir%s run all` are next", where, where);
}

bool cmd_init(struct cli *cli, struct err *err)
{
	struct starting s = {.cli = cli};
	struct folder f;
	if (!choose_name(&s, err) || !begin(&s, &f, err))
		return false;
	bool ok = fill(&s, &f, err) && folder_keep(&f, err);
	folder_drop(&f);
	if (ok)
		tell(&s);
	return ok;
}
