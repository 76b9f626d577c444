#include "oci/call.h"

#include "base/text.h"
#include "http/sign.h"
#include "oci/classify.h"
#include "oci/refresh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct oci {
	struct arena arena;
	const struct oci_config *config;
	const struct clock *clock;
	const bool *stop;
	const struct progress *progress;
	struct http *http;
	const char *key_id;                     /* of an API key ... */
	struct refresh *refresh;                /* ... or NULL */
	const char *dataflow_url, *storage_url; /* with base path, no final slash */
	int64_t reply_date;
};

static void add_body_fields(const struct http_request *r, struct arena *a, struct http_fields *add)
{
	char length[32];
	const char *hash = sign_body_sha256(a, r->body, r->body_len);
	snprintf(length, sizeof length, "%zu", r->body_len);
	http_fields_add(add, a, "content-length", length);
	if (!http_fields_get(&r->fields, "content-type"))
		http_fields_add(add, a, "content-type", "application/json");
	http_fields_add(add, a, "x-content-sha256", hash);
}

static void add_signed(struct sign_field *v, size_t *n, const struct http_fields *from)
{
	for (size_t i = 0; i < from->n; i++)
		v[(*n)++] = (struct sign_field){from->v[i].name, from->v[i].value};
}

/* http_signer.sign: the three stages of http/sign.h with the profile's key and this moment's date. */
static bool sign(void *ctx, const struct http_request *r, const char *host, const char *target,
	struct arena *a, struct http_fields *add, struct err *err)
{
	struct oci *oci = ctx;
	char date[32];
	bool with_body = r->has_body && !r->body_unsigned;
	http_fields_add(add, a, "date", text_http_date(clock_wall(oci->clock), date));
	http_fields_add(add, a, "host", host);
	if (with_body)
		add_body_fields(r, a, add);
	struct sign_field *fields = arena_array(a, add->n + r->fields.n, sizeof *fields);
	struct sign_request request = {.method = r->method, .target = target, .fields = fields};
	add_signed(fields, &request.fields_n, add);
	add_signed(fields, &request.fields_n, &r->fields);
	const char *names = with_body ? SIGN_HEADERS_BODY : SIGN_HEADERS_PLAIN;
	buf_auto string = {0}, signature = {0}, header = {0};
	if (!sign_string(&request, names, &string, err) ||
		!sign_signature(oci->config->key, string.data, string.len, &signature, err))
		return false;
	sign_header(oci_key_id(oci), names, buf_str(&signature), &header);
	http_fields_add(add, a, "authorization", buf_str(&header));
	return true;
}

