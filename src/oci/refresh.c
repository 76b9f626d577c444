#include "oci/refresh.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* After a refresh that failed while the token still holds, this long nothing is tried. */
enum { EARLY_MS = 60 * 1000, QUIET_MS = 30 * 1000 };

struct refresh {
	struct oci *oci;
	const struct oci_config *config;
	const struct clock *clock;
	const char *auth_url;
	struct arena secrets;
	struct token token;
	EVP_PKEY *key; /* owned */
	struct {       /* by the thread that asks */
		bool ok;
		struct principal principal;
		struct err err;
	} fetched;
	const char *key_id; /* read by the threads that sign */
	bool under_way;
	bool refused; /* a 401: the token does not hold, whatever it says */
	int64_t quiet_until;
	struct call *first, **end; /* those that wait */
};

static void take(struct refresh *r, const struct token *t)
{
	r->token = *t;
	__atomic_store_n(&r->key_id, arena_printf(&r->secrets, "ST$%s", t->text), __ATOMIC_RELEASE);
	r->refused = false;
}

struct refresh *refresh_new(struct oci *oci, const struct oci_config *config,
	const struct clock *clock, const char *auth_url)
{
	struct refresh *r = xalloc(sizeof *r);
	*r = (struct refresh){.oci = oci,
		.config = config,
		.clock = clock,
		.auth_url = auth_url,
		.key = config->key,
		.end = &r->first};
	EVP_PKEY_up_ref(r->key);
	take(r, &config->token);
	return r;
}

void refresh_free(struct refresh *r)
{
	if (!r)
		return;
	EVP_PKEY_free(r->key);
	arena_wipe(&r->secrets);
	free(r);
}

const char *refresh_key_id(const struct refresh *r)
{
	return __atomic_load_n(&r->key_id, __ATOMIC_ACQUIRE);
}

EVP_PKEY *refresh_key(const struct refresh *r)
{
	return r->key;
}

static bool is_principal(const struct refresh *r)
{
	return r->config->auth == OCI_AUTH_PRINCIPAL;
}

static bool holds_for(const struct refresh *r, const struct token *t, int64_t ms)
{
	return clock_wall(r->clock) < t->expires_ms - ms;
}

/* What another program put into the file meanwhile. */
static bool take_from_file(struct refresh *r)
{
	struct token t;
	struct err ignored;
	if (is_principal(r) || !token_read(r->config->token_file, &r->secrets, &t, &ignored) ||
		!strcmp(t.text, r->token.text) || !holds_for(r, &t, EARLY_MS) ||
		!token_is_for(&t, r->config->key))
		return false;
	take(r, &t);
	return true;
}

static struct call *take_waiting(struct refresh *r)
{
	struct call *first = r->first;
	r->first = NULL;
	r->end = &r->first;
	r->under_way = false;
	return first;
}

static void send_waiting(struct refresh *r)
{
	for (struct call *c = take_waiting(r), *next; c; c = next) {
		next = c->next_waiting;
		call_send(c);
	}
}

static void fail_waiting(struct refresh *r, const struct err *err)
{
	for (struct call *c = take_waiting(r), *next; c; c = next) {
		next = c->next_waiting;
		call_fail(c, err);
	}
}

/* A file that cannot be written is no reason to end: the token is good, and the next program refreshes again. */
static void keep(struct refresh *r)
{
	struct err err;
	if (!token_write(r->config->token_file, r->token.text, &err))
		progress_send(oci_progress(r->oci), PROGRESS_NOTE, "session", 0, 0,
			"the refreshed token could not be kept: %s", err.text);
}

static bool take_reply(struct refresh *r, struct call *c, struct http_reply *reply, struct err *err)
{
	struct token t;
	const struct node *body = call_node(c, reply, err);
	const char *text = body ? node_get_str(body, "token") : NULL;
	if (!body || !call_has(c, "token", text, err))
		return false;
	if (!token_parse(text, strlen(text), &r->secrets, &t, err)) {
		err->kind = ERR_PROTOCOL;
		return err_wrap(err, "%s: the service's reply", c->http.what);
	}
	take(r, &t);
	keep(r);
	return true;
}

