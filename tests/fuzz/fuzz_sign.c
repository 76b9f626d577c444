/*
 * A request with a signature that somebody made: `METHOD TARGET`, the lines of its headers, an empty line, the value of
 * Authorization. No bytes are a signature that nobody made; the signing string has a line for each name, so that no value
 * forges another.
 */
#include "fuzz.h"

#include "base/text.h"
#include "http/http_url.h"
#include "http/sign.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>
#include <strings.h>

enum { FIELDS_MAX = 20 };

static EVP_PKEY *test_key(void)
{
	static EVP_PKEY *key;
	if (!key)
		key = EVP_RSA_gen(1024);
	FUZZ_CHECK(key);
	return key;
}

static size_t count(const char *s, char c)
{
	size_t n = 0;
	for (; *s; s++)
		n += *s == c;
	return n;
}

static size_t read_fields(struct fuzz_input *in, struct arena *a, struct sign_field *v)
{
	size_t n = 0;
	for (;;) {
		char *line = fuzz_until(in, '\n', a), *colon = strchr(line, ':');
		if (!colon || n == FIELDS_MAX)
			return n;
		*colon = '\0';
		v[n++] = (struct sign_field){line, colon + 1};
	}
}

/* What sign_header makes of what was parsed is parsed as the same. */
static void parse_again(const struct sign_parsed *p, struct arena *a)
{
	struct sign_parsed q;
	struct err err;
	buf_auto header = {0};
	sign_header(p->key_id, p->names, p->signature, &header);
	FUZZ_CHECK(sign_parse(buf_str(&header), a, &q, &err), "%s: %s", err.text, buf_str(&header));
	FUZZ_CHECK(text_equal(p->key_id, q.key_id) && text_equal(p->names, q.names) &&
		text_equal(p->signature, q.signature));
}

static void sign_and_verify(const struct buf *string)
{
	buf_auto signature = {0};
	struct err err;
	FUZZ_CHECK(sign_signature(test_key(), buf_str(string), string->len, &signature, &err));
	FUZZ_CHECK(sign_verify(test_key(), buf_str(string), string->len, buf_str(&signature)));
	signature.data[signature.len / 2] ^= 1;
	FUZZ_CHECK(!sign_verify(test_key(), buf_str(string), string->len, buf_str(&signature)));
}

static void check_url(const char *text, struct arena *a)
{
	struct http_url url;
	struct err err;
	if (!http_url_parse(text, a, &url, &err)) {
		fuzz_check_err(&err);
		return;
	}
	FUZZ_CHECK(*url.host && !strpbrk(url.host, "/?#@ \r\n\t"), "%s", url.host);
	FUZZ_CHECK(*url.target == '/' && !strpbrk(url.target, " \r\n\t#"), "%s", url.target);
	FUZZ_CHECK(url.near || !strncasecmp(text, "https://", 8), "%s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct fuzz_input in = {data, data + n};
	struct sign_field fields[FIELDS_MAX];
	struct sign_parsed p;
	struct err err;
	buf_auto string = {.max = 64 << 10};
	struct sign_request r = {.fields = fields};
	r.method = fuzz_until(&in, ' ', &a);
	r.target = fuzz_until(&in, '\n', &a);
	check_url(r.target, &a);
	r.fields_n = read_fields(&in, &a, fields);
	size_t len;
	if (!sign_parse(fuzz_rest(&in, &a, &len), &a, &p, &err)) {
		fuzz_check_err(&err);
		return 0;
	}
	parse_again(&p, &a);
	if (!sign_string(&r, p.names, &string, &err)) {
		fuzz_check_err(&err);
		return 0;
	}
	FUZZ_CHECK(count(buf_str(&string), '\n') == count(p.names, ' '), "%s", buf_str(&string));
	FUZZ_CHECK(!sign_verify(test_key(), buf_str(&string), string.len, p.signature));
	if (n % 8 == 0)
		sign_and_verify(&string);
	return 0;
}
