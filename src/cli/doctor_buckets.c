#include "base/map.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include "model/oci_uri.h"
#include "oci/objectstorage.h"
#include "oci/probe.h"
#include "run/tag.h"

enum role {
	ROLE_SCRIPTS = 1 << 0,
	ROLE_DATA = 1 << 1,
	ROLE_LOGS = 1 << 2,
	ROLE_WAREHOUSE = 1 << 3,
	ROLE_DECLARED = 1 << 4
};

struct bucket_check {
	const char *name;
	unsigned roles;
	const struct bucket *bucket; /* NULL: it could not be read */
	struct err read;
	enum storage_probe_state state;
	struct err written;
};
struct buckets {
	struct doctor *d;
	struct map checks; /* name to struct bucket_check */
	struct map seen;   /* names in the compartments */
	struct err listed; /* why they may not be seen */
	const char *object;
	bool stop;
};

static void want(struct buckets *b, const char *name, unsigned role)
{
	struct bucket_check *c = map_get(&b->checks, name);
	if (!c) {
		c = arena_new(b->checks.arena, struct bucket_check);
		c->name = arena_strdup(b->checks.arena, name);
		map_put(&b->checks, name, c);
	}
	c->roles |= role;
}

/* Of another namespace it is another tenancy's. */
static void want_uri(struct buckets *b, const char *uri, unsigned role)
{
	struct oci_uri u;
	if (uri && oci_uri_parse(uri, b->checks.arena, &u) && text_equal(u.ns, b->d->ns))
		want(b, u.bucket, role);
}

static void want_all(struct buckets *b)
{
	const struct resources *r = &b->d->s->want;
	for (size_t i = 0; i < r->n; i++) {
		const struct resource *one = &r->v[i];
		if (one->kind == RESOURCE_BUCKET)
			want(b, one->bucket->name, ROLE_DECLARED);
		if (one->kind == RESOURCE_OBJECT)
			want(b, one->object->bucket,
				text_starts(one->address, "objects.") ? ROLE_DATA : ROLE_SCRIPTS);
		if (one->kind != RESOURCE_APPLICATION)
			continue;
		want_uri(b, one->app->file_uri, ROLE_SCRIPTS);
		want_uri(b, one->app->archive_uri, ROLE_SCRIPTS);
		want_uri(b, one->app->logs_bucket_uri, ROLE_LOGS);
		want_uri(b, one->app->warehouse_bucket_uri, ROLE_WAREHOUSE);
	}
}

static void on_name(void *ctx, const struct err *err, const char *name)
{
	struct buckets *b = ctx;
	if (name)
		map_put(&b->seen, name, b);
	else if (err->kind && !b->listed.kind)
		b->listed = *err;
}

static void on_bucket(void *ctx, const struct err *err, const struct bucket *bucket)
{
	struct bucket_check *c = ctx;
	c->read = *err;
	c->bucket = bucket;
}

static void on_probed(void *ctx, enum storage_probe_state state, const struct err *err)
{
	struct bucket_check *c = ctx;
	c->state = state;
	c->written = *err;
}

static bool is_absent(const struct buckets *b, const struct bucket_check *c)
{
	return doctor_is_refusal(&c->read) && !b->listed.kind && !map_has(&b->seen, c->name);
}

static bool read_all(struct buckets *b, struct err *err)
{
	struct doctor *d = b->d;
	struct oci *oci = d->s->oci;
	for (size_t i = 0; i < d->compartments.n; i++)
		storage_bucket_names(oci, d->ns, d->compartments.v[i], on_name, b);
	for (size_t i = 0; i < b->checks.n; i++)
		storage_bucket_get(oci, d->ns, b->checks.v[i].key, on_bucket, b->checks.v[i].value);
	return oci_run(oci, err);
}

/* What has been written is deleted also when Ctrl-C came: only what was not begun is left out. */
static bool write_all(struct buckets *b, struct err *err)
{
	struct doctor *d = b->d;
	struct oci *oci = d->s->oci;
	for (size_t i = 0; i < b->checks.n; i++) {
		struct bucket_check *c = b->checks.v[i].value;
		if (!is_absent(b, c) && (!c->read.kind || doctor_is_refusal(&c->read)))
			storage_bucket_probe(
				oci, d->ns, c->name, b->object, &b->stop, on_probed, c);
	}
	if (oci_run(oci, err))
		return true;
	struct err ignored;
	b->stop = true;
	cli_stop = false;
	output_say(d->s->cli, OUTPUT_NOTE, "interrupted: what was written is being deleted");
	bool ended = oci_run(oci, &ignored);
	cli_stop = true;
	for (size_t i = 0; i < b->checks.n; i++) {
		const struct bucket_check *c = b->checks.v[i].value;
		if (!ended || c->state == STORAGE_PROBE_LEFT)
			err_hint(err, "object %s may be left in bucket %s", b->object, c->name);
	}
	return false;
}

static const char *roles_of(const struct bucket_check *c, struct arena *a)
{
	static const char *const names[] = {"scripts", "data", "logs", "warehouse"};
	const char *text = "";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (c->roles & (1u << i))
			text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", names[i]);
	return *text ? text : "declared";
}

static void tell_absent(struct buckets *b, const struct bucket_check *c, const char *name)
{
	struct findings *f = &b->d->found;
	const char *compartment = b->d->s->compartment_id;
	if (c->roles & ROLE_DECLARED) {
		struct finding *one = findings_add(f, FINDING_WARN, name, "not there yet");
		finding_cure(f, one,
			"`weir apply` creates it, if this is allowed, which cannot be tried without doing it:");
		finding_policy(f, one, doctor_policy(b->d, "manage buckets", compartment));
		return;
	}
	struct finding *one = findings_add(f, FINDING_FAIL, name, "not there");
	finding_cure(f, one,
		"declare it under `buckets:`, and `weir apply` creates it; or mend its name");
	finding_cure(f, one,
		"if it lies in another compartment, let an administrator add the statement for that one:");
	finding_policy(f, one, doctor_policy(b->d, "read buckets", compartment));
}

