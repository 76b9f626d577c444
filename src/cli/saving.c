#include "cli/saving.h"

#include "base/fs.h"
#include "base/text.h"
#include "cli/output.h"
#include "oci/console.h"
#include "run/log.h"
#include "run/save.h"

#include <stdlib.h>

/* One run's; in the session's arena. */
struct kept {
	struct saving *saving;
	struct kept *next;
	const char *label, *app_name;
	const struct run *run;
	bool logs;
	bool busy, again; /* again: with what run and logs are now */
	struct save_options o;
	struct save_result result;
};
struct saving {
	struct session *s;
	const char *base;
	struct kept *first;
};

static const char *absolute(struct arena *a, const char *path)
{
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	const char *made = here ? fs_join(a, here, path) : path;
	free(here);
	return made;
}

static const char *base_folder(const struct session *s)
{
	struct arena *a = &s->cli->arena;
	const char *given = s->cli->base_folder;
	if (given)
		return absolute(a, fs_expand_home(a, given));
	const char *told = s->spec ? spec_base_folder(s->spec, a) : NULL;
	return absolute(a, told ? told : fs_expand_home(a, "~/dataflow"));
}

struct saving *saving_new(struct session *s)
{
	if (s->cli->no_save_logs)
		return NULL;
	struct saving *saving = arena_new(oci_arena(s->oci), struct saving);
	*saving = (struct saving){.s = s, .base = base_folder(s)};
	return saving;
}

const char *saving_console(const struct session *s, const char *id)
{
	return session_has_pages(s) || !id
		? NULL
		: oci_console_link(&s->cli->arena, oci_region(s->oci), id);
}

const char *saving_find(struct session *s, const struct run *run, bool *ret_complete)
{
	struct folder folder;
	folder_find(&s->cli->arena, base_folder(s), run, &folder);
	const struct node *complete = folder.record ? node_get(folder.record, "complete") : NULL;
	*ret_complete = complete && complete->kind == NODE_BOOL && complete->u.b;
	return folder.path;
}

static void redact(void *ctx, struct buf *text)
{
	output_leave_out_secrets(ctx, text);
}

static void begin(struct kept *k);

static void on_saved(void *ctx, const struct save_result *r)
{
	struct kept *k = ctx;
	struct cli *cli = k->saving->s->cli;
	k->busy = false;
	k->result = *r;
	if (k->again) {
		begin(k);
		return;
	}
	const char *name = k->label ? k->label : k->run->display_name;
	if (r->err.kind)
		output_say(cli, OUTPUT_WARNING, "%s: not saved: %s", name, r->err.text);
	else if (r->lacks && k->logs)
		output_say(cli, OUTPUT_WARNING, "%s: saved without its script: %s", name, r->lacks);
	if (!r->err.kind && k->logs && k->label && !cli->quiet)
		output_say(cli, OUTPUT_NOTE, "\"%s\" saved in %s", name, r->folder);
}

static void begin(struct kept *k)
{
	struct session *s = k->saving->s;
	k->busy = true;
	k->again = false;
	k->o = (struct save_options){.base = k->saving->base,
		.app_name = k->app_name,
		.run = k->run,
		.console = saving_console(s, k->run->id),
		.logs = k->logs,
		.fresh = log_patience(k->run, clock_wall(s->cli->clock)) > 0,
		.redact = redact,
		.ctx = s->cli};
	save_run(s->oci, &k->o, on_saved, k);
}

static struct kept *find(const struct saving *saving, const char *run_id)
{
	struct kept *k = saving ? saving->first : NULL;
	while (k && !text_equal(k->run->id, run_id))
		k = k->next;
	return k;
}

void saving_keep(struct saving *saving, const char *label, const char *app_name,
	const struct run *run, bool logs)
{
	if (!saving)
		return;
	struct kept *k = find(saving, run->id);
	if (!k) {
		k = arena_new(oci_arena(saving->s->oci), struct kept);
		*k = (struct kept){.saving = saving, .next = saving->first};
		saving->first = k;
	}
	k->label = label;
	k->app_name = app_name;
	k->run = run;
	k->logs = logs;
	if (k->busy)
		k->again = true;
	else
		begin(k);
}

bool saving_wait(struct saving *saving, struct err *err)
{
	return !saving || oci_run(saving->s->oci, err);
}

const char *saving_folder(const struct saving *saving, const char *run_id)
{
	const struct kept *k = find(saving, run_id);
	return k ? k->result.folder : NULL;
}

bool saving_verdict(const struct saving *saving, struct err *err)
{
	for (const struct kept *k = saving ? saving->first : NULL; k; k = k->next)
		if (k->result.err.kind) {
			*err = k->result.err;
			err_wrap(err, "save %s", k->run->display_name);
			return err_hint(err,
				"`weir logs %s --save` does it later; --no-save-logs leaves it out",
				k->run->display_name);
		}
	return true;
}
