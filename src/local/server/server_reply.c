#include "base/fs.h"
#include "base/text.h"
#include "local/pages/page.h"
#include "local/server/server_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

/* What is smaller goes out in one piece with its headers. */
enum { INLINE_MAX = 64 * 1024, ID_PARTS = 3, ID_PART_MAX = 32 };

void reply_field(struct reply *r, const char *name, const char *value)
{
	if (r->fields_n == REPLY_FIELDS_MAX)
		abort();
	r->fields[r->fields_n].name = name;
	r->fields[r->fields_n++].value = value;
}

static void set_body(struct reply *r, int status)
{
	r->status = status;
	buf_clear(&r->body);
	reply_field(r, "content-type", "application/json");
}

void reply_json(struct reply *r, int status, const struct node *body)
{
	set_body(r, status);
	node_to_json(body, NODE_JSON_COMPACT, &r->body);
}

void reply_error(struct reply *r, int status, const char *code, const char *fmt, ...)
{
	buf_auto message = {.max = 8192};
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&message, fmt, ap);
	va_end(ap);
	r->fields_n = 0;
	set_body(r, status);
	buf_adds(&r->body, "{\"code\":");
	text_json(&r->body, code, strlen(code));
	buf_adds(&r->body, ",\"message\":");
	text_json(&r->body, buf_str(&message), message.len);
	buf_addc(&r->body, '}');
}

void reply_clear(struct reply *r)
{
	buf_clear(&r->body);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

static bool id_ok(const char *s)
{
	for (int part = 0; part < ID_PARTS; part++) {
		size_t n = strspn(
			s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");
		if (!n || n > ID_PART_MAX)
			return false;
		if (!s[n])
			return true;
		if (s[n] != '/')
			return false;
		s += n + 1;
	}
	return false;
}

/* 32 hex digits that do not come twice; nothing is kept secret by them. */
static void random_id(char out[static 33])
{
	static _Thread_local uint64_t state[2];
	static const char digits[] = "0123456789ABCDEF";
	if (!state[0] && getrandom(state, sizeof state, 0) != sizeof state)
		abort();
	state[1] += 0x9e3779b97f4a7c15u; /* splitmix64 */
	uint64_t z = state[1];
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	const uint64_t halves[] = {state[0], z};
	for (int i = 0; i < 32; i++)
		out[i] = digits[halves[i / 16] >> (60 - i % 16 * 4) & 15];
	out[32] = '\0';
}

const char *request_id_make(struct arena *a, const char *client)
{
	char first[33], second[33];
	random_id(second);
	if (client && id_ok(client))
		return arena_printf(a, "%s/%s", client, second);
	random_id(first);
	return arena_printf(a, "%s/%s", first, second);
}

/* For a HEAD: tells a length without a body. */
static ssize_t no_bytes(void *cls, uint64_t pos, char *out, size_t max)
{
	(void)cls, (void)pos, (void)out, (void)max;
	return MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *of_memory(void *bytes, size_t n)
{
	struct MHD_Response *m = MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_MUST_FREE);
	if (!m)
		free(bytes);
	return m;
}

static struct MHD_Response *of_file(struct reply *r)
{
	if (r->length > INLINE_MAX) {
		struct MHD_Response *m =
			MHD_create_response_from_fd_at_offset64(r->length, r->fd, r->offset);
		if (m)
			r->fd = -1; /* closed with the response */
		return m;
	}
	char *bytes = malloc(r->length ? r->length : 1);
	if (!bytes || !fs_read_at(r->fd, bytes, r->length, r->offset)) {
		free(bytes);
		return NULL;
	}
	return of_memory(bytes, r->length);
}

static bool is_slow(const struct call *c)
{
	return c->fault.action == FAULT_TRUNCATE || c->fault.action == FAULT_THROTTLE;
}

static struct MHD_Response *response_of(struct call *c, uint64_t *ret_length)
{
	struct reply *r = &c->reply;
	static char nothing[1];
	*ret_length = r->fd >= 0 ? r->length : r->body.len;
	if (!strcmp(c->request.method, "HEAD")) {
		uint64_t length = r->head_length;
		*ret_length = 0;
		if (length)
			return MHD_create_response_from_callback(
				length, 1024, no_bytes, NULL, NULL);
	} else if (*ret_length && is_slow(c)) {
		return slow_response(c, *ret_length);
	} else if (r->fd >= 0) {
		return of_file(r);
	} else if (r->body.len) {
		char *bytes = r->body.data;
		size_t n = r->body.len;
		r->body = (struct buf){0};
		return of_memory(bytes, n);
	}
	return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
}

/* A value that is no header line (it came from a client as JSON) would be another header. */
static void add_field(struct MHD_Response *m, const char *name, const char *value)
{
	if (value && *value)
		MHD_add_response_header(m, name, value);
}

static void add_fields(struct call *c, struct MHD_Response *m)
{
	struct reply *r = &c->reply;
	for (size_t i = 0; i < r->fields_n; i++)
		add_field(m, r->fields[i].name, r->fields[i].value);
	add_field(m, "opc-request-id", c->request.request_id);
	add_field(m, "opc-client-request-id", request_header(&c->request, "opc-client-request-id"));
	add_field(m, "weir-local-version", WEIR_VERSION);
	const struct clock *clock = c->server->service->clock;
	char date[32];
	if (clock != &clock_system) /* libmicrohttpd tells the system's */
		add_field(m, "date", text_http_date(clock_wall(clock), date));
	if (r->close)
		add_field(m, "connection", "close");
}

enum MHD_Result reply_send(struct call *c)
{
	uint64_t length;
	if (c->for_browser && c->reply.status >= 400)
		page_of_error(&c->request, &c->reply);
	struct MHD_Response *m = response_of(c, &length);
	if (!m) { /* content that can't be read */
		reply_clear(&c->reply);
		reply_error(&c->reply, 500, "InternalServerError",
			"The service cannot read what it keeps: %s", strerror(errno));
		m = response_of(c, &length);
	}
	if (!m)
		return MHD_NO;
	add_fields(c, m);
	conn_deadline(c->server, c->conn, c->server->request_ms,
		c->fault.action == FAULT_THROTTLE ? UINT64_MAX : length);
	unsigned status = c->reply.status ? (unsigned)c->reply.status : 200;
	enum MHD_Result ok = MHD_queue_response(c->mhd, status, m);
	MHD_destroy_response(m);
	return ok;
}
