#include "oci/signing.h"

#include "base/text.h"
#include "http/sign.h"

#include <stdio.h>

static const char WITHOUT_HOST[] =
	"date (request-target) content-length content-type x-content-sha256";

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

bool signing_add(const struct signing *s, const struct http_request *r, const char *host,
	const char *target, struct arena *a, struct http_fields *add, struct err *err)
{
	char date[32];
	bool with_body = r->has_body && !r->body_unsigned;
	http_fields_add(add, a, "date", text_http_date(clock_wall(s->clock), date));
	http_fields_add(add, a, "host", host);
	if (with_body)
		add_body_fields(r, a, add);
	struct sign_field *fields = arena_array(a, add->n + r->fields.n, sizeof *fields);
	struct sign_request request = {.method = r->method, .target = target, .fields = fields};
	add_signed(fields, &request.fields_n, add);
	add_signed(fields, &request.fields_n, &r->fields);
	const char *names = !with_body ? SIGN_HEADERS_PLAIN
		: s->without_host      ? WITHOUT_HOST
				       : SIGN_HEADERS_BODY;
	buf_auto string = {0}, signature = {0}, header = {0};
	if (!sign_string(&request, names, &string, err) ||
		!sign_signature(s->key, string.data, string.len, &signature, err))
		return false;
	sign_header(s->key_id, names, buf_str(&signature), &header);
	http_fields_add(add, a, "authorization", buf_str(&header));
	return true;
}
