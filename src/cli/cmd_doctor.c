#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include "cli/which_run.h"

#include "base/fs.h"
#include "base/text.h"
#include "oci/objectstorage.h"

#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The service refuses what is five minutes off (contract 1.3). */
enum { CLOCK_WARN_S = 60, CLOCK_FAIL_S = 300 };
static const uint64_t DISK_WARN = (uint64_t)2 << 30, DISK_FAIL = (uint64_t)200 << 20;

/* The first check, where there is a file. */
#define FILE_CHECK "pipeline file"

bool doctor_is_refusal(const struct err *err)
{
	return err->kind == ERR_NOT_FOUND || err->kind == ERR_PERMISSION;
}

const char *doctor_policy(const struct doctor *d, const char *verb, const char *compartment)
{
	const char *quote = strchr(d->group, ' ') ? "'" : "";
	bool root = text_starts(compartment, "ocid1.tenancy.");
	return arena_printf(d->found.arena, "Allow group %s%s%s to %s in %s%s", quote, d->group,
		quote, verb, root ? "tenancy" : "compartment id ", root ? "" : compartment);
}

void doctor_need(struct doctor *d, const char *verb, const char *compartment)
{
	const char **v = arena_array(d->found.arena, d->statements.n + 1, sizeof *v);
	for (size_t i = 0; i < d->statements.n; i++)
		v[i] = d->statements.v[i];
	v[d->statements.n] = doctor_policy(d, verb, compartment);
	d->statements = (struct strs){v, d->statements.n + 1};
}

/* Mistakes show only once the service has told what the file asks of it. */
static void fail_file(struct doctor *d)
{
	struct findings *f = &d->found;
	size_t n = d->s->cli->diags.errors;
	const char *text =
		arena_printf(f->arena, "%zu mistake%s, told on stderr", n, n == 1 ? "" : "s");
	if (!f->n) {
		findings_add(f, FINDING_FAIL, FILE_CHECK, "%s", text);
		return;
	}
	f->v[0]->text = text;
	f->v[0]->status = FINDING_FAIL;
	f->count[FINDING_OK]--;
	f->count[FINDING_FAIL]++;
}

/* What it was that could not even begin. */
static void tell_not_opened(struct doctor *d, const struct err *err)
{
	struct findings *f = &d->found;
	if (err->kind == ERR_SPEC)
		fail_file(d);
	else if (err->kind != ERR_USAGE && connect_is_principal(d->s))
		findings_failed(f, "principal", err);
	else
		findings_failed(f,
			err->kind == ERR_CONFIG          ? "config file"
				: err->kind == ERR_USAGE ? "target"
							 : "local service",
			err);
}

static void tell_file(struct doctor *d)
{
	if (d->s->spec)
		findings_add(&d->found, FINDING_OK, FILE_CHECK, "%s, target %s", d->s->pipeline,
			d->s->target_name);
}

static void tell_principal(struct doctor *d)
{
	char until[32];
	const struct oci_config *c = &d->s->config;
	findings_add(&d->found, FINDING_OK, "principal",
		"%s of %s; its token is good until %s, and renewed before", c->where, c->tenancy,
		text_rfc3339(c->token.expires_ms, until));
}

static void tell_config(struct doctor *d)
{
	struct findings *f = &d->found;
	const struct oci_config *c = &d->s->config;
	if (c->auth == OCI_AUTH_PRINCIPAL) {
		tell_principal(d);
		return;
	}
	findings_add(f, FINDING_OK, "config file", "%s", c->where);
	for (size_t i = 0; i < c->exposed_n; i++) {
		struct finding *one =
			findings_add(f, FINDING_WARN, "key", "others can read %s", c->exposed[i]);
		finding_cure(f, one, "chmod 600 %s", c->exposed[i]);
	}
	if (!c->exposed_n)
		findings_add(f, FINDING_OK, "key", "%s, which nobody else can read%s%s",
			c->key_file ? c->key_file : "OCI_CLI_KEY_CONTENT",
			c->fingerprint ? "; its fingerprint is " : "",
			c->fingerprint ? c->fingerprint : "");
}

static void tell_disk(struct doctor *d)
{
	struct findings *f = &d->found;
	const char *folder = fs_dirname(f->arena, d->s->config.file);
	struct statvfs fs;
	char size[16];
	if (statvfs(folder, &fs))
		return;
	uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
	struct finding *one = findings_add(f,
		left < DISK_FAIL           ? FINDING_FAIL
			: left < DISK_WARN ? FINDING_WARN
					   : FINDING_OK,
		"disk", "%s free for the local service in %s", text_bytes(left, size), folder);
	if (one->status != FINDING_OK)
		finding_cure(
			f, one, "`weir local reset` empties it; Spark's shuffles need room too");
}

static void tell_local(struct doctor *d)
{
	struct findings *f = &d->found;
	if (!d->s->local)
		return;
	findings_add(f, FINDING_OK, "local service", "up");
	if (d->s->can_run) {
		findings_add(f, FINDING_OK, "Spark", "Java and Spark are installed");
	} else {
		struct err err;
		err_set(&err, ERR_MISSING_TOOL, "%s", d->s->run_hint);
		findings_failed(f, "Spark", &err);
	}
	tell_disk(d);
}

struct asked {
	struct oci *oci;
	const struct clock *clock;
	struct err err;
	const char *ns;
	int64_t there, here; /* Unix ms, of the reply; 0: it told none */
};

static void on_namespace(void *ctx, const struct err *err, const char *ns)
{
	struct asked *w = ctx;
	w->err = *err;
	w->ns = ns;
	w->there = oci_reply_date(w->oci);
	w->here = clock_wall(w->clock);
}

