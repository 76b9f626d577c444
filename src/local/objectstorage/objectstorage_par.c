/*
 * Pre-authenticated requests: made, told and deleted here; used in objectstorage_admit.c. The token is told once, in
 * the access URI of the reply that makes it, and kept only as its SHA-256.
 */
#include "base/clock.h"
#include "base/text.h"
#include "local/objectstorage/objectstorage.h"
#include "local/server/server_inside.h"
#include "model/oci_uri.h"

#include <string.h>
#include <sys/random.h>

enum { LIMIT = 1000, TOKEN_BYTES = 48 };

struct par {
	const char *id, *name, *access, *listing, *expires, *object, *created, *uri, *full_path;
};
static const char *const accesses[] = {"ObjectRead", "ObjectWrite", "ObjectReadWrite",
	"AnyObjectRead", "AnyObjectWrite", "AnyObjectReadWrite", NULL};
static const char *const listings[] = {"Deny", "ListObjects", NULL};

static bool time_ok(const char *s)
{
	int64_t ms;
	return text_parse_rfc3339(s, &ms);
}

static bool is_some(const char *s)
{
	return *s != '\0';
}

static const struct record par_record = RECORD("PreauthenticatedRequest", struct par,
	STR(struct par, id, "id", ABSENT_REQUIRED, "Id.", .flags = FIELD_COMPUTED),
	STR(struct par, name, "name", ABSENT_REQUIRED, "Name.", .flags = FIELD_REQUIRED,
		.max_len = 255, .ok = is_some, .ok_doc = "1 to 255 bytes"),
	ENUM(struct par, access, accesses, "accessType", ABSENT_REQUIRED, "What it lets do.",
		.flags = FIELD_REQUIRED),
	STR(struct par, expires, "timeExpires", ABSENT_REQUIRED, "Until when.",
		.flags = FIELD_REQUIRED, .ok = time_ok, .ok_doc = "a time: 2025-06-01T12:00:00Z"),
	ENUM(struct par, listing, listings, "bucketListingAction", ABSENT_SERVER,
		"Whether it lets list objects."),
	STR(struct par, object, "objectName", ABSENT_SERVER,
		"The object, or what names begin with.", .ok = object_name_ok,
		.ok_doc = "1 to 1024 bytes of UTF-8 in one line"),
	STR(struct par, created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED));

static bool is_of_any_object(const struct par *p)
{
	return text_starts(p->access, "Any");
}

static bool refuse(struct reply *reply, const char *text)
{
	reply_error(reply, 400, "InvalidParameter", "%s", text);
	return false;
}

static bool details_ok(struct request *r, struct par *p, struct reply *reply)
{
	int64_t expires = 0;
	if (text_empty(p->object))
		p->object = NULL;
	text_parse_rfc3339(p->expires, &expires);
	if (expires <= clock_wall(r->service->clock))
		return refuse(reply, "timeExpires: it lies in the past");
	if (!is_of_any_object(p) && !p->object)
		return refuse(reply, "objectName: an access type of one object needs it");
	if (!is_of_any_object(p) && text_equal(p->listing, "ListObjects"))
		return refuse(reply,
			"bucketListingAction: only with an access type that begins with AnyObject");
	return true;
}

/* One change in the writer's thread. */
struct par_change {
	struct request *request;
	const struct par *par;
	const char *digest;
	int64_t created, expires;
	int removed;
	enum change outcome;
};

static bool insert(sqlite3 *db, void *ctx, struct err *err)
{
	struct par_change *c = ctx;
	struct request *r = c->request;
	const struct par *p = c->par;
	int64_t bucket = bucket_row_id(db, r->args[1]);
	const char *compartment = bucket_row_compartment(db, r->arena, r->args[1]);
	enum permit_verb verb = strstr(p->access, "Write") ? VERB_MANAGE : VERB_READ;
	if (!bucket || !permit_in(r, verb, TYPE_OBJECT, compartment)) {
		c->outcome = CHANGE_NO_BUCKET;
		return true;
	}
	return store_exec(db, NULL, err,
		"INSERT INTO pars(id, bucket, digest, name, access, object, listing, tenancy, user,"
		" time_created, time_expires) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"sisssssssii", p->id, bucket, c->digest, p->name, p->access, p->object, p->listing,
		r->caller.tenancy, r->caller.user, c->created, c->expires);
}

const char *storage_par_digest(struct arena *a, const char *token)
{
	unsigned char raw[DIGEST_MAX];
	size_t n = digest_bytes(DIGEST_SHA256, token, strlen(token), raw);
	return text_hex(a, raw, n);
}

static const char *access_uri(struct request *r, const struct par *p, const char *token)
{
	const char *object = is_of_any_object(p) ? "" : text_percent(r->arena, p->object);
	return arena_printf(r->arena, "/p/%s/n/%s/b/%s/o/%s", token, r->args[0],
		text_percent(r->arena, r->args[1]), object);
}

