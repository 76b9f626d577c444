/*
 * Secret bundles (contract, section 2: API 20190301), and the service's own calls that put, list and remove secrets. Every
 * value is told to signed callers who may read secret bundles in its compartment, and to nobody else; it is in no list.
 */
#include "base/clock.h"
#include "base/text.h"
#include "local/dataflow/dataflow.h"
#include "local/home.h"
#include "local/identity/identity.h"
#include "local/server/server_inside.h"
#include "local/store/store.h"
#include "local/vault/vault.h"
#include "local/vault/vault_row.h"
#include "local/vault/vault_seal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT = 100, VALUE_MAX = 25 * 1024, SECRET_NAME_MAX = 255 };

const char *vault_id(const struct service *s, struct arena *a)
{
	return arena_printf(
		a, "ocid1.vault." HOME_REALM_REGION ".%s", identity_unique(a, "vault", s->tenancy));
}

static void failed(struct reply *reply, const struct err *err)
{
	fprintf(stderr, "weir-local: %s\n", err->text);
	reply_error(reply, 500, "InternalServerError", "%s", err->text);
}

static bool invalid(struct reply *reply, const char *what)
{
	reply_error(reply, 400, "InvalidParameter", "%s", what);
	return false;
}

/* ---- secret bundles */

static struct node *time_node(struct arena *a, int64_t ms)
{
	char text[32];
	return node_str(a, text_rfc3339(ms, text));
}

static struct node *stages_node(struct arena *a, unsigned stages)
{
	struct node *list = node_seq(a);
	for (size_t i = 0; vault_stage_names[i]; i++)
		if (stages & 1u << i)
			node_append(a, list, node_str(a, vault_stage_names[i]));
	return list;
}

/* What bundle and list tell of a version; no value. */
static struct node *version_node(
	struct arena *a, const struct vault_secret *s, const struct vault_version *v)
{
	struct node *n = node_map(a);
	node_put(a, n, "secretId", node_str(a, s->id));
	node_put(a, n, "versionNumber", node_int(a, v->number));
	node_put(a, n, "versionName", v->name ? node_str(a, v->name) : node_null(a));
	node_put(a, n, "timeCreated", time_node(a, v->created));
	node_put(a, n, "timeOfDeletion", node_null(a));
	node_put(a, n, "timeOfExpiry", node_null(a));
	node_put(a, n, "stages", stages_node(a, vault_stages(s, v->number)));
	return n;
}

static const char *bound_to(struct arena *a, const struct vault_secret *s, int64_t number)
{
	return arena_printf(a, "%s/%lld", s->id, (long long)number);
}

static bool put_content(struct request *r, struct node *n, const struct vault_secret *s,
	const struct vault_version *v, struct err *err)
{
	struct arena *a = r->arena;
	unsigned char *value;
	size_t len;
	if (!vault_unseal(
		    r->service->home, bound_to(a, s, v->number), v->sealed, &value, &len, err))
		return false;
	struct node *content = node_map(a);
	node_put(a, content, "contentType", node_str(a, "BASE64"));
	node_put(a, content, "content", node_str(a, text_base64(a, value, len)));
	node_put(a, n, "secretBundleContent", content);
	node_put(a, n, "metadata", node_null(a));
	vault_forget(value, len);
	return true;
}

/* The stage that the query names, as a bit; 0: none. False with a reply. */
static bool stage_of(struct request *r, unsigned *ret, struct reply *reply)
{
	const char *stage = request_query(r, "stage");
	*ret = 0;
	if (text_empty(stage))
		return true;
	for (size_t i = 0; vault_stage_names[i]; i++)
		if (text_equal(stage, vault_stage_names[i]))
			*ret = 1u << i;
	return *ret ||
		invalid(reply, "stage is one of CURRENT, PENDING, LATEST, PREVIOUS, DEPRECATED");
}

/* The version that the query asks for: by one of number, name and stage; by default the current one. 0: there is none. */
static bool choose(
	struct request *r, const struct vault_secret *s, int64_t *ret, struct reply *reply)
{
	unsigned stage;
	const char *number = request_query(r, "versionNumber");
	const char *name = request_query(r, "secretVersionName");
	if (!stage_of(r, &stage, reply))
		return false;
	if (!text_empty(number) + !text_empty(name) + !!stage > 1)
		return invalid(reply, "give one of versionNumber, secretVersionName and stage");
	if (!text_empty(number))
		return (text_i64(number, ret) && *ret > 0) ||
			invalid(reply, "versionNumber is a number from 1 on");
	*ret = text_empty(name) ? vault_in_stage(s, stage ? stage : STAGE_CURRENT)
				: vault_row_version_named(store_db(r->service->store), s, name);
	return true;
}

