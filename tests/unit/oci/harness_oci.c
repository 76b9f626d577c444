#include "harness_oci.h"

#include "base/fs.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct session S;

/* One for all tests of a program: making it takes a while. */
static EVP_PKEY *test_key(void)
{
	static EVP_PKEY *key;
	if (!key)
		key = EVP_RSA_gen(2048);
	assert_non_null(key);
	EVP_PKEY_up_ref(key);
	return key;
}

static void on_event(void *ctx, const struct progress_event *e)
{
	struct session *s = ctx;
	if (e->kind == PROGRESS_NOTE)
		buf_printf(&s->notes, "%s\n", e->text);
}

static void open_oci(struct session *s)
{
	struct err err;
	s->oci = oci_new(&(struct oci_options){.config = &s->config,
				 .endpoint = server_url(s->server),
				 .clock = &s->clock,
				 .progress = &s->progress,
				 .stop = &s->stop},
		&err);
	assert_non_null(s->oci);
}

static void prepare(struct session *s, server_handler_fn *handler, void *ctx)
{
	memset(s, 0, sizeof *s);
	s->server = server_start_handler(handler, ctx);
	s->time.wall_ms = 1388957500000;
	s->clock = fake_clock(&s->time);
	s->progress = (struct progress){on_event, s};
	s->config = (struct oci_config){.file = "config",
		.profile = "TEST",
		.where = "config, profile [TEST]",
		.tenancy = "ocid1.tenancy.oc1..t",
		.user = "ocid1.user.oc1..u",
		.fingerprint = "00:11",
		.region = "us-ashburn-1",
		.key = test_key()};
}

void session_open(struct session *s, server_handler_fn *handler, void *ctx)
{
	prepare(s, handler, ctx);
	open_oci(s);
}

void session_open_token(struct session *s, const char *path)
{
	struct err err;
	prepare(s, NULL, NULL);
	s->config.auth = OCI_AUTH_SESSION;
	s->config.token_file = path;
	assert_true(token_read(path, &s->config.secrets, &s->config.token, &err));
	open_oci(s);
}

const char *session_token(struct session *s, int64_t expires, const char *mark)
{
	const char *claims =
		arena_printf(&s->arena, "{\"exp\":%lld,\"mark\":\"%s\"}", (long long)expires, mark);
	return arena_printf(
		&s->arena, "e30.%s.e30", text_base64url(&s->arena, claims, strlen(claims)));
}

void session_run(struct session *s)
{
	struct err err;
	if (!oci_run(s->oci, &err))
		fail_msg("oci_run: %s", err.text);
}

void session_close(struct session *s)
{
	oci_free(s->oci);
	oci_config_clear(&s->config);
	buf_clear(&s->notes);
	arena_clear(&s->arena);
	server_stop(s->server);
}

int session_setup(void **state)
{
	(void)state;
	session_open(&S, NULL, NULL);
	return 0;
}

int session_teardown(void **state)
{
	(void)state;
	session_close(&S);
	return 0;
}

char session_byte(size_t i, unsigned seed)
{
	return (char)(i * 31 + (i >> 12) + seed);
}

const char *session_file(struct session *s, size_t n, unsigned seed)
{
	char *path = arena_strdup(&s->arena, "/tmp/weir-test-XXXXXX");
	fd_auto fd = mkstemp(path);
	struct err err;
	char *bytes = xalloc(n + 1);
	for (size_t i = 0; i < n; i++)
		bytes[i] = session_byte(i, seed);
	assert_true(fd >= 0);
	assert_true(fs_write_all(fd, bytes, n, &err));
	free(bytes);
	return path;
}

void session_expect_lost(struct session *s, const char *line, int times)
{
	while (times-- > 0)
		server_expect(s->server, line, (struct server_reply){.fault = SERVER_LOSE});
}

const char *session_sent(struct session *s, size_t request, const char *name)
{
	struct server_request r = server_request(s->server, request);
	char *value = server_field(&r, name);
	const char *kept = arena_strdup(&s->arena, value);
	free(value);
	return kept;
}
