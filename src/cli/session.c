#include "cli/session.h"

#include "base/fs.h"
#include "base/keep.h"
#include "base/text.h"
#include "cli/connect.h"
#include "cli/credentials.h"
#include "cli/output.h"
#include "oci/objectstorage.h"

#include <pthread.h>

static bool open_file(struct session *s, struct cli *cli, struct err *err)
{
	struct spec_options o = {.dir = cli->dir,
		.file = cli->file,
		.target = cli->target,
		.params = cli->params.v,
		.params_n = cli->params.n,
		.now_ms = clock_wall(cli->clock)};
	s->cli = cli;
	s->spec = spec_open(&o, &cli->arena, &cli->diags);
	if (!s->spec)
		return err_set(err, ERR_SPEC, "%s", "");
	cli->secrets = spec_secrets(s->spec);
	s->target = spec_target(s->spec);
	s->pipeline = spec_name(s->spec);
	s->target_name = s->target->head.key;
	s->owner = arena_printf(&cli->arena, "%s/%s", s->pipeline, s->target_name);
	return true;
}

static bool resolve(struct session *s, struct err *err)
{
	struct cli *cli = s->cli;
	s->want = (struct resources){0};
	s->desired = spec_resolve(s->spec, &s->builtins, &cli->diags);
	if (s->desired && spec_desired(s->spec, s->desired, &s->builtins, &s->want, &cli->diags))
		return true;
	return err_set(err, ERR_SPEC, "%s", "");
}

bool session_check(struct session *s, struct cli *cli, struct err *err)
{
	return open_file(s, cli, err) && resolve(s, err);
}

bool session_archives(struct session *s, struct cli *cli, struct err *err)
{
	if (!open_file(s, cli, err))
		return false;
	s->desired = spec_resolve_archives(s->spec, &cli->diags);
	return s->desired || err_set(err, ERR_SPEC, "%s", "");
}

/* What is told from here on can be taken back: it will be told again. */
static void take_back(struct diags *d, const struct diags *before)
{
	d->n = before->n;
	d->errors = before->errors;
	d->warnings = before->warnings;
	d->dropped = before->dropped;
}

/* Warnings of the look without the service are told by the one with it. */
static bool check_first(struct session *s, struct err *err)
{
	struct diags before = s->cli->diags;
	if (!resolve(s, err))
		return false;
	take_back(&s->cli->diags, &before);
	return true;
}

bool session_need_compartment(const struct session *s, struct err *err)
{
	if (s->compartment_id)
		return true;
	if (!s->spec) {
		err_set(err, ERR_USAGE, "in which compartment?");
		return err_hint(err, "use --compartment-id OCID");
	}
	err_set(err, ERR_USAGE, "target %s has no compartment", s->target_name);
	return err_hint(
		err, "give it `compartment_id: OCID` in the file, or use --compartment-id OCID");
}

static bool connect_and_warn(struct session *s, struct err *err)
{
	if (!connect_service(s, true, err))
		return false;
	credentials_warn(s->cli, &s->config);
	return true;
}

bool session_open(struct session *s, struct cli *cli, bool check, struct err *err)
{
	return open_file(s, cli, err) && (!check || check_first(s, err)) &&
		connect_and_warn(s, err);
}

static const char *usual_file(struct cli *cli)
{
	return fs_join(&cli->arena, cli->dir, "pipeline.yaml");
}

static bool file_is_there(struct cli *cli)
{
	return cli->file || !fs_is_dir(cli->dir ? cli->dir : ".") || fs_exists(usual_file(cli));
}