static void reply_par(
	struct request *r, const struct par *p, const char *token, struct reply *reply)
{
	struct arena *a = r->arena;
	struct node *n = field_encode(&par_record, p, FORM_REPLY, a);
	const char *uri = access_uri(r, p, token);
	node_put(a, n, "accessUri", node_str(a, uri));
	node_put(a, n, "fullPath",
		node_str(a,
			arena_printf(
				a, "http://127.0.0.1:%d%s", server_port(r->service->server), uri)));
	reply_json(reply, 200, n);
}

void storage_par_create(struct request *r, struct reply *reply)
{
	struct par p;
	struct par_change c = {.request = r, .par = &p};
	unsigned char random[TOKEN_BYTES];
	char id[37], time[32];
	struct err err;
	if (!storage_bucket(r, reply) || !request_decode(r, &par_record, FORM_CREATE, &p, reply) ||
		!details_ok(r, &p, reply))
		return;
	if (getrandom(random, sizeof random, 0) != sizeof random) {
		err_errno(&err, ERR_IO, "getrandom");
		storage_failed(reply, &err);
		return;
	}
	const char *token = text_base64url(r->arena, random, sizeof random);
	store_uuid(id);
	c.created = clock_wall(r->service->clock);
	text_parse_rfc3339(p.expires, &c.expires);
	c.digest = storage_par_digest(r->arena, token);
	p.id = id;
	p.listing = p.listing ? p.listing : "Deny";
	p.expires = arena_strdup(r->arena, text_rfc3339(c.expires, time));
	p.created = arena_strdup(r->arena, text_rfc3339(c.created, time));
	if (!store_write(r->service->store, insert, &c, &err))
		storage_failed(reply, &err);
	else if (c.outcome != CHANGE_OK)
		storage_refuse(reply, r, c.outcome, r->args[1], NULL);
	else
		reply_par(r, &p, token, reply);
}

#define COLUMNS "id, name, access, object, listing, time_created, time_expires"

static struct node *par_node(struct arena *a, sqlite3_stmt *st)
{
	char created[32], expires[32];
	const struct par p = {.id = store_text(a, st, 0),
		.name = store_text(a, st, 1),
		.access = store_text(a, st, 2),
		.object = store_text(a, st, 3),
		.listing = store_text(a, st, 4),
		.created = text_rfc3339(sqlite3_column_int64(st, 5), created),
		.expires = text_rfc3339(sqlite3_column_int64(st, 6), expires)};
	return field_encode(&par_record, &p, FORM_REPLY, a);
}

static void refuse_unknown(struct request *r, struct reply *reply)
{
	reply_error(reply, 404, "NotAuthorizedOrNotFound",
		"The pre-authenticated request %s is not there in bucket '%s'", r->args[2],
		r->args[1]);
}

void storage_par_get(struct request *r, struct reply *reply)
{
	int64_t bucket = storage_bucket(r, reply);
	if (!bucket)
		return;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT " COLUMNS " FROM pars WHERE id = ? AND bucket = ?", "si", r->args[2],
		bucket);
	const struct node *n = sqlite3_step(st) == SQLITE_ROW ? par_node(r->arena, st) : NULL;
	store_done(st);
	if (n)
		reply_json(reply, 200, n);
	else
		refuse_unknown(r, reply);
}

void storage_par_list(struct request *r, struct reply *reply)
{
	int64_t bucket = storage_bucket(r, reply), limit, n = 0;
	const char *after, *last = NULL, *prefix = request_query(r, "objectNamePrefix");
	if (!bucket || !request_page(r, LIMIT, LIMIT, &limit, &after, reply))
		return;
	struct node *list = node_seq(r->arena);
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT " COLUMNS " FROM pars WHERE bucket = ?1 AND id > ?2"
		" AND (?3 IS NULL OR substr(object, 1, length(?3)) = ?3) ORDER BY id LIMIT ?4",
		"issi", bucket, after, text_empty(prefix) ? NULL : prefix, limit + 1);
	while (sqlite3_step(st) == SQLITE_ROW && n++ < limit) {
		node_append(r->arena, list, par_node(r->arena, st));
		last = store_text(r->arena, st, 0);
	}
	store_done(st);
	reply_json(reply, 200, list);
	if (n > limit)
		reply_next_page(reply, r, last);
}

static bool remove_par(sqlite3 *db, void *ctx, struct err *err)
{
	struct par_change *c = ctx;
	const char *const *args = c->request->args;
	return store_exec(db, &c->removed, err, "DELETE FROM pars WHERE id = ? AND bucket = ?",
		"si", args[2], bucket_row_id(db, args[1]));
}

void storage_par_delete(struct request *r, struct reply *reply)
{
	struct par_change c = {.request = r};
	struct err err;
	if (!storage_bucket(r, reply))
		return;
	if (!store_write(r->service->store, remove_par, &c, &err))
		storage_failed(reply, &err);
	else if (!c.removed)
		refuse_unknown(r, reply);
	else
		reply->status = 204;
}