static void tell_clock(struct doctor *d, const struct asked *w)
{
	struct findings *f = &d->found;
	char off[24];
	if (!w->there)
		return;
	int64_t ahead = w->here - w->there, ms = llabs(ahead) < 1000 ? 0 : llabs(ahead);
	struct finding *one = findings_add(f,
		ms > 1000 * CLOCK_FAIL_S           ? FINDING_FAIL
			: ms > 1000 * CLOCK_WARN_S ? FINDING_WARN
						   : FINDING_OK,
		"clock", ms ? "%s %s the service's" : "as the service's", text_duration(ms, off),
		ahead > 0 ? "ahead of" : "behind");
	if (one->status != FINDING_OK)
		finding_cure(f, one, "set this machine's clock: timedatectl set-ntp true");
}

/* The first request: is there a service, and does it take who asks? */
static bool ask(struct doctor *d, struct err *err)
{
	struct session *s = d->s;
	struct findings *f = &d->found;
	struct asked *w = arena_new(oci_arena(s->oci), struct asked);
	*w = (struct asked){.oci = s->oci, .clock = s->cli->clock};
	storage_namespace_get(s->oci, on_namespace, w);
	if (!oci_run(s->oci, err))
		return false;
	tell_clock(d, w);
	if (w->err.kind) {
		findings_failed(
			f, w->err.kind == ERR_AUTH ? "credentials" : "Object Storage", &w->err);
		return true;
	}
	d->ns = w->ns;
	findings_add(f, FINDING_OK, "credentials", "accepted: %s%s",
		s->config.auth == OCI_AUTH_PRINCIPAL ? "" : "user ",
		s->config.user ? s->config.user : "of the session");
	findings_add(f, FINDING_OK, "region", "%s, namespace %s; %s",
		oci_region(s->oci) ? oci_region(s->oci) : "of the endpoint", w->ns,
		oci_storage_url(s->oci));
	return true;
}

/* Where applications are, and where runs are launched. */
static struct strs join(struct doctor *d, const struct strs *runs)
{
	struct session *s = d->s;
	struct strs apps = spec_compartments(s->spec, &s->want, d->found.arena);
	struct strs more = which_others(runs, &apps, d->found.arena);
	const char **v = arena_array(d->found.arena, apps.n + more.n, sizeof *v);
	for (size_t i = 0; i < apps.n + more.n; i++)
		v[i] = i < apps.n ? apps.v[i] : more.v[i - apps.n];
	return (struct strs){v, apps.n + more.n};
}

/* Resolves the file, as far as there is one. */
static bool load(struct doctor *d, struct err *err)
{
	struct session *s = d->s;
	struct err why = {0};
	if (!s->spec) {
		if (s->compartment_id)
			d->compartments = (struct strs){&s->compartment_id, 1};
		return true;
	}
	struct strs runs = which_compartments(s);
	if (session_load(s, &why)) {
		d->compartments = join(d, &runs);
		return true;
	}
	if (why.kind == ERR_INTERRUPTED) {
		*err = why;
		return false;
	}
	tell_not_opened(d, &why);
	s->want.n = 0;
	return true;
}

static bool check(struct doctor *d, struct err *err)
{
	tell_file(d);
	tell_config(d);
	tell_local(d);
	if (!ask(d, err) || !d->ns)
		return !err->kind;
	if (!load(d, err) || !doctor_dataflow(d, err))
		return false;
	return doctor_buckets(d, err);
}

static struct node *policies_json(struct doctor *d, struct arena *a)
{
	struct node *doc = node_map(a), *group = node_seq(a);
	for (size_t i = 0; i < d->statements.n; i++)
		node_append(a, group, node_str(a, d->statements.v[i]));
	node_put(a, doc, "group", group);
	struct node *service = node_seq(a);
	for (const char *at = d->service_needs, *end; at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, '\n');
		node_append(a, service, node_str(a, arena_strndup(a, at, (size_t)(end - at))));
	}
	node_put(a, doc, "service", service);
	return doc;
}

static void put_policies(struct doctor *d, struct buf *out)
{
	if (d->s->cli->group) {
		buf_printf(out, "\nWhat a policy must say for all that weir does:\n");
		for (size_t i = 0; i < d->statements.n; i++)
			buf_printf(out, "  %s\n", d->statements.v[i]);
	}
	if (!d->service_needs || (!d->s->cli->group && !d->found.count[FINDING_FAIL]))
		return;
	buf_adds(out,
		"\nAnd for Data Flow itself, so that logs can be read; weir cannot see whether it is there:\n");
	for (const char *at = d->service_needs, *end; at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, '\n');
		buf_printf(out, "  %.*s\n", (int)(end - at), at);
	}
}

static void put(struct doctor *d)
{
	struct cli *cli = d->s->cli;
	buf_auto text = {0};
	if (output_json(cli)) {
		struct node *doc = findings_json(&d->found, &cli->arena);
		node_put(&cli->arena, doc, "policies", policies_json(d, &cli->arena));
		output_node(cli, doc);
		return;
	}
	findings_text(&d->found, output_color(cli, STDOUT_FILENO), &cli->out);
	put_policies(d, &text);
	text_escape(&cli->out, buf_str(&text), text.len, true);
}

bool cmd_doctor(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	struct err why = {0};
	struct doctor d = {
		.s = &s, .found.arena = &cli->arena, .group = cli->group ? cli->group : "<group>"};
	if (!session_open_any(&s, cli, &why)) {
		if (why.kind == ERR_INTERRUPTED || why.kind == ERR_BUG) {
			*err = why;
			return false;
		}
		s.cli = cli;
		tell_file(&d);
		tell_not_opened(&d, &why);
	} else if (!check(&d, err)) {
		return false;
	}
	put(&d);
	cli->status = d.found.count[FINDING_FAIL] ? 3 : 0;
	return true;
}
