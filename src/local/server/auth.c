#include "base/clock.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/identity/sessions.h"
#include "local/runner/runner.h"
#include "local/server/server_inside.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SKEW_MS = 5 * 60 * 1000 };

void auth_refuse(struct call *c)
{
	reply_error(&c->reply, 401, "NotAuthenticated",
		"The required information to complete authentication was not provided or was incorrect.");
}

static bool refuse(struct call *c)
{
	auth_refuse(c);
	return false;
}

static bool lists(const char *names, const char *name)
{
	size_t n = strlen(name);
	for (;; names++) {
		size_t len = strcspn(names, " ");
		if (len == n && !strncasecmp(names, name, n))
			return true;
		names += len;
		if (!*names)
			return false;
	}
}

/* The name of the signed header that dates the request; NULL. x-date is there for clients that can't set date. */
static const char *dating_header(const char *names)
{
	return lists(names, "x-date") ? "x-date" : lists(names, "date") ? "date" : NULL;
}

/* Objects and parts are too large to be hashed first: their bodies may go unsigned. */
static bool covers_enough(const struct call *c, const char *names)
{
	const char *method = c->request.method;
	bool body = !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH");
	bool streamed = c->route && c->route->on_bytes;
	if (!dating_header(names) || !lists(names, "(request-target)") || !lists(names, "host"))
		return false;
	return !body || streamed ||
		(lists(names, "content-length") && lists(names, "content-type") &&
			lists(names, "x-content-sha256"));
}

/* "Sat, 07 Jun 2025 01:58:42 UTC", as the service's messages have it. */
static char *utc(int64_t ms, char out[static 32])
{
	text_http_date(ms, out);
	char *zone = strstr(out, "GMT");
	if (zone)
		memcpy(zone, "UTC", 3);
	return out;
}

static bool is_recent(struct call *c, const char *names)
{
	const char *date = request_header(&c->request, dating_header(names));
	int64_t then, now = clock_wall(c->server->service->clock);
	if (!date || !text_parse_http_date(date, &then))
		return refuse(c);
	if (then >= now - SKEW_MS && then <= now + SKEW_MS)
		return true;
	char asked[32], is[32], from[32], to[32];
	reply_error(&c->reply, 401, "NotAuthenticated",
		"Date '%s' is not within allowed clock skew. Current '%s', valid datetime range: ['%s', '%s']",
		utc(then, asked), utc(now, is), utc(now - SKEW_MS, from), utc(now + SKEW_MS, to));
	return false;
}

/* A resource principal is its run's while that goes on, and holds the run's own key. */
static bool is_of_a_run(struct call *c, const struct session_claims *claims, const char **ret_run,
	const char **ret_user)
{
	const struct identity_tenancy *t =
		identity_tenancy_of_key(c->request.caller.identity, claims->tenancy);
	return t && t->service->runner &&
		runner_has_key(t->service->runner, claims->run, claims->key, ret_run, ret_user);
}

/* The session's key, and whose session it is, a run's or a user's; NULL unless the token is ours and holds. */
static EVP_PKEY *session_key(
	struct call *c, const char *token, const char **ret_run, const char **ret_user)
{
	struct service *s = c->server->service;
	struct session_claims claims;
	if (!s->sessions ||
		!sessions_check(s->sessions, token, clock_wall(s->clock), &c->arena, &claims))
		return NULL;
	*ret_user = claims.user;
	if (!claims.run || is_of_a_run(c, &claims, ret_run, ret_user))
		return claims.key;
	EVP_PKEY_free(claims.key);
	return NULL;
}

/* The public key of a key id: a user's, a session's, or that of a run while it goes on. To be freed; NULL. */
static EVP_PKEY *key_of(struct call *c, const char *key_id)
{
	struct service *s = c->server->service;
	struct caller *caller = &c->request.caller;
	const char *run_id = NULL, *user_id = NULL;
	EVP_PKEY *key = NULL;
	const struct identity *identity = service_identity(s);
	*caller = (struct caller){.key_id = key_id, .identity = identity};
	caller->who = identity_user_of_key(identity, key_id);
	if (caller->who) {
		key = caller->who->key;
		EVP_PKEY_up_ref(key);
	} else if (text_starts(key_id, "ST$")) {
		key = session_key(c, key_id + 3, &run_id, &user_id);
		caller->who = key ? identity_user(identity, user_id) : NULL;
	} else {
		const struct identity_tenancy *t = identity_tenancy_of_key(identity, key_id);
		if (t && t->service->runner)
			key = runner_key(t->service->runner, key_id, &run_id, &user_id);
		caller->who = key ? identity_user(identity, user_id) : NULL;
	}
	if (!caller->who) {
		EVP_PKEY_free(key);
		return NULL;
	}
	caller->run_id = run_id;
	caller->user = caller->who->id;
	caller->tenancy = caller->who->tenancy->id;
	c->request.service = caller->who->tenancy->service;
	return key;
}

static bool signature_holds(struct call *c, const struct sign_parsed *p)
{
	struct err err;
	const struct sign_request request = {.method = c->request.method,
		.target = c->request.target,
		.fields = c->fields,
		.fields_n = c->fields_n};
	buf_auto string = {.max = HEAD_MAX + TARGET_MAX};
	if (!sign_string(&request, p->names, &string, &err))
		return false;
	EVP_PKEY *key = key_of(c, p->key_id);
	bool ok = key && sign_verify(key, string.data, string.len, p->signature);
	EVP_PKEY_free(key);
	return ok;
}

bool auth_check(struct call *c)
{
	struct sign_parsed p;
	struct err err;
	const char *authorization = request_header(&c->request, "authorization");
	if (!authorization || !sign_parse(authorization, &c->arena, &p, &err))
		return refuse(c);
	if (!covers_enough(c, p.names))
		return refuse(c);
	if (!is_recent(c, p.names))
		return false;
	if (!signature_holds(c, &p))
		return refuse(c);
	if (lists(p.names, "x-content-sha256"))
		c->body_hash = request_header(&c->request, "x-content-sha256");
	return true;
}