static void reply_bundle(struct request *r, const struct vault_secret *s, struct reply *reply)
{
	struct vault_version v;
	struct err err;
	int64_t number;
	if (!choose(r, s, &number, reply))
		return;
	if (!vault_row_version(store_db(r->service->store), r->arena, s, number, &v)) {
		dataflow_not_found(reply);
		return;
	}
	struct node *n = version_node(r->arena, s, &v);
	if (put_content(r, n, s, &v, &err))
		reply_json(reply, 200, n);
	else
		failed(reply, &err);
}

static void get_bundle(struct request *r, struct reply *reply)
{
	struct vault_secret s;
	if (vault_row_get(store_db(r->service->store), r->arena, r->args[0], &s))
		reply_bundle(r, &s, reply);
	else
		dataflow_not_found(reply);
}

static void get_bundle_by_name(struct request *r, struct reply *reply)
{
	struct vault_secret s;
	const char *name = request_query(r, "secretName"), *vault = request_query(r, "vaultId");
	if (text_empty(name) || text_empty(vault)) {
		reply_error(reply, 400, "MissingParameter", "secretName and vaultId are required");
		return;
	}
	if (strcmp(vault, vault_id(r->service, r->arena)) ||
		!vault_row_named(store_db(r->service->store), r->arena, name, &s) ||
		!permit_in(r, VERB_READ, TYPE_SECRET, s.compartment))
		dataflow_not_found(reply);
	else
		reply_bundle(r, &s, reply);
}

/* By number; sortOrder ASC or DESC, which is the default. The page's key is the last number of the page before. */
static bool page_of(struct request *r, int64_t *ret_limit, int64_t *ret_after, bool *ret_up,
	struct reply *reply)
{
	const char *after, *order = request_query(r, "sortOrder");
	*ret_up = text_equal(order, "ASC");
	if (!text_empty(order) && !*ret_up && !text_equal(order, "DESC"))
		return invalid(reply, "sortOrder is ASC or DESC");
	if (!request_page(r, LIMIT, LIMIT, ret_limit, &after, reply))
		return false;
	*ret_after = *ret_up ? 0 : INT64_MAX;
	return !*after || text_i64(after, ret_after) || invalid(reply, "page: not one of ours");
}

static void list_versions(struct request *r, struct reply *reply)
{
	struct arena *a = r->arena;
	sqlite3 *db = store_db(r->service->store);
	struct vault_secret s;
	int64_t limit, after, n = 0;
	bool up;
	if (!page_of(r, &limit, &after, &up, reply))
		return;
	if (!vault_row_get(db, a, r->args[0], &s)) {
		dataflow_not_found(reply);
		return;
	}
	struct node *list = node_seq(a);
	int64_t at = up ? after + 1 : after <= s.latest ? after - 1 : s.latest;
	for (; at > 0 && at <= s.latest && n < limit; at += up ? 1 : -1, n++) {
		struct vault_version v;
		if (vault_row_version(db, a, &s, at, &v))
			node_append(a, list, version_node(a, &s, &v));
	}
	reply_json(reply, 200, list);
	if (at > 0 && at <= s.latest)
		reply_next_page(
			reply, r, arena_printf(a, "%lld", (long long)(up ? at - 1 : at + 1)));
}

/* ---- the service's own calls */

struct put {
	struct request *request;
	const char *name, *compartment, *version;
	unsigned char *value;
	size_t n;
	bool pending, doubled;
	struct vault_secret made;
};

static bool name_ok(const char *s)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	return *s && strlen(s) <= SECRET_NAME_MAX && !s[strspn(s, allowed)];
}

static bool add_secret(sqlite3 *db, struct put *p, int64_t now, struct err *err)
{
	struct arena *a = p->request->arena;
	char uuid[37];
	store_uuid(uuid);
	p->made = (struct vault_secret){
		.id = arena_printf(a, "ocid1.vaultsecret." HOME_REALM_REGION ".%s",
			identity_unique(a, "secret", uuid)),
		.name = p->name,
		.compartment = p->compartment ? p->compartment : p->request->caller.tenancy,
		.created = now};
	return store_exec(db, NULL, err,
		"INSERT INTO secrets(id, name, compartment_id, time_created, current, previous)"
		" VALUES(?, ?, ?, ?, 0, 0)",
		"sssi", p->made.id, p->made.name, p->made.compartment, now);
}

static bool add_version(sqlite3 *db, struct put *p, int64_t now, struct err *err)
{
	struct arena *a = p->request->arena;
	struct vault_secret *s = &p->made;
	int64_t number = s->latest + 1;
	const char *sealed = vault_seal(
		p->request->service->home, bound_to(a, s, number), p->value, p->n, a, err);
	if (!sealed ||
		!store_exec(db, NULL, err,
			"INSERT INTO secret_versions(secret, number, name, sealed, time_created)"
			" VALUES(?, ?, ?, ?, ?)",
			"sissi", s->id, number, p->version, sealed, now))
		return false;
	s->latest = number;
	/* The first one is in use, since something has to be. */
	if (p->pending && s->current)
		return true;
	s->previous = s->current;
	s->current = number;
	return store_exec(db, NULL, err,
		"UPDATE secrets SET current = ?, previous = ? WHERE id = ?", "iis", s->current,
		s->previous, s->id);
}

