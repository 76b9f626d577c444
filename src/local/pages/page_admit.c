#include "local/pages/page_admit.h"

#include "base/clock.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/pages/page_sessions.h"
#include "local/service.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

const char *page_cookie_name(struct request *r)
{
	return arena_printf(r->arena, "weir-local-%d", server_port(r->service->server));
}

const char *page_cookie(struct request *r)
{
	const char *name = page_cookie_name(r), *found = NULL;
	size_t n = strlen(name);
	char *rest = arena_strdup(r->arena, request_header(r, "cookie"));
	for (char *pair; (pair = strsep(&rest, ";"));) {
		pair += strspn(pair, " \t");
		if (strncmp(pair, name, n) != 0 || pair[n] != '=')
			continue;
		if (found) /* another origin of this host may have added one */
			return NULL;
		found = pair + n + 1;
	}
	return found;
}

static bool refuse(struct reply *reply, int status, const char *code, const char *text)
{
	reply_error(reply, status, code, "%s", text);
	return false;
}

/* What the browser says of who asks: a page is for who goes there, not for what another page embeds or fetches. Other
   clients say nothing. */
static bool is_asked_by_us(const struct request *r)
{
	const char *site = request_header(r, "sec-fetch-site");
	const char *mode = request_header(r, "sec-fetch-mode");
	const char *dest = request_header(r, "sec-fetch-dest");
	if (!site || !strcmp(site, "same-origin") || !strcmp(site, "none"))
		return true;
	return !strcmp(r->method, "GET") && text_equal(mode, "navigate") &&
		text_equal(dest, "document");
}

static bool is_from_here(struct request *r, struct reply *reply)
{
	if (!request_peer_is_ours(r))
		return refuse(reply, 403, "NotAllowed",
			"Pages are for the user of this machine who runs the service.");
	if (!is_asked_by_us(r))
		return refuse(reply, 403, "NotAllowed", "Another site asked for this page.");
	return true;
}

bool page_admit_all(struct request *r, struct reply *reply)
{
	return is_from_here(r, reply);
}

static const struct identity_user *user_of(struct request *r)
{
	struct page_session *session = arena_new(r->arena, struct page_session);
	const struct identity *identity = service_identity(r->service);
	const char *cookie = page_cookie(r);
	if (!cookie ||
		!page_sessions_find(r->service->page_sessions, cookie,
			clock_mono(r->service->clock), r->arena, session))
		return NULL;
	const struct identity_user *who = identity_user(identity, session->user);
	if (!who)
		return NULL;
	r->session = session;
	r->caller = (struct caller){
		.identity = identity, .who = who, .user = who->id, .tenancy = who->tenancy->id};
	r->service = who->tenancy->service;
	return who;
}

bool page_admit(struct request *r, struct reply *reply)
{
	if (!is_from_here(r, reply))
		return false;
	return user_of(r) ||
		refuse(reply, 401, "NotAuthenticated",
			"This browser has no session, or it has ended.");
}

bool page_admit_of_bucket(struct request *r, struct reply *reply)
{
	if (!page_admit(r, reply))
		return false;
	const char **args = arena_array(r->arena, 2, sizeof *args);
	args[0] = r->service->ns;
	args[1] = r->args[0];
	r->args = args;
	return true;
}

/* A value of the form's; NULL. Forms and queries are encoded alike. */
static const char *form_value(struct request *r, const char *name)
{
	struct request form = {
		.arena = r->arena, .target = arena_printf(r->arena, "?%s", buf_str(&r->body))};
	return request_query(&form, name);
}

static bool has_our_origin(const struct request *r)
{
	const char *origin = request_header(r, "origin"),
		   *site = request_header(r, "sec-fetch-site");
	const char *host = request_header(r, "host"); /* was found to be ours */
	return origin && host && text_starts(origin, "http://") &&
		!strcasecmp(origin + strlen("http://"), host) &&
		(!site || !strcmp(site, "same-origin"));
}

bool page_form_ok(struct request *r, struct reply *reply)
{
	const char *type = request_header(r, "content-type");
	const char *want = page_session_csrf(r->session, r->path, r->arena);
	const char *csrf = form_value(r, "csrf");
	if (!has_our_origin(r))
		return refuse(reply, 403, "NotAllowed", "Another site asked for this change.");
	if (!type || !text_starts(type, "application/x-www-form-urlencoded") || !csrf ||
		strlen(csrf) != strlen(want) || CRYPTO_memcmp(csrf, want, strlen(want)) != 0)
		return refuse(reply, 403, "NotAllowed",
			"The form is of another page or session; open the page again.");
	return true;
}