/* Without a file, `-t local` still is what a file without targets has; else the OCI config is what there is. */
static bool open_without_file(struct session *s, struct cli *cli, struct err *err)
{
	bool local = text_equal(cli->target, "local");
	struct target_decl *t = arena_new(&cli->arena, struct target_decl);
	s->cli = cli;
	if (cli->target && !local) {
		err_set(err, ERR_USAGE, "target %s is of no pipeline: there is no %s", cli->target,
			usual_file(cli));
		return err_hint(err,
			"name the file with -f or its folder with -C; without a file -t may be local, "
			"and --profile names one of the OCI config file");
	}
	if (cli->params.n) {
		err_set(err, ERR_USAGE, "-p %s: there is no %s with such a parameter",
			cli->params.v[0].name, usual_file(cli));
		return err_hint(err, "name the file with -f or its folder with -C");
	}
	t->type = local ? "local" : "oci";
	t->head.key = t->type;
	s->target = t;
	s->target_name = t->head.key;
	if (connect_and_warn(s, err))
		return true;
	if (err->kind == ERR_CONFIG && !local && !connect_is_principal(s))
		err_hint(err,
			"there is no %s that would say where: name it with -f, or use -t local",
			usual_file(cli));
	return false;
}

bool session_open_any(struct session *s, struct cli *cli, struct err *err)
{
	return file_is_there(cli) ? session_open(s, cli, false, err)
				  : open_without_file(s, cli, err);
}

bool session_need_file(const struct session *s, const char *what, struct err *err)
{
	if (s->spec)
		return true;
	err_set(err, ERR_USAGE, "%s needs a pipeline: there is no %s", what, usual_file(s->cli));
	return err_hint(err, "name the file with -f or its folder with -C");
}

/* What the thread of the session waits for, with its requests. */
struct beside {
	struct session *s;
	bool (*fn)(struct session *s, struct err *err);
	struct err *err;
	bool ok, done;
};

static void work_beside(void *ctx)
{
	struct beside *b = ctx;
	b->ok = b->fn(b->s, b->err);
}

static void on_worked(void *ctx)
{
	struct beside *b = ctx;
	b->done = true;
}

/* fn in another thread, while what was asked of the service is on its way. It does not speak to the service, and what
   comes from there touches nothing of the file: that is in the arena of the session. */
static bool beside(
	struct session *s, bool (*fn)(struct session *s, struct err *err), struct err *err)
{
	struct beside b = {s, fn, err, false, false};
	struct err stopped;
	http_work(oci_http(s->oci), work_beside, on_worked, &b);
	if (!oci_run_until(s->oci, &b.done, &stopped)) {
		http_cancel_all(oci_http(s->oci)); /* waits for it */
		*err = stopped;
		return false;
	}
	return b.ok;
}

struct ns_wait {
	bool done;
	struct err err;
	const char *ns;
};

static void on_namespace(void *ctx, const struct err *err, const char *ns)
{
	*(struct ns_wait *)ctx = (struct ns_wait){true, *err, ns};
}

static struct ns_wait *ask_namespace(struct session *s)
{
	struct ns_wait *w = arena_new(oci_arena(s->oci), struct ns_wait);
	storage_namespace_get(s->oci, on_namespace, w);
	return w;
}

static bool await_namespace(
	struct session *s, const struct ns_wait *w, const char **ret, struct err *err)
{
	if (!oci_run_until(s->oci, &w->done, err))
		return false;
	if (w->err.kind) {
		*err = w->err;
		return false;
	}
	*ret = w->ns;
	return true;
}

bool session_has_pages(const struct session *s)
{
	return oci_is_local(s->oci);
}

bool session_namespace(struct session *s, const char **ret, struct err *err)
{
	return await_namespace(s, ask_namespace(s), ret, err);
}

static bool wait_namespace(struct session *s, const struct ns_wait *w, struct err *err)
{
	if (!await_namespace(s, w, &s->builtins.ns, err))
		return false;
	live_cache_set_ns(s->cache, s->builtins.ns);
	return true;
}

/* Whose view of what is kept for later. */
static const char *scope_of(const struct session *s)
{
	return arena_printf(&s->cli->arena, "%s\n%s\n%s\n%s\n%s\n%s", oci_dataflow_url(s->oci),
		oci_storage_url(s->oci), s->config.tenancy, s->config.user, s->config.fingerprint,
		s->owner);
}

static void open_cache(struct session *s)
{
	struct cli *cli = s->cli;
	s->cache =
		live_cache_open(&cli->arena, keep_folder(&cli->arena), scope_of(s), cli->secrets);
	if (cli->no_cache)
		live_cache_empty(s->cache);
}

