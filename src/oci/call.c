#include "oci/call.h"

#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"
#include "oci/refresh.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COMPARTMENT "compartmentId"

/* Bytes of a reply: many are in memory at once, so one with one resource may be smaller than a page. */
enum { RECORD_MAX = 1 << 20, TOKEN_MAX = 4096 };

struct call *call_new(struct oci *oci, const char *method, const char *base, const char *fmt, ...)
{
	struct call *c = xalloc(sizeof *c);
	c->oci = oci;
	c->into = oci_arena(oci);
	c->http.method = method;
	c->http.body_fd = -1;
	c->http.max_body = RECORD_MAX;
	c->http.has_body = !strcmp(method, "POST") || !strcmp(method, "PUT");
	buf_adds(&c->url, base);
	va_list ap;
	va_start(ap, fmt);
	c->http.what = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	return c;
}

void call_path(struct call *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&c->url, fmt, ap);
	va_end(ap);
}

void call_query(struct call *c, const char *name, const char *value)
{
	buf_printf(&c->url, "%c%s=%s", c->has_query ? '&' : '?', text_percent(&c->arena, name),
		text_percent(&c->arena, value));
	c->has_query = true;
	if (!strcmp(name, COMPARTMENT))
		c->compartment = arena_strdup(&c->arena, value);
}

void call_header(struct call *c, const char *name, const char *value)
{
	http_fields_add(&c->http.fields, &c->arena, name, value);
}

void call_json(struct call *c, const struct node *body)
{
	const char *compartment = node_get_str(body, COMPARTMENT);
	if (compartment)
		c->compartment = arena_strdup(&c->arena, compartment);
	buf_truncate(&c->body, 0);
	node_to_json(body, NODE_JSON_COMPACT, &c->body);
	call_header(c, "content-type", "application/json");
	c->http.body = c->body.data;
	c->http.body_len = c->body.len;
}

static void free_call(struct call *c)
{
	buf_clear(&c->url);
	if (c->is_refresh || c->is_secret) {
		buf_wipe(&c->body);
		arena_wipe(&c->arena);
	}
	buf_clear(&c->body);
	arena_clear(&c->arena);
	free(c);
}

/* In the root compartment a statement says `in tenancy`; elsewhere an OCID stands for the name, which is not known. */
static void tell_policy(const struct call *c, struct err *err)
{
	const char *place = strstr(c->policy, POLICY_PLACE), *at = c->compartment;
	bool root = at && text_starts(at, "ocid1.tenancy.");
	if (!place || !at) {
		err_hint(err,
			"if it is there, this policy statement allows it: Allow group <group> to %s",
			c->policy);
		return;
	}
	err_hint(err,
		"if the compartment %s is there, in the tenancy of the profile, this policy statement allows it: "
		"Allow group <group> to %.*s%s%s%s",
		at, (int)(place - c->policy), c->policy, root ? "tenancy" : "compartment id ",
		root ? "" : at, place + strlen(POLICY_PLACE));
}

/* The service does not tell what is not there from what is not allowed. */
static void hint_policy(const struct call *c, struct err *err)
{
	static const char *const codes[] = {"NotAuthorizedOrNotFound", "BucketNotFound",
		"NotAuthorized", "NotAllowed", "InsufficientServicePermissions"};
	for (size_t i = 0; c->policy && i < sizeof codes / sizeof *codes; i++)
		if (!strcmp(err->code, codes[i]))
			tell_policy(c, err);
}

bool call_is_late(const struct err *err)
{
	return strstr(err->text, "\n  this machine's clock is ");
}

/* A refused signature: the config file was checked against the key, so it is what the service knows of them. A clock
   that is off has been told already. */
static void hint_key(const struct call *c, struct err *err)
{
	const struct oci_config *profile = oci_profile(c->oci);
	if (err->http_status != 401 || call_is_late(err) || c->is_refresh)
		return;
	if (profile->auth == OCI_AUTH_PRINCIPAL) {
		principal_hint(profile->principal.kind, err);
		return;
	}
	if (profile->auth == OCI_AUTH_SESSION) {
		err_hint(err, "the service does not take the session of %s (token %s)",
			profile->where, profile->token_file);
		err_hint(err, "`oci session authenticate --profile-name %s` begins a new one",
			profile->profile);
		return;
	}
	err_hint(err, "the service does not know key %s of user %s", profile->fingerprint,
		profile->user);
	err_hint(err,
		"upload its public half (console: user settings, API keys), or correct user and tenancy in %s",
		profile->where);
}

