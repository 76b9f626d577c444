/* What arrives of a reply, within its limits (http/transport.h), and header fields (http/http.h). */
#include "base/text.h"
#include "http/transport.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const size_t BODY_MAX = (size_t)64 << 20;
static const size_t ERROR_BODY_MAX = (size_t)64 << 10;
enum { INTERIM_MAX = 100 };

const char *http_fields_get(const struct http_fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcasecmp(f->v[i].name, name))
			return f->v[i].value;
	return NULL;
}

void http_fields_add(struct http_fields *f, struct arena *a, const char *name, const char *value)
{
	f->v = arena_grow(a, f->v, f->n, &f->cap, sizeof *f->v);
	f->v[f->n++] = (struct http_field){arena_strdup(a, name), arena_strdup(a, value)};
}

/* "HTTP/1.1 200 OK". What came before belongs to an interim reply: 100 Continue. */
static bool status_line(struct http_attempt *a, const char *line)
{
	int major, minor, status;
	if (sscanf(line, "HTTP/%d.%d %3d", &major, &minor, &status) != 3 || status < 100)
		return err_set(&a->err, ERR_NETWORK, "the reply is not HTTP");
	if (a->status && ++a->interim > INTERIM_MAX)
		return err_set(&a->err, ERR_PROTOCOL, "more than %d interim replies", INTERIM_MAX);
	a->status = status;
	a->reply.n = 0;
	a->header_bytes = 0;
	a->header_whole = false;
	return true;
}

static char *trim(char *s, size_t n)
{
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	s[n] = 0;
	return s + strspn(s, " \t");
}

bool http_attempt_header(struct http_attempt *a, const char *line, size_t n)
{
	if (n >= HTTP_HEADER_LINE_MAX || (a->header_bytes += n) > HTTP_HEADERS_MAX)
		return err_set(&a->err, ERR_PROTOCOL, "a header of the reply is too long");
	if (memchr(line, 0, n))
		return err_set(&a->err, ERR_PROTOCOL, "NUL in a header of the reply");
	char text[HTTP_HEADER_LINE_MAX];
	memcpy(text, line, n);
	text[n] = 0;
	if (text_starts(text, "HTTP/"))
		return status_line(a, text);
	if (!text[strspn(text, "\r\n")])
		a->header_whole = true;
	char *colon = strchr(text, ':');
	if (!colon || colon == text)
		return true;
	*colon = 0;
	http_fields_add(&a->reply, a->arena, text, trim(colon + 1, n - (size_t)(colon + 1 - text)));
	return true;
}

bool http_attempt_body(struct http_attempt *a, const void *bytes, size_t n)
{
	const struct http_request *r = a->request;
	char size[16];
	if (!n)
		return true;
	a->bytes_received += n;
	if (r->sink && a->status >= 200 && a->status < 300) {
		if (r->sink(r->sink_ctx, bytes, n))
			return true;
		return err_set(&a->err, ERR_IO, "the reply could not be kept");
	}
	/* Of a gateway's page that says no, the beginning is plenty. */
	bool error = a->status >= 300;
	a->body.max = error ? ERROR_BODY_MAX : r->max_body ? r->max_body : BODY_MAX;
	if (error) {
		size_t room = a->body.max - a->body.len;
		buf_add(&a->body, bytes, n < room ? n : room);
		a->enough = n > room;
		return !a->enough;
	}
	if (buf_add(&a->body, bytes, n))
		return true;
	return err_set(&a->err, ERR_PROTOCOL, "the reply is larger than %s",
		text_bytes(a->body.max, size));
}