static void explain(const struct refresh *r, struct err *err)
{
	const struct oci_config *c = r->config;
	if (err->http_status == 401 && !call_is_late(err)) {
		bool expired = !holds_for(r, &r->token, 0);
		err_set(err, ERR_AUTH,
			"the session of %s %s, and could not be refreshed (token %s)", c->where,
			expired ? "has expired" : "is not valid", c->token_file);
		err->http_status = 401;
		err_hint(err, "`oci session authenticate --profile-name %s` begins a new one",
			c->profile);
	} else if (!holds_for(r, &r->token, 0)) {
		err_hint(err, "the session of %s has expired (token %s)", c->where, c->token_file);
	}
}

static void on_refreshed(void *ctx, struct call *c, struct http_reply *reply)
{
	struct refresh *r = ctx;
	struct err err = reply->err;
	bool ok = !err.kind && take_reply(r, c, reply, &err);
	if (reply->body.data)
		OPENSSL_cleanse(reply->body.data, reply->body.len);
	if (!ok && err.kind != ERR_INTERRUPTED && !r->refused && holds_for(r, &r->token, 0)) {
		r->quiet_until = clock_wall(r->clock) + QUIET_MS;
		ok = true;
	}
	if (ok) {
		send_waiting(r);
		return;
	}
	explain(r, &err);
	fail_waiting(r, &err);
}

/* What was asked anew may be what there was: a token given by the environment itself never changes. */
static void on_fetched(void *ctx)
{
	struct refresh *r = ctx;
	bool ok = r->fetched.ok;
	if (ok) {
		EVP_PKEY_free(r->key);
		r->key = r->fetched.principal.key;
		take(r, &r->fetched.principal.token);
		ok = holds_for(r, &r->token, 0);
	} else if (!r->refused && holds_for(r, &r->token, 0)) {
		ok = true;
	}
	if (!ok && r->fetched.ok)
		err_set(&r->fetched.err, ERR_AUTH, "the token of this %s has expired",
			principal_name(r->config->principal.kind));
	if (ok && !holds_for(r, &r->token, EARLY_MS))
		r->quiet_until = clock_wall(r->clock) + QUIET_MS;
	if (ok)
		send_waiting(r);
	else
		fail_waiting(r, &r->fetched.err);
}

/* In a thread of its own, since it waits. */
static void fetch(void *ctx)
{
	struct refresh *r = ctx;
	r->fetched.ok = principal_get(
		&r->config->principal, &r->secrets, &r->fetched.principal, &r->fetched.err);
}

static void begin(struct refresh *r)
{
	if (is_principal(r)) {
		r->under_way = true;
		http_work(oci_http(r->oci), fetch, on_fetched, r);
		return;
	}
	struct call *c = call_new(r->oci, "POST", r->auth_url,
		"refresh the session of profile [%s]", r->config->profile);
	struct node *body = node_map(&c->arena);
	c->is_refresh = true;
	r->under_way = true;
	call_path(c, "/authentication/refresh");
	node_put(&c->arena, body, "currentToken", node_str(&c->arena, r->token.text));
	call_json(c, body);
	call_start(c, on_refreshed, r);
}

static void wait_for(struct refresh *r, struct call *c)
{
	c->next_waiting = NULL;
	*r->end = c;
	r->end = &c->next_waiting;
	if (!r->under_way)
		begin(r);
}

static bool can_ask(const struct refresh *r)
{
	return r->auth_url || is_principal(r);
}

bool refresh_hold(struct refresh *r, struct call *c)
{
	bool fresh = holds_for(r, &r->token, EARLY_MS) ||
		(clock_wall(r->clock) < r->quiet_until && holds_for(r, &r->token, 0));
	if (!r->under_way && (fresh || take_from_file(r) || !can_ask(r)))
		return false;
	wait_for(r, c);
	return true;
}

bool refresh_hold_refused(struct refresh *r, struct call *c, const char *used_key_id)
{
	if (!can_ask(r))
		return false;
	if (!r->under_way && (strcmp(used_key_id, r->key_id) || take_from_file(r))) {
		call_send(c);
		return true;
	}
	r->refused = true;
	wait_for(r, c);
	return true;
}
