#include "live/cache.h"

#include "base/digest.h"
#include "base/keep.h"
#include "base/map.h"
#include "base/text.h"
#include "field/pack.h"

#include <string.h>

struct entry {
	const struct application *app;
	const char *etag;
	bool live; /* there in this reading: to be kept */
};
struct live_cache {
	struct arena *arena;
	const char *folder, *name, *form, *scope;
	const struct strs *secrets;
	const char *ns;
	struct unpack rest; /* entries that are kept, and were not needed yet */
	struct map entries; /* OCID to struct entry */
	size_t kept;        /* entries on disk */
	bool changed;       /* what is to be kept is not what is on disk */
};

static void empty(struct live_cache *c)
{
	c->entries = (struct map){.arena = c->arena};
	c->rest = (struct unpack){0};
	c->ns = NULL;
	c->kept = 0;
}

void live_cache_load(struct live_cache *c)
{
	struct unpack in = c->rest;
	if (!in.left)
		return;
	c->rest = (struct unpack){0};
	for (uint32_t n = unpack_count(&in); n && !in.bad; n--) {
		struct entry *e = arena_new(c->arena, struct entry);
		struct application *app = arena_new(c->arena, struct application);
		e->etag = unpack_str(&in);
		if (unpack_record(&in, &application_record, c->arena, app) && app->id) {
			e->app = app;
			map_put(&c->entries, app->id, e);
		}
	}
	c->kept = c->entries.n;
	if (!unpack_ended(&in))
		empty(c);
}

static struct entry *entry_of(struct live_cache *c, const char *id)
{
	live_cache_load(c);
	return map_get(&c->entries, id);
}

static void read_kept(struct live_cache *c)
{
	size_t n;
	const char *bytes = keep_read(c->arena, c->folder, c->name, c->form, &n);
	if (!bytes)
		return;
	c->rest = (struct unpack){bytes, n, false};
	bool ours = text_equal(unpack_str(&c->rest), c->scope);
	c->ns = unpack_str(&c->rest);
	if (!ours || c->rest.bad)
		empty(c);
}

struct live_cache *live_cache_open(
	struct arena *a, const char *folder, const char *scope, const struct strs *secrets)
{
	unsigned char hash[DIGEST_MAX];
	struct live_cache *c = arena_new(a, struct live_cache);
	digest_bytes(DIGEST_SHA256, scope, strlen(scope), hash);
	*c = (struct live_cache){.arena = a,
		.folder = folder,
		.name = arena_printf(a, "applications-%s", text_hex(a, hash, 16)),
		.form = arena_printf(a, "applications 1 %s", pack_layout(&application_record, a)),
		.scope = arena_strdup(a, scope),
		.secrets = secrets,
		.entries = {.arena = a}};
	if (folder)
		read_kept(c);
	return c;
}

void live_cache_empty(struct live_cache *c)
{
	c->changed |= c->kept > 0 || c->rest.left;
	empty(c);
}

const char *live_cache_ns(const struct live_cache *c)
{
	return c->ns;
}

void live_cache_set_ns(struct live_cache *c, const char *ns)
{
	c->changed |= !text_equal(c->ns, ns);
	c->ns = arena_strdup(c->arena, ns);
}

static bool same_pairs(const struct pairs *a, const struct pairs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		size_t k = 0;
		while (k < b->n && strcmp(a->v[i].name, b->v[k].name))
			k++;
		if (k == b->n || !text_equal(a->v[i].value, b->v[k].value))
			return false;
	}
	return true;
}

/* What the summary does not tell is not compared. */
static bool same_text(const char *told, const char *kept)
{
	return !told || text_equal(told, kept ? kept : "");
}

/* All that ApplicationSummary has (Data Flow API 20200129), read by name: what it lacks stays uncompared. */
static bool agrees(const struct application *summary, const struct application *app)
{
	return !text_empty(summary->time_updated) &&
		text_equal(summary->time_updated, app->time_updated) &&
		same_text(summary->compartment_id, app->compartment_id) &&
		same_text(summary->display_name, app->display_name) &&
		same_text(summary->lifecycle_state, app->lifecycle_state) &&
		same_text(summary->language, app->language) &&
		same_text(summary->spark_version, app->spark_version) &&
		same_text(summary->type, app->type) && same_text(summary->pool_id, app->pool_id) &&
		same_text(summary->owner_principal_id, app->owner_principal_id) &&
		same_text(summary->time_created, app->time_created) &&
		same_pairs(&summary->freeform_tags, &app->freeform_tags) &&
		same_pairs(&summary->defined_tags, &app->defined_tags);
}

const struct application *live_cache_find(
	struct live_cache *c, const struct application *summary, const char **ret_etag)
{
	struct entry *e = entry_of(c, summary->id);
	if (!e || !e->app || !agrees(summary, e->app))
		return NULL;
	e->live = true;
	*ret_etag = e->etag;
	return e->app;
}

static bool is_settled(const struct application *app, int64_t read_ms)
{
	int64_t updated;
	return app->time_updated && text_parse_rfc3339(app->time_updated, &updated) &&
		read_ms >= updated + CACHE_SETTLED_MS;
}

static bool holds(const struct buf *bytes, const char *secret)
{
	return !text_empty(secret) && memmem(bytes->data, bytes->len, secret, strlen(secret));
}

/* What is sensitive by its row, or holds a text that is. */
static bool is_secret(const struct live_cache *c, const struct application *app)
{
	for (const struct field *f = application_record.fields; f->name; f++)
		if (f->flags & FIELD_SENSITIVE && field_is_set(f, app))
			return true;
	if (!c->secrets || !c->secrets->n)
		return false;
	buf_auto bytes = {0};
	pack_record(&bytes, &application_record, app);
	for (size_t i = 0; i < c->secrets->n; i++)
		if (holds(&bytes, c->secrets->v[i]))
			return true;
	return false;
}

void live_cache_keep(
	struct live_cache *c, const struct application *app, const char *etag, int64_t read_ms)
{
	live_cache_forget(c, app->id);
	if (!is_settled(app, read_ms) || is_secret(c, app))
		return;
	struct entry *e = entry_of(c, app->id);
	if (!e) {
		e = arena_new(c->arena, struct entry);
		map_put(&c->entries, app->id, e);
	}
	*e = (struct entry){app, etag, true};
	c->changed = true;
}

void live_cache_forget(struct live_cache *c, const char *id)
{
	struct entry *e = entry_of(c, id);
	if (!e || !e->app)
		return;
	*e = (struct entry){0};
	c->changed = true;
}

static uint32_t count(const struct live_cache *c)
{
	uint32_t n = 0;
	for (size_t i = 0; i < c->entries.n; i++)
		n += ((struct entry *)c->entries.v[i].value)->live;
	return n;
}

void live_cache_save(struct live_cache *c)
{
	buf_auto bytes = {.max = (size_t)256 << 20};
	live_cache_load(c);
	uint32_t n = count(c);
	if (!c->folder || (!c->changed && n == c->kept))
		return;
	pack_str(&bytes, c->scope);
	pack_str(&bytes, c->ns);
	pack_u32(&bytes, n);
	for (size_t i = 0; i < c->entries.n; i++) {
		const struct entry *e = c->entries.v[i].value;
		if (!e->live)
			continue;
		pack_str(&bytes, e->etag);
		pack_record(&bytes, &application_record, e->app);
	}
	if (keep_write(c->folder, c->name, c->form, &bytes)) {
		c->kept = n;
		c->changed = false;
	}
}
