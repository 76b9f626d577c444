#include "oci/principal_ask.h"

#include "base/text.h"
#include "oci/classify.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_MAX = 64 * 1024 };

/* http_signer.sign */
static bool sign(void *ctx, const struct http_request *r, const char *host, const char *target,
	struct arena *a, struct http_fields *add, struct err *err)
{
	const struct ask *k = ctx;
	if (k->by.key)
		return signing_add(&k->by, r, host, target, a, add, err);
	http_fields_add(add, a, "host", host);
	return true;
}

void ask_open(struct ask *k, const struct principal_options *o)
{
	const struct clock *clock = o->clock ? o->clock : &clock_system;
	*k = (struct ask){.o = o, .clock = clock, .by.clock = clock};
	struct http_options http = {.clock = clock,
		.signer = {sign, k, false},
		.in_flight = 1,
		.attempts = ASK_ATTEMPTS,
		.connect_timeout_ms = ASK_CONNECT_MS,
		.silence_timeout_ms = ASK_SILENCE_MS,
		.user_agent = "weir/" WEIR_VERSION,
		.ca_file = o->ca_file,
		.classify = classify_reply};
	k->http = http_new(&http);
}

void ask_close(struct ask *k)
{
	http_cancel_all(k->http);
	http_free(k->http);
}

struct reply {
	struct buf body;
	bool html;
	struct err err;
};

static void on_reply(void *ctx, struct http_reply *from)
{
	struct reply *r = ctx;
	const char *type = http_fields_get(&from->fields, "content-type");
	r->err = from->err;
	r->html = type && text_starts(type, "text/html");
	buf_add(&r->body, from->body.data, from->body.len);
	if (from->body.data)
		OPENSSL_cleanse(from->body.data, from->body.len);
}

static bool send(struct ask *k, struct http_request *request, struct reply *ret, struct err *err)
{
	request->max_body = REPLY_MAX;
	http_start(k->http, request, on_reply, ret);
	if (!http_run(k->http, k->o->stop, err))
		return false;
	if (k->o->stop && __atomic_load_n(k->o->stop, __ATOMIC_RELAXED)) {
		http_cancel_all(k->http);
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	}
	if (ret->err.kind) {
		*err = ret->err;
		return false;
	}
	return !ret->html ||
		err_set(err, ERR_PROTOCOL, "%s: the reply is a page of HTML", request->what);
}

static const char *metadata_base(struct arena *a)
{
	const char *given = getenv("OCI_METADATA_BASE_URL");
	if (text_empty(given))
		return "http://169.254.169.254/opc/v2";
	size_t n = strlen(given);
	while (n && (given[n - 1] == '/' || isspace((unsigned char)given[n - 1])))
		n--;
	return arena_strndup(a, given, n);
}

bool ask_metadata(struct ask *k, const char *path, struct buf *ret, struct err *err)
{
	arena_auto a = {0};
	const char *base = metadata_base(&a);
	struct reply reply = {.body = {.max = REPLY_MAX + 1}};
	struct http_request r = {.method = "GET",
		.url = arena_printf(&a, "%s%s", base, path),
		.what = arena_printf(&a, "metadata service %s%s", base, path)};
	http_fields_add(&r.fields, &a, "authorization", "Bearer Oracle");
	k->by.key = NULL;
	bool ok = send(k, &r, &reply, err);
	if (ok) {
		const char *text = buf_str(&reply.body);
		size_t n = reply.body.len;
		while (n && isspace((unsigned char)text[n - 1]))
			n--;
		buf_add(ret, text, n);
	} else if (err->kind != ERR_INTERRUPTED) {
		err_hint(err,
			"an instance principal is one of OCI's compute instances; elsewhere sign with an API "
			"key (--auth api_key) or a session (security_token)");
	}
	buf_wipe(&reply.body);
	return ok;
}

const struct node *ask_json(struct ask *k, const char *what, const char *url,
	const struct node *body, struct arena *a, struct err *err)
{
	struct buf sent = {0};
	struct reply reply = {.body = {.max = REPLY_MAX + 1}};
	struct http_request r = {
		.method = body ? "POST" : "GET", .url = url, .what = what, .has_body = body};
	struct arena fields = {0};
	if (body) {
		node_to_json(body, NODE_JSON_COMPACT, &sent);
		http_fields_add(&r.fields, &fields, "content-type", "application/json");
		r.body = sent.data;
		r.body_len = sent.len;
	}
	const struct node *n = NULL;
	if (send(k, &r, &reply, err)) {
		n = node_from_json(a, buf_str(&reply.body), reply.body.len, err);
		if (!n || n->kind != NODE_MAP) {
			n = NULL;
			err_set(err, ERR_PROTOCOL, "%s: the reply is no JSON object", what);
		}
	}
	buf_wipe(&sent);
	buf_wipe(&reply.body);
	arena_clear(&fields);
	return n;
}