static void tell_hidden(struct buckets *b, const struct bucket_check *c, const char *name)
{
	struct findings *f = &b->d->found;
	const char *compartment = b->d->s->compartment_id;
	bool seen = map_has(&b->seen, c->name), written = c->state == STORAGE_PROBE_WRITTEN;
	struct finding *one = findings_add(f, FINDING_FAIL, name,
		seen || written ? "there, but its settings are not yours to read"
				: "not there, or not yours to see");
	finding_policy(f, one, doctor_policy(b->d, "read buckets", compartment));
	if (!written)
		finding_policy(f, one, doctor_policy(b->d, "manage objects", compartment));
}

static bool is_public(const struct bucket *bucket)
{
	return bucket->public_access_type &&
		!text_equal(bucket->public_access_type, "NoPublicAccess");
}

/* What of its settings is not right; NULL: all is. */
static struct finding *tell_settings(
	struct buckets *b, const struct bucket_check *c, const char *name)
{
	struct findings *f = &b->d->found;
	const struct bucket *bucket = c->bucket;
	struct finding *one = NULL;
	if (text_equal(bucket->storage_tier, "Archive")) {
		one = findings_add(f, FINDING_FAIL, name,
			"of the Archive tier, in which nothing can be read at once");
		finding_cure(f, one, "use a bucket of the Standard tier: a tier cannot be changed");
	} else if (bucket->is_read_only.set && bucket->is_read_only.v) {
		one = findings_add(
			f, FINDING_FAIL, name, "read-only: another bucket is replicated to it");
		finding_cure(f, one, "use that bucket, or end the replication");
	} else if (is_public(bucket)) {
		one = findings_add(f, FINDING_WARN, name,
			"public (%s): everybody can read what is in it",
			bucket->public_access_type);
		finding_cure(f, one,
			"oci os bucket update -bn %s --public-access-type NoPublicAccess", c->name);
	}
	return one;
}

static void tell_readable(struct buckets *b, const struct bucket_check *c, const char *name)
{
	struct findings *f = &b->d->found;
	struct finding *one;
	switch (c->state) {
	case STORAGE_PROBE_LEFT:
		one = findings_failed(f, name, &c->written);
		finding_cure(f, one, "object %s is left behind in bucket %s: delete it", b->object,
			c->name);
		return;
	case STORAGE_PROBE_REFUSED:
		if (!doctor_is_refusal(&c->written)) {
			findings_failed(f, name, &c->written);
			return;
		}
		one = findings_add(f, FINDING_FAIL, name, "there, but you may not write to it");
		finding_policy(f, one,
			doctor_policy(b->d, "manage objects",
				c->bucket->compartment_id ? c->bucket->compartment_id
							  : b->d->s->compartment_id));
		return;
	case STORAGE_PROBE_RETAINED:
		findings_add(f, FINDING_WARN, name,
			"there; a retention rule keeps what is written, so that nothing was tried");
		return;
	case STORAGE_PROBE_SKIPPED:
	case STORAGE_PROBE_WRITTEN:
		break;
	}
	if (!tell_settings(b, c, name))
		findings_add(f, FINDING_OK, name, "%s; private, %s, written to and deleted from",
			roles_of(c, f->arena),
			text_equal(c->bucket->versioning, "Enabled") ? "versioned"
								     : "not versioned");
}

static void tell(struct buckets *b, const struct bucket_check *c)
{
	struct findings *f = &b->d->found;
	const char *name = arena_printf(f->arena, "bucket %s", c->name);
	if (c->bucket)
		tell_readable(b, c, name);
	else if (!doctor_is_refusal(&c->read))
		findings_failed(f, name, &c->read);
	else if (is_absent(b, c))
		tell_absent(b, c, name);
	else
		tell_hidden(b, c, name);
}

/* The logs are written by Data Flow itself, and read for the user by it. */
static void note_needs(struct buckets *b)
{
	struct doctor *d = b->d;
	struct arena *a = d->found.arena;
	bool declares = false;
	for (size_t i = 0; i < b->checks.n; i++) {
		const struct bucket_check *c = b->checks.v[i].value;
		declares = declares || (c->roles & ROLE_DECLARED);
		if ((c->roles & ROLE_LOGS) && !text_equal(d->s->target->type, "local"))
			d->service_needs = arena_printf(a,
				"%s%sAllow service dataflow to read objects in tenancy where "
				"target.bucket.name = '%s'",
				d->service_needs ? d->service_needs : "",
				d->service_needs ? "\n" : "", c->name);
	}
	if (!b->checks.n)
		return;
	doctor_need(d, declares ? "manage buckets" : "read buckets", d->s->compartment_id);
	doctor_need(d, "manage objects", d->s->compartment_id);
}

bool doctor_buckets(struct doctor *d, struct err *err)
{
	struct cli *cli = d->s->cli;
	struct arena *a = oci_arena(d->s->oci);
	struct buckets *b = arena_new(a, struct buckets);
	*b = (struct buckets){.d = d,
		.checks.arena = a,
		.seen.arena = a,
		.object = arena_printf(
			a, "weir-doctor-%s", run_invocation(a, clock_wall(cli->clock)))};
	want_all(b);
	note_needs(b);
	if (!read_all(b, err) || !write_all(b, err))
		return false;
	for (size_t i = 0; i < b->checks.n; i++)
		tell(b, b->checks.v[i].value);
	return true;
}