static const char *base_of(struct arena *a, const char *endpoint, const char *path)
{
	size_t n = strlen(endpoint);
	while (n && endpoint[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s%s", (int)n, endpoint, path);
}

static bool find_endpoints(struct oci *oci, const struct oci_options *o, struct err *err)
{
	const char *flow = o->dataflow_endpoint ? o->dataflow_endpoint : o->endpoint;
	const char *storage = o->objectstorage_endpoint ? o->objectstorage_endpoint : o->endpoint;
	const char *region = o->config->region;
	if ((!flow || !storage) && !region) {
		err_set(err, ERR_CONFIG, "%s has no `region`", o->config->where);
		return err_hint(err,
			"add region=us-ashburn-1 (yours) to it, or give --region, or `region:` at the "
			"target");
	}
	if (!flow)
		flow = oci_endpoint_dataflow(&oci->arena, region);
	if (!storage)
		storage = oci_endpoint_objectstorage(&oci->arena, region);
	oci->dataflow_url = base_of(&oci->arena, flow, "/20200129");
	oci->storage_url = base_of(&oci->arena, storage, "");
	return true;
}

/* Where a session's token is refreshed; NULL if nothing says it. */
static const char *auth_url(struct oci *oci, const struct oci_options *o)
{
	const char *region = o->config->region;
	if (!o->endpoint && !region)
		return NULL;
	return base_of(&oci->arena,
		o->endpoint ? o->endpoint : oci_endpoint_auth(&oci->arena, region), "/v1");
}

struct oci *oci_new(const struct oci_options *o, struct err *err)
{
	struct oci *oci = xalloc(sizeof *oci);
	oci->config = o->config;
	oci->clock = o->clock ? o->clock : &clock_system;
	oci->stop = o->stop;
	oci->progress = o->progress;
	if (!find_endpoints(oci, o, err)) {
		oci_free(oci);
		return NULL;
	}
	if (o->config->auth == OCI_AUTH_SESSION)
		oci->refresh = refresh_new(oci, o->config, oci->clock, auth_url(oci, o));
	else
		oci->key_id = arena_printf(&oci->arena, "%s/%s/%s", o->config->tenancy,
			o->config->user, o->config->fingerprint);
	struct http_options http = {.clock = oci->clock,
		/* A token that is refreshed meanwhile is for this thread to read. */
		.signer = {sign, oci, !oci->refresh && !o->transport},
		.progress = o->progress,
		.in_flight = o->in_flight,
		.attempts = o->attempts,
		.retry_total_ms = o->retry_total_ms,
		.connect_timeout_ms = o->connect_timeout_ms,
		.silence_timeout_ms = o->silence_timeout_ms,
		.user_agent = o->user_agent ? o->user_agent : "weir/" WEIR_VERSION,
		.ca_file = o->ca_file,
		.classify = classify_reply,
		.transport = o->transport};
	oci->http = http_new(&http);
	return oci;
}

void oci_free(struct oci *oci)
{
	if (!oci)
		return;
	if (oci->http) {
		/* What is under way lets go of its files and memory; so does what begins in order to tidy up. */
		http_cancel_all(oci->http);
		http_cancel_all(oci->http);
		http_free(oci->http);
	}
	refresh_free(oci->refresh);
	arena_clear(&oci->arena);
	free(oci);
}

bool oci_run(struct oci *oci, struct err *err)
{
	return oci_run_until(oci, NULL, err);
}

bool oci_run_until(struct oci *oci, const bool *done, struct err *err)
{
	if (!http_run_until(oci->http, oci->stop, done, err))
		return false;
	if (oci_is_stopped(oci))
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	return true;
}

struct arena *oci_arena(struct oci *oci)
{
	return &oci->arena;
}

struct http *oci_http(struct oci *oci)
{
	return oci->http;
}

const struct oci_config *oci_profile(const struct oci *oci)
{
	return oci->config;
}

struct refresh *oci_refresh(const struct oci *oci)
{
	return oci->refresh;
}

const char *oci_key_id(const struct oci *oci)
{
	return oci->refresh ? refresh_key_id(oci->refresh) : oci->key_id;
}

const char *oci_tenancy(const struct oci *oci)
{
	return oci->config->tenancy;
}

const char *oci_region(const struct oci *oci)
{
	return oci->config->region;
}

const struct progress *oci_progress(const struct oci *oci)
{
	return oci->progress;
}

int64_t oci_reply_date(const struct oci *oci)
{
	return oci->reply_date;
}

void oci_note_reply(struct oci *oci, const struct http_reply *reply)
{
	const char *date = http_fields_get(&reply->fields, "date");
	oci->reply_date = 0;
	if (date)
		text_parse_http_date(date, &oci->reply_date);
}

bool oci_is_stopped(const struct oci *oci)
{
	return oci->stop && __atomic_load_n(oci->stop, __ATOMIC_RELAXED);
}

const char *oci_dataflow_url(const struct oci *oci)
{
	return oci->dataflow_url;
}

const char *oci_storage_url(const struct oci *oci)
{
	return oci->storage_url;
}

void oci_wait_done(void *ctx, const struct err *err)
{
	struct oci_wait *w = ctx;
	w->done = true;
	w->err = *err;
}