static bool put_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct put *p = ctx;
	int64_t now = clock_wall(p->request->service->clock);
	if (!vault_row_named(db, p->request->arena, p->name, &p->made) &&
		!add_secret(db, p, now, err))
		return false;
	p->doubled = p->version && vault_row_version_named(db, &p->made, p->version);
	return p->doubled || add_version(db, p, now, err);
}

static bool decode(struct request *r, struct put *p, struct reply *reply)
{
	struct node *body = request_json(r, reply);
	if (!body)
		return false;
	const struct node *pending = node_get(body, "pending");
	const char *content = node_get_str(body, "content");
	p->name = node_get_str(body, "secretName");
	p->compartment = node_get_str(body, "compartmentId");
	p->version = node_get_str(body, "versionName");
	p->pending = pending && pending->kind == NODE_BOOL && pending->u.b;
	if (!p->name || !name_ok(p->name))
		return invalid(
			reply, "a secret's name has 1 to 255 letters, digits, `.`, `_` and `-`");
	if (p->version && !name_ok(p->version))
		return invalid(reply, "a version's name is like a secret's");
	if (p->compartment &&
		!identity_compartment(r->caller.identity, r->caller.who->tenancy, p->compartment))
		return invalid(reply, "there is no such compartment");
	if (!content || !text_unbase64(r->arena, content, &p->value, &p->n) || !p->n)
		return invalid(reply, "content is base64 of one byte at least");
	return p->n <= VALUE_MAX || invalid(reply, "a secret has at most 25 KiB");
}

static struct node *secret_node(struct request *r, const struct vault_secret *s)
{
	struct arena *a = r->arena;
	struct node *n = node_map(a);
	node_put(a, n, "id", node_str(a, s->id));
	node_put(a, n, "secretName", node_str(a, s->name));
	node_put(a, n, "compartmentId", node_str(a, s->compartment));
	node_put(a, n, "vaultId", node_str(a, vault_id(r->service, a)));
	node_put(a, n, "currentVersionNumber", node_int(a, s->current));
	node_put(a, n, "latestVersionNumber", node_int(a, s->latest));
	node_put(a, n, "timeCreated", time_node(a, s->created));
	return n;
}

static void put_secret(struct request *r, struct reply *reply)
{
	struct put p = {.request = r};
	struct err err;
	if (!decode(r, &p, reply))
		return;
	bool ok = store_write(r->service->store, put_row, &p, &err);
	OPENSSL_cleanse(p.value, p.n);
	if (!ok)
		failed(reply, &err);
	else if (p.doubled)
		reply_error(reply, 409, "Conflict", "The secret has a version called `%s` already.",
			p.version);
	else
		reply_json(reply, 200, secret_node(r, &p.made));
}

static void list_secrets(struct request *r, struct reply *reply)
{
	struct arena *a = r->arena;
	sqlite3 *db = store_db(r->service->store);
	struct node *list = node_seq(a);
	sqlite3_stmt *st = store_prepare(db, "SELECT id FROM secrets ORDER BY name", "");
	while (sqlite3_step(st) == SQLITE_ROW) {
		struct vault_secret s;
		if (vault_row_get(db, a, store_text(a, st, 0), &s))
			node_append(a, list, secret_node(r, &s));
	}
	store_done(st);
	reply_json(reply, 200, list);
}

struct removal {
	const char *what; /* OCID or name */
	int changes;
};

static bool remove_row(sqlite3 *db, void *ctx, struct err *err)
{
	struct removal *m = ctx;
	return store_exec(db, &m->changes, err, "DELETE FROM secrets WHERE id = ?1 OR name = ?1",
		"s", m->what);
}

static void delete_secret(struct request *r, struct reply *reply)
{
	struct removal m = {.what = r->args[0]};
	struct err err;
	if (!store_write(r->service->store, remove_row, &m, &err))
		failed(reply, &err);
	else if (!m.changes)
		dataflow_not_found(reply);
	else
		reply->status = 204;
}

/* clang-format off */
const struct route vault_routes[] = {
	{"GET", "/20190301/secretbundles/{}", NEEDS(READ, SECRET, SECRET), .handle = get_bundle},
	{"GET", "/20190301/secretbundles/{}/versions", NEEDS(READ, SECRET, SECRET), .handle = list_versions},
	/* The handler asks for the permission, once it knows where the secret lies. */
	{"POST", "/20190301/secretbundles/actions/getByName", NEEDS(NONE, NONE, ANYONE), .handle = get_bundle_by_name},
	{"POST", "/weir/secrets", NEEDS(NONE, NONE, HOME), .handle = put_secret},
	{"GET", "/weir/secrets", NEEDS(NONE, NONE, HOME), .handle = list_secrets},
	{"DELETE", "/weir/secrets/{}", NEEDS(NONE, NONE, HOME), .handle = delete_secret},
	{0},
};
/* clang-format on */