/* A region that the table lacks may be new, or misspelt. */
static void hint_region(const struct call *c, struct err *err)
{
	const char *region = oci_region(c->oci);
	if (err->kind != ERR_NETWORK || !region || oci_region_known(region) ||
		!strstr(c->url.data, region))
		return;
	const char *near = oci_region_near(region);
	err_hint(err, "weir does not know the region %s%s%s%s", region,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static bool is_change(const struct call *c)
{
	return strcmp(c->http.method, "GET") != 0 && strcmp(c->http.method, "HEAD") != 0;
}

static void hint_certificate(struct err *err)
{
	if (err->kind == ERR_PROTOCOL && strstr(err->text, "the certificate is not trusted"))
		err_hint(err,
			"where a company's proxy or a service of your own signs it: name its "
			"certificates by --cert-bundle or OCI_CLI_CERT_BUNDLE");
}

static void finish(struct call *c, struct http_reply *reply)
{
	c->again = false;
	oci_note_reply(c->oci, reply);
	reply->err.maybe_done = reply->err.kind && reply->maybe_done && is_change(c);
	hint_key(c, &reply->err);
	hint_region(c, &reply->err);
	hint_certificate(&reply->err);
	hint_policy(c, &reply->err);
	c->done(c->ctx, c, reply);
	if (!c->again)
		free_call(c);
}

/* Once, after a 401 that a session's token got: its clock, or the service's, may see it expired. A clock that is off
   shows in the text. */
static bool is_sent_anew(struct call *c, const struct http_reply *reply)
{
	struct refresh *refresh = oci_refresh(c->oci);
	if (!refresh || reply->status != 401 || c->is_refresh || c->sent_anew ||
		call_is_late(&reply->err))
		return false;
	c->sent_anew = true;
	c->attempts = reply->attempts;
	c->maybe_done = reply->maybe_done;
	return refresh_hold_refused(refresh, c, c->used_key_id);
}

static void on_reply(void *ctx, struct http_reply *reply)
{
	struct call *c = ctx;
	reply->attempts += c->attempts;
	reply->maybe_done = reply->maybe_done || c->maybe_done;
	if (!is_sent_anew(c, reply))
		finish(c, reply);
}

void call_send(struct call *c)
{
	c->used_key_id = oci_key_id(c->oci);
	http_start(oci_http(c->oci), &c->http, on_reply, c);
}

void call_fail(struct call *c, const struct err *err)
{
	struct http_reply reply = {.err = *err,
		.attempts = c->attempts ? c->attempts : 1,
		.maybe_done = c->maybe_done};
	err_wrap(&reply.err, "%s", c->http.what);
	finish(c, &reply);
}

void call_start(struct call *c, call_fn *done, void *ctx)
{
	struct refresh *refresh = oci_refresh(c->oci);
	c->done = done;
	c->ctx = ctx;
	c->again = true;
	c->sent_anew = c->maybe_done = false;
	c->attempts = 0;
	c->http.url = c->url.data;
	if (!refresh || c->is_refresh || !refresh_hold(refresh, c))
		call_send(c);
}

/* What came instead of JSON, where that can be told. */
static bool is_json(const struct http_reply *reply, const char *what, struct err *err)
{
	const char *type = http_fields_get(&reply->fields, "content-type");
	const char *coding = http_fields_get(&reply->fields, "content-encoding");
	const char *text = buf_str(&reply->body);
	text += strspn(text, " \t\r\n");
	if (!reply->body.len)
		return err_set(err, ERR_PROTOCOL, "%s: the service's reply is empty", what);
	if (coding && strcasecmp(coding, "identity"))
		return err_set(err, ERR_PROTOCOL,
			"%s: the service's reply is compressed (%.40s), which was not asked for",
			what, coding);
	if ((!type || strncasecmp(type, "text/html", 9)) &&
		strncasecmp(text, "<!doctype html", 14) && strncasecmp(text, "<html", 5))
		return true;
	err_set(err, ERR_PROTOCOL, "%s: the service's reply is a page of HTML, not JSON", what);
	return err_hint(err,
		"something else than OCI answers there: a proxy, a login page, or --endpoint "
		"is wrong");
}

/* The form of errors, which have another status. */
static bool is_error(const struct node *n, const char *what, struct err *err)
{
	const char *code = node_get_str(n, "code"), *message = node_get_str(n, "message");
	if (!code || !message || n->u.map.n > 3)
		return false;
	err_set(err, ERR_PROTOCOL,
		"%s: the service's reply is an error with status 200: %.64s: %.400s", what, code,
		message);
	return true;
}

static struct node *read_json(
	struct call *c, const struct http_reply *reply, struct arena *a, struct err *err)
{
	const char *what = c->http.what;
	if (!is_json(reply, what, err))
		return NULL;
	struct node *n = node_from_json(a, buf_str(&reply->body), reply->body.len, err);
	if (!n && c->is_secret) /* the parser's text has some of it */
		err_set(err, ERR_PROTOCOL, "%s: the service's reply is no JSON", what);
	else if (!n)
		err_wrap(err, "%s: the service's reply", what);
	return n && !is_error(n, what, err) ? n : NULL;
}

struct node *call_node(struct call *c, const struct http_reply *reply, struct err *err)
{
	return read_json(c, reply, &c->arena, err);
}

struct decoding {
	struct call *c;
	struct err *err;
	bool failed;
};

static void on_mistake(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)at, (void)mark, (void)hint;
	struct decoding *d = ctx;
	if (warning || d->failed)
		return;
	d->failed = true;
	err_set(d->err, ERR_PROTOCOL, "%s: the service's reply: %s%s%s", d->c->http.what, path,
		*path ? ": " : "", text);
}

void *call_decode(
	struct call *c, const struct node *n, const struct record *record, struct err *err)
{
	struct decoding d = {c, err, false};
	void *made = arena_alloc(c->into, record->size);
	return field_decode(record, n, FORM_REPLY, "", c->into, made, on_mistake, &d) ? made : NULL;
}

bool call_has(const struct call *c, const char *name, const char *value, struct err *err)
{
	return !text_empty(value) ||
		err_set(err, ERR_PROTOCOL, "%s: the service's reply has no `%s`", c->http.what,
			name);
}

void *call_record(struct call *c, const struct http_reply *reply, const struct record *record,
	struct err *err)
{
	const struct node *n = call_node(c, reply, err);
	return n ? call_decode(c, n, record, err) : NULL;
}

const char *call_reply_header(struct call *c, const struct http_reply *reply, const char *name)
{
	return arena_strdup(c->into, http_fields_get(&reply->fields, name));
}

char *call_retry_token(struct arena *a, const char *const *parts, size_t n)
{
	struct digest d;
	unsigned char out[DIGEST_MAX];
	digest_init(&d, DIGEST_SHA256);
	for (size_t i = 0; i < n; i++)
		digest_add(&d, parts[i], strlen(parts[i]) + 1);
	return text_base64url(a, out, digest_final(&d, out));
}

struct pages {
	call_page_fn *page;
	oci_done_fn *end;
	void *ctx;
	size_t query_end; /* of the URL without a page */
	bool had_query;
	struct map seen; /* digests of page tokens */
	size_t empty;    /* pages in a row */
};

static void on_page(void *ctx, struct call *c, struct http_reply *reply);

static bool has_items(const struct node *page)
{
	if (page->kind == NODE_SEQ)
		return page->u.seq.n;
	for (size_t i = 0; page->kind == NODE_MAP && i < page->u.map.n; i++)
		if (page->u.map.v[i].value->kind == NODE_SEQ && page->u.map.v[i].value->u.seq.n)
			return true;
	return false;
}

bool call_page_count(const struct call *c, const struct node *page, size_t *empty, struct err *err)
{
	*empty = has_items(page) ? 0 : *empty + 1;
	return *empty < CALL_EMPTY_PAGES_MAX ||
		err_set(err, ERR_PROTOCOL, "%s: the service gave %zu empty pages in a row",
			c->http.what, *empty);
}

static bool next_page(struct pages *p, struct call *c, const char *token, struct err *err)
{
	arena_auto scratch = {0};
	if (strlen(token) > TOKEN_MAX)
		return err_set(err, ERR_PROTOCOL, "%s: the service's page token is longer than %d",
			c->http.what, TOKEN_MAX);
	if (!map_put(&p->seen, call_retry_token(&scratch, &token, 1), p))
		return err_set(err, ERR_PROTOCOL, "%s: the service gave the same page token twice",
			c->http.what);
	if (p->seen.n >= CALL_PAGES_MAX)
		return err_set(err, ERR_PROTOCOL, "%s: the service gave more than %d pages",
			c->http.what, CALL_PAGES_MAX);
	buf_truncate(&c->url, p->query_end);
	c->has_query = p->had_query;
	call_query(c, "page", token);
	call_start(c, on_page, p);
	return true;
}

static void on_page(void *ctx, struct call *c, struct http_reply *reply)
{
	struct pages *p = ctx;
	struct err err = reply->err;
	arena_auto a = {0};
	const struct node *page = err.kind ? NULL : read_json(c, reply, &a, &err);
	const char *token = http_fields_get(&reply->fields, "opc-next-page");
	bool ok = page && p->page(p->ctx, c, page, &err) &&
		(text_empty(token) || call_page_count(c, page, &p->empty, &err));
	if (!ok || text_empty(token) || !next_page(p, c, token, &err))
		p->end(p->ctx, &err);
}

void call_pages(struct call *c, call_page_fn *page, oci_done_fn *end, void *ctx)
{
	struct pages *p = arena_new(&c->arena, struct pages);
	c->http.max_body = CALL_PAGE_BYTES_MAX;
	*p = (struct pages){.page = page,
		.end = end,
		.ctx = ctx,
		.query_end = c->url.len,
		.had_query = c->has_query,
		.seen = {.arena = &c->arena}};
	call_start(c, on_page, p);
}
