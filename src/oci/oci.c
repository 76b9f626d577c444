#include "oci/call.h"

#include "base/text.h"
#include "oci/classify.h"
#include "oci/refresh.h"
#include "oci/signing.h"

#include <stdlib.h>
#include <string.h>

struct oci {
	struct arena arena;
	const struct oci_config *config;
	const struct clock *clock;
	const bool *stop;
	const struct progress *progress;
	struct http *http;
	const char *key_id;                                   /* of an API key ... */
	struct refresh *refresh;                              /* ... or NULL */
	const char *dataflow_url, *storage_url, *secrets_url; /* with base path, no final slash */
	int64_t reply_date;
};

/* http_signer.sign */
static bool sign(void *ctx, const struct http_request *r, const char *host, const char *target,
	struct arena *a, struct http_fields *add, struct err *err)
{
	const struct oci *oci = ctx;
	const struct signing by = {
		.key = oci->refresh ? refresh_key(oci->refresh) : oci->config->key,
		.key_id = oci_key_id(oci),
		.clock = oci->clock};
	return signing_add(&by, r, host, target, a, add, err);
}

/* A test's session may name those of the other services alone, and no region. */
static const char *secrets_endpoint(struct oci *oci, const struct oci_options *o, const char *other)
{
	if (o->endpoint)
		return o->endpoint;
	return o->config->region ? oci_endpoint_secrets(&oci->arena, o->config->region) : other;
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
	oci->dataflow_url = oci_url(&oci->arena, flow, "/20200129");
	oci->storage_url = oci_url(&oci->arena, storage, "");
	oci->secrets_url = oci_url(&oci->arena, secrets_endpoint(oci, o, flow), "/20190301");
	return true;
}

/* Where a session's token is refreshed; NULL if nothing says it. */
static const char *auth_url(struct oci *oci, const struct oci_options *o)
{
	const char *region = o->config->region;
	if (!o->endpoint && !region)
		return NULL;
	return oci_url(&oci->arena,
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
	if (o->config->auth != OCI_AUTH_API_KEY)
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

bool oci_is_local(const struct oci *oci)
{
	return text_starts(oci->storage_url, "http://");
}

const char *oci_secrets_url(const struct oci *oci)
{
	return oci->secrets_url;
}

void oci_wait_done(void *ctx, const struct err *err)
{
	struct oci_wait *w = ctx;
	w->done = true;
	w->err = *err;
}
