#include "base/text.h"
#include "local/server/server_inside.h"

#include <string.h>
#include <strings.h>

/* Those that say where a request ends, or that a signature covers, are there at most once: two readers could
   take a different one. */
static const char *const once[] = {"host", "content-length", "transfer-encoding", "authorization",
	"date", "x-date", "content-type", "x-content-sha256", "content-md5", "expect", "range",
	"if-match", "if-none-match", NULL};

static bool refuse(struct call *c, int status, const char *code, const char *text)
{
	reply_error(&c->reply, status, code, "%s", text);
	return false;
}

static bool malformed(struct call *c, const char *text)
{
	return refuse(c, 400, "CannotParseRequest", text);
}

static bool is_token(const char *s)
{
	static const char more[] = "!#$%&'*+-.^_`|~";
	if (!*s)
		return false;
	for (; *s; s++) {
		bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
		if (!letter && !(*s >= '0' && *s <= '9') && !strchr(more, *s))
			return false;
	}
	return true;
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return true;
	return false;
}

/* What is gathered while libmicrohttpd lists the headers.
 *
 * It takes a request for less than it is: a lone LF ends a line, a NUL hides what follows it, a line without a name
 * is left out, a folded one is put together. But it ends names, values and lines in place, by a NUL for the colon and
 * for each byte of a line break, and tells how long the head was. So `at` goes over the buffer: where the next name is
 * not there, or the end is another, something was sent that is not told. (Versions from 1.0 refuse these themselves,
 * see the daemon's options.) */
struct listing {
	struct call *call;
	size_t bytes;
	const char *at;
	bool too_many, odd, torn;
};
enum { LINE_BREAK = 2 };

static void go_over(
	struct listing *l, const char *name, size_t name_len, const char *value, size_t value_len)
{
	if (l->torn || name != l->at) {
		l->torn = true;
		return;
	}
	const char *p = name + name_len + 1;
	while (p != value && (*p == ' ' || *p == '\t'))
		p++;
	l->torn = p != value;
	l->at = value + value_len + LINE_BREAK;
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *name,
	size_t name_len, const char *value, size_t value_len)
{
	struct listing *l = cls;
	struct call *c = l->call;
	(void)kind;
	l->bytes += name_len + value_len + 4;
	if (c->fields_n == FIELDS_MAX) {
		l->too_many = true;
		return MHD_NO;
	}
	go_over(l, name, name_len, value, value_len);
	if (!value)
		value = "";
	if (strlen(name) != name_len || strlen(value) != value_len || !is_token(name) ||
		has_control(value))
		l->odd = true;
	c->fields[c->fields_n++] = (struct sign_field){.name = name, .value = value};
	return MHD_YES;
}

static bool is_whole(struct call *c, const struct listing *l)
{
	const union MHD_ConnectionInfo *head =
		MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return MHD_VERSION >= 0x01000000 ||
		(!l->torn && head && l->at + LINE_BREAK == c->line + head->header_size);
}

static bool read_fields(struct call *c)
{
	struct listing l = {.call = c};
	l.at = c->line + strlen(c->request.method) + 1 + strlen(c->request.target) + 1 +
		strlen(c->version) + LINE_BREAK;
	MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, on_field, &l);
	if (l.too_many || l.bytes > HEAD_MAX)
		return refuse(c, 431, "RequestHeaderFieldsTooLarge",
			"The request has more headers than this service takes.");
	if (l.odd)
		return malformed(c, "A header's name or value holds what it must not.");
	if (!is_whole(c, &l))
		return malformed(c, "The head of the request is not lines that end with CR LF.");
	return true;
}

static size_t count(const struct call *c, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < c->fields_n; i++)
		n += !strcasecmp(c->fields[i].name, name);
	return n;
}

static bool check_doubles(struct call *c)
{
	for (size_t i = 0; once[i]; i++) {
		if (count(c, once[i]) < 2)
			continue;
		reply_error(&c->reply, 400, "CannotParseRequest", "The header %s is there twice.",
			once[i]);
		return false;
	}
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool check_target(struct call *c)
{
	const char *t = c->request.target;
	if (strlen(t) > TARGET_MAX)
		return refuse(c, 414, "UriTooLong", "The request target is too long.");
	if (*t != '/')
		return malformed(c, "The request target is not a path.");
	for (; *t; t++) {
		if ((unsigned char)*t <= ' ' || (unsigned char)*t >= 0x7f || *t == '#')
			return malformed(
				c, "The request target holds a character that must be encoded.");
		if (*t != '%')
			continue;
		if (!is_hex(t[1]) || !is_hex(t[2]) || (t[1] == '0' && t[2] == '0'))
			return malformed(c, "The request target holds a bad escape.");
	}
	return true;
}

static bool check_host(struct call *c)
{
	const char *host = request_header(&c->request, "host");
	if (!host)
		return malformed(c, "The header host is missing.");
	for (size_t i = 0; i < 2; i++)
		if (!strcasecmp(host, c->server->hosts[i]))
			return true;
	return refuse(c, 400, "InvalidParameter", "The header host names another service.");
}

static bool takes_body(const char *method)
{
	return !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH");
}

/* How long the body is has one answer, or none: then the connection can't go on. */
static bool check_length(struct call *c)
{
	const char *length = request_header(&c->request, "content-length");
	const char *expect = request_header(&c->request, "expect");
	int64_t n = 0;
	if (request_header(&c->request, "transfer-encoding"))
		return malformed(c, "Transfer-Encoding is not taken; send Content-Length.");
	if (length && (!text_i64(length, &n) || n < 0 || *length == '-'))
		return malformed(c, "The header content-length is not a number.");
	if (!length && takes_body(c->request.method))
		return malformed(c, "The header content-length is missing.");
	if (n && !takes_body(c->request.method))
		return malformed(c, "A request of this method has no body.");
	if (expect && strcasecmp(expect, "100-continue"))
		return malformed(c, "The header expect asks for something unknown.");
	c->body_length = (uint64_t)n;
	c->expects = expect != NULL;
	return true;
}

static void split_path(struct call *c)
{
	struct request *r = &c->request;
	r->path = arena_strndup(&c->arena, r->target, strcspn(r->target, "?"));
}

bool head_read(struct call *c)
{
	split_path(c);
	bool ok = read_fields(c);
	c->request.request_id =
		request_id_make(&c->arena, request_header(&c->request, "opc-request-id"));
	if (!ok)
		return false;
	if (strcmp(c->version, "HTTP/1.1") && strcmp(c->version, "HTTP/1.0"))
		return malformed(c, "The request is not HTTP/1.1.");
	return check_doubles(c) && check_length(c) && check_target(c) && check_host(c);
}

const char *request_header(const struct request *r, const char *name)
{
	const struct call *c = r->conn;
	for (size_t i = 0; i < c->fields_n; i++)
		if (!strcasecmp(c->fields[i].name, name))
			return c->fields[i].value;
	return NULL;
}

bool request_header_at(
	const struct request *r, size_t i, const char **ret_name, const char **ret_value)
{
	const struct call *c = r->conn;
	if (i >= c->fields_n)
		return false;
	*ret_name = c->fields[i].name;
	*ret_value = c->fields[i].value;
	return true;
}
