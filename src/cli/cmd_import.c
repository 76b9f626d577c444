#include "cli/commands.h"
#include "cli/importing.h"
#include "cli/output.h"
#include "import/definition.h"
#include "import/folder.h"
#include "import/pull.h"
#include "report/table.h"

#include "base/fs.h"
#include "base/text.h"

#include <unistd.h>

static void tell_notes(struct cli *cli, const char *where, const struct import_notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		output_say(cli, notes->v[i].serious ? OUTPUT_WARNING : OUTPUT_NOTE, "%s: %s", where,
			notes->v[i].text);
}

static size_t count_serious(const struct import_notes *notes)
{
	size_t n = 0;
	for (size_t i = 0; i < notes->n; i++)
		n += notes->v[i].serious;
	return n;
}

static const char *source_of(const struct import *im, const struct import_content *c)
{
	return c->source ? c->source
			 : arena_printf(im->arena, "oci://%s@%s/%s", c->bucket, im->ns, c->object);
}

static void put_text(struct cli *cli, const struct import *im, const char *dir)
{
	static const struct table_column columns[] = {
		{"FILE", 0}, {"FROM", TABLE_CUT}, {"SIZE", TABLE_RIGHT}, {0}};
	struct table *t = table_new(columns);
	char size[16];
	table_row(t,
		(const char *[]){fs_join(im->arena, dir, "pipeline.yaml"),
			arena_printf(im->arena, "%zu application%s", im->n, im->n == 1 ? "" : "s"),
			NULL});
	for (size_t i = 0; i < im->contents_n; i++) {
		const struct import_content *c = im->contents[i];
		if (c->pulled)
			table_row(t,
				(const char *[]){fs_join(im->arena, dir, c->file), source_of(im, c),
					c->size.set ? text_bytes((uint64_t)c->size.v, size)
						    : NULL});
	}
	table_print(t, output_width(STDOUT_FILENO), &cli->out);
}

static struct node *notes_json(struct arena *a, const struct import_notes *notes)
{
	struct node *list = node_seq(a);
	for (size_t i = 0; i < notes->n; i++)
		node_append(a, list, node_str(a, notes->v[i].text));
	return list;
}

static struct node *apps_json(const struct import *im)
{
	struct arena *a = im->arena;
	struct node *list = node_seq(a);
	for (size_t i = 0; i < im->n; i++) {
		const struct import_app *app = &im->apps[i];
		struct node *one = node_map(a);
		node_add(a, one, "address", node_str(a, arena_printf(a, "apps.%s", app->key)));
		node_add(a, one, "id", node_str(a, app->app->id));
		node_add(a, one, "display_name", node_str(a, app->app->display_name));
		node_add(a, one, "notes", notes_json(a, &app->notes));
		node_append(a, list, one);
	}
	return list;
}

static struct node *files_json(const struct import *im)
{
	struct arena *a = im->arena;
	struct node *list = node_seq(a);
	for (size_t i = 0; i < im->contents_n; i++) {
		const struct import_content *c = im->contents[i];
		struct node *one = node_map(a);
		node_add(a, one, "file", c->pulled ? node_str(a, c->file) : node_null(a));
		node_add(a, one, "from", node_str(a, source_of(im, c)));
		node_add(a, one, "size", c->size.set ? node_int(a, c->size.v) : node_null(a));
		node_append(a, list, one);
	}
	return list;
}

static struct node *import_json(const struct import *im, const char *dir)
{
	struct arena *a = im->arena;
	struct node *doc = node_map(a);
	node_add(a, doc, "folder", node_str(a, dir));
	node_add(a, doc, "pipeline", node_str(a, im->pipeline));
	node_add(a, doc, "target", node_str(a, im->target.key));
	node_add(a, doc, "apps", apps_json(im));
	node_add(a, doc, "files", files_json(im));
	node_add(a, doc, "notes", notes_json(a, &im->notes));
	return doc;
}

static bool write_document(struct import *im, const struct folder *f, struct err *err)
{
	buf_auto text = {0};
	import_document(im, &text);
	mode_t mask = umask(0);
	umask(mask);
	return fs_write(fs_join(im->arena, f->aside, "pipeline.yaml"), buf_str(&text), text.len,
		0666 & ~mask, err);
}

