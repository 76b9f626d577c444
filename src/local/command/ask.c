#include "local/command/ask.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"
#include "local/home.h"
#include "local/life.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { ANSWER_MAX = 16 * 1024 * 1024, ANSWER_S = 60, FIELDS = 6 };

struct question {
	const char *method, *target, *body;
	struct sign_field fields[FIELDS];
	size_t fields_n;
};

static void field(struct question *q, const char *name, const char *value)
{
	q->fields[q->fields_n++] = (struct sign_field){.name = name, .value = value};
}

static void set_fields(struct question *q, struct arena *a, int port)
{
	char date[32];
	field(q, "date", arena_strdup(a, text_http_date(clock_wall(&clock_system), date)));
	field(q, "host", arena_printf(a, "127.0.0.1:%d", port));
	if (!q->body)
		return;
	field(q, "content-length", arena_printf(a, "%zu", strlen(q->body)));
	field(q, "content-type", "application/json");
	field(q, "x-content-sha256", sign_body_sha256(a, q->body, strlen(q->body)));
}

/* The Authorization value. */
static bool sign(const struct question *q, const char *home, struct arena *a, struct buf *ret,
	struct err *err)
{
	struct home_identity
		id; /* it runs, so that key and config are there, and nothing is made */
	if (!home_identity_make(home, a, &id, err))
		return false;
	const char *names = q->body ? SIGN_HEADERS_BODY : SIGN_HEADERS_PLAIN;
	const struct sign_request request = {.method = q->method,
		.target = q->target,
		.fields = q->fields,
		.fields_n = q->fields_n};
	buf_auto string = {0}, signature = {0};
	bool ok = sign_string(&request, names, &string, err) &&
		sign_signature(id.key, string.data, string.len, &signature, err);
	if (ok)
		sign_header(arena_printf(a, "%s/%s/%s", id.tenancy, id.user, id.fingerprint), names,
			buf_str(&signature), ret);
	EVP_PKEY_free(id.key);
	return ok;
}

static void write_question(const struct question *q, const char *authorization, struct buf *out)
{
	buf_printf(out, "%s %s HTTP/1.1\r\n", q->method, q->target);
	for (size_t i = 0; i < q->fields_n; i++)
		buf_printf(out, "%s: %s\r\n", q->fields[i].name, q->fields[i].value);
	buf_printf(out, "authorization: %s\r\nconnection: close\r\n\r\n%s", authorization,
		q->body ? q->body : "");
}

static int connect_to(int port, struct err *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct timeval limit = {.tv_sec = ANSWER_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) &&
		!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) &&
		!connect(fd, (struct sockaddr *)&at, sizeof at))
		return fd;
	err_errno(err, ERR_SERVICE, "connect to weir-local at 127.0.0.1:%d", port);
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool read_all(int fd, struct buf *in, struct err *err)
{
	char chunk[16 * 1024];
	ssize_t n;
	while ((n = TEMP_FAILURE_RETRY(read(fd, chunk, sizeof chunk))) > 0)
		if (!buf_add(in, chunk, (size_t)n))
			return err_set(err, ERR_PROTOCOL, "weir-local answers without end");
	return !n || err_errno(err, ERR_SERVICE, "read the answer of weir-local");
}

static bool parse(const struct buf *in, struct arena *a, struct answer *ret, struct err *err)
{
	static const char version[] = "HTTP/1.1 ";
	const char *text = buf_str(in), *body = strstr(text, "\r\n\r\n");
	const char *status = text + sizeof version - 1;
	int64_t n;
	if (!body || !text_starts(text, version) || !text_i64(arena_strndup(a, status, 3), &n))
		return err_set(err, ERR_SERVICE, "weir-local ended without an answer");
	ret->status = (int)n;
	ret->body = arena_strdup(a, body + 4);
	return true;
}

bool ask_service(const char *home, const char *method, const char *target, const char *body,
	struct arena *a, struct answer *ret, struct err *err)
{
	struct node *state;
	if (life_look(home, a, &state) != LIFE_UP) {
		err_set(err, ERR_SERVICE, "weir-local is not running (home %s)", home);
		return err_hint(err, "`weir local up` starts it");
	}
	int port = home_port(home);
	struct question q = {.method = method, .target = target, .body = body};
	buf_auto authorization = {0}, out = {0}, in = {.max = ANSWER_MAX};
	set_fields(&q, a, port);
	if (!sign(&q, home, a, &authorization, err))
		return false;
	write_question(&q, buf_str(&authorization), &out);
	fd_auto fd = connect_to(port, err);
	return fd >= 0 && fs_write_all(fd, out.data, out.len, err) && read_all(fd, &in, err) &&
		parse(&in, a, ret, err);
}