static void prepare(struct session *s)
{
	s->builtins = (struct spec_builtins){.region = oci_region(s->oci),
		.tenancy = oci_tenancy(s->oci),
		.compartment_id = s->compartment_id};
	open_cache(s);
}

/* Then the file is resolved with it. */
static bool take_namespace(struct session *s, struct err *err)
{
	if (!wait_namespace(s, s->ns_asked, err))
		return false;
	s->ns_asked = NULL;
	return beside(s, resolve, err);
}

bool session_load(struct session *s, struct err *err)
{
	prepare(s);
	s->ns_asked = ask_namespace(s);
	if (!take_namespace(s, err))
		return false;
	output_diags(s->cli); /* warnings, before anything is asked or done */
	return true;
}

static void prepare_early(struct session *s)
{
	prepare(s);
	s->ahead = live_ahead_begin(s->oci, s->compartment_id);
	s->ns_asked = ask_namespace(s);
}

/* Without asking anybody: a service of this machine may have to be started, a pass phrase or a token to be asked for. Whatever
   is wrong is left for those to tell who go step by step. */
static bool connect_early(struct session *s)
{
	struct err ignored;
	if (connect_asks(s))
		return false;
	if (!connect_service(s, false, &ignored)) {
		oci_config_clear(&s->config);
		return false;
	}
	prepare_early(s);
	return true;
}

/* With the namespace of the last time. */
static bool resolve_early(struct session *s)
{
	struct diags *d = &s->cli->diags, before = *d;
	struct err ignored = {0};
	s->builtins.ns = live_cache_ns(s->cache);
	if (s->builtins.ns && beside(s, resolve, &ignored))
		return true;
	s->builtins.ns = NULL;
	take_back(d, &before);
	return false;
}

static void *prepare_http(void *ignored)
{
	http_prepare();
	return ignored;
}

/* As open_file; what is needed to speak to anybody is made ready by another thread, which is waited for. */
static bool open_file_beside(struct session *s, struct cli *cli, struct err *err)
{
	pthread_t thread;
	bool beside = !pthread_create(&thread, NULL, prepare_http, NULL);
	bool ok = open_file(s, cli, err);
	if (beside)
		pthread_join(thread, NULL);
	return ok;
}

bool session_open_early(struct session *s, struct cli *cli, struct err *err)
{
	if (!open_file_beside(s, cli, err))
		return false;
	bool connected = connect_early(s), known = connected && resolve_early(s);
	if (!known && !(connected ? beside(s, check_first, err) : check_first(s, err)))
		return false;
	if (!connected && !connect_service(s, true, err))
		return false;
	credentials_warn(cli, &s->config);
	if (!connected)
		prepare_early(s);
	if (!known && !take_namespace(s, err))
		return false;
	output_diags(cli); /* warnings, before anything is asked or done */
	return true;
}

bool session_confirm(struct session *s, bool *ret_changed, struct err *err)
{
	const char *was = s->builtins.ns;
	struct ns_wait *w = s->ns_asked;
	*ret_changed = false;
	if (!w)
		return true;
	/* One that was taken back because something else failed is asked again. */
	if (w->done && w->err.kind == ERR_INTERRUPTED && !oci_is_stopped(s->oci))
		w = ask_namespace(s);
	if (!wait_namespace(s, w, err))
		return false;
	s->ns_asked = NULL;
	*ret_changed = !text_equal(was, s->builtins.ns);
	return !*ret_changed || check_first(s, err);
}

static void tell_requests(struct session *s)
{
	struct http_stats t = http_stats(oci_http(s->oci));
	char sent[16], received[16];
	output_say(s->cli, OUTPUT_DEBUG, "%ju requests, %ju of them again, %s sent, %s received",
		(uintmax_t)t.requests, (uintmax_t)t.retries, text_bytes(t.sent, sent),
		text_bytes(t.received, received));
}

void session_clear(struct session *s)
{
	if (s->oci)
		tell_requests(s);
	oci_free(s->oci);
	oci_config_clear(&s->config);
}