/* What weir itself says of the file, at the place where it is now. */
static bool is_valid(struct cli *cli, const struct import *im, const char *dir)
{
	struct spec_options o = {.dir = dir, .now_ms = clock_wall(cli->clock)};
	struct spec *spec = spec_open(&o, &cli->arena, &cli->diags);
	struct spec_builtins b = {.ns = im->ns};
	struct resources want = {0};
	const struct pipeline *p = spec ? spec_resolve(spec, &b, &cli->diags) : NULL;
	b.compartment_id = "ocid1.compartment.oc1..unknown";
	return p && spec_desired(spec, p, &b, &want, &cli->diags);
}

static bool tell(struct cli *cli, struct import *im, const struct folder *f, struct err *err)
{
	size_t missing = count_serious(&im->notes);
	tell_notes(cli, im->pipeline, &im->notes);
	for (size_t i = 0; i < im->n; i++) {
		tell_notes(cli, arena_printf(im->arena, "apps.%s", im->apps[i].key),
			&im->apps[i].notes);
		missing += count_serious(&im->apps[i].notes);
	}
	if (output_json(cli))
		output_node(cli, import_json(im, f->path));
	else
		put_text(cli, im, f->path);
	bool valid = is_valid(cli, im, f->path);
	if (valid && !missing) {
		output_say(cli, OUTPUT_NOTE, "`weir -C %s plan` shows what weir would change",
			f->path);
		return true;
	}
	err_set(err, ERR_PARTIAL, "%s/pipeline.yaml needs your hand: %s", f->path,
		valid ? "not all came with it" : "it is not valid as it is");
	return err_hint(err, "what it is about is told above, and by comments in the file");
}

/* The last part of --into; a single application's name. */
static const char *name_of(const struct cli *cli, const struct import *im)
{
	struct err ignored;
	const char *real = cli->into ? fs_real(im->arena, cli->into, &ignored) : NULL;
	if (cli->into)
		return fs_basename(real
				? real
				: arena_strndup(im->arena, cli->into, folder_length(cli->into)));
	const char *name = im->n == 1 ? im->apps[0].app->display_name : NULL;
	return name ? name : "imported";
}

static bool copy_local(struct import *im, const struct folder *f, struct err *err)
{
	for (size_t i = 0; i < im->contents_n; i++) {
		struct import_content *c = im->contents[i];
		if (!folder_copy(f, c->source, c->file, err))
			return false;
		c->pulled = true;
	}
	return true;
}

static bool fill(struct import *im, struct oci *oci, const struct folder *f, struct err *err)
{
	if (!(oci ? pull(oci, im, f->aside, err) : copy_local(im, f, err)))
		return false;
	if (oci)
		import_contents_tell(im);
	return write_document(im, f, err);
}

static bool make(struct cli *cli, struct import *im, struct oci *oci, struct err *err)
{
	struct folder f;
	const char *path = cli->into ? cli->into : im->pipeline;
	if (!folder_begin(&f, path, im->arena, err))
		return false;
	bool ok = fill(im, oci, &f, err) && folder_keep(&f, err);
	folder_drop(&f);
	return ok && tell(cli, im, &f, err);
}

static bool import_live(struct cli *cli, const struct importing *what, struct err *err)
{
	session_auto s = {0};
	struct import im = {.arena = &cli->arena};
	if (!session_open_any(&s, cli, err) || !importing_read(&s, what, &im, err))
		return false;
	import_name(&im, name_of(cli, &im));
	import_contents(&im);
	if (im.own && !pull_find_own(s.oci, &im, err))
		return false;
	return make(cli, &im, s.oci, err);
}

static bool import_files(struct cli *cli, const struct importing *what, struct err *err)
{
	struct import im = {.arena = &cli->arena, .from = what->files.v[0]};
	importing_target_of_file(cli, &im);
	import_begin(&im);
	for (size_t i = 0; i < what->files.n; i++)
		if (!definition_read(&im, what->files.v[i], &cli->diags, err))
			return false;
	import_name(&im, name_of(cli, &im));
	return make(cli, &im, NULL, err);
}

bool cmd_import(struct cli *cli, struct err *err)
{
	struct importing what;
	if (!importing_sort(cli, &what, err))
		return false;
	if (cli->into && !folder_check(cli->into, &cli->arena, err))
		return false;
	return what.files.n ? import_files(cli, &what, err) : import_live(cli, &what, err);
}
