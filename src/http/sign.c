#include "http/sign.h"

#include "base/digest.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>
#include <strings.h>

const char SIGN_HEADERS_PLAIN[] = "date (request-target) host";
const char SIGN_HEADERS_BODY[] =
	"date (request-target) host content-length content-type x-content-sha256";
static const char ALGORITHM[] = "rsa-sha256";
static const char TARGET[] = "(request-target)";

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(const char *name, const char *s, size_t n)
{
	return strlen(name) == n && !strncasecmp(name, s, n);
}

/* A line break in a value would forge further lines of the signing string. */
static bool one_line(const char *s)
{
	return !s[strcspn(s, "\r\n")];
}

static void add_lower(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addc(out, lower(s[i]));
}

static bool add_target(const struct sign_request *r, struct buf *out, struct err *err)
{
	if (!one_line(r->method) || !one_line(r->target))
		return err_set(err, ERR_INVALID, "line break in the request line");
	buf_adds(out, "(request-target): ");
	add_lower(out, r->method, strlen(r->method));
	buf_addc(out, ' ');
	buf_adds(out, r->target);
	return true;
}

static void add_trimmed(struct buf *out, const char *value)
{
	size_t n = strlen(value);
	while (n && blank(value[n - 1]))
		n--;
	while (n && blank(*value))
		value++, n--;
	buf_add(out, value, n);
}

static bool add_field(
	const struct sign_request *r, const char *name, size_t n, struct buf *out, struct err *err)
{
	bool found = false;
	add_lower(out, name, n);
	for (size_t i = 0; i < r->fields_n; i++) {
		const struct sign_field *f = &r->fields[i];
		if (!same(f->name, name, n))
			continue;
		if (!one_line(f->value))
			return err_set(err, ERR_INVALID, "line break in header %s", f->name);
		buf_adds(out, found ? ", " : ": ");
		add_trimmed(out, f->value);
		found = true;
	}
	return found ||
		err_set(err, ERR_INVALID, "header %.*s is signed but not sent",
			(int)(n < 64 ? n : 64), name);
}

/* Whether one of the names before `at` is the n bytes there. */
static bool named_before(const char *names, const char *at, size_t n)
{
	while (names < at) {
		size_t len = strcspn(names, " ");
		if (len == n && !strncasecmp(names, at, n))
			return true;
		names += len + 1;
	}
	return false;
}

bool sign_string(const struct sign_request *r, const char *names, struct buf *out, struct err *err)
{
	for (const char *at = names;; at++) {
		size_t n = strcspn(at, " ");
		if (!n)
			return err_set(err, ERR_INVALID, "empty name among the signed headers");
		if (named_before(names, at, n))
			return err_set(err, ERR_INVALID, "header %.*s is signed twice",
				(int)(n < 64 ? n : 64), at);
		if (at != names)
			buf_addc(out, '\n');
		bool ok = same(TARGET, at, n) ? add_target(r, out, err)
					      : add_field(r, at, n, out, err);
		if (!ok)
			return false;
		at += n;
		if (!*at)
			break;
	}
	return !out->overflow || err_set(err, ERR_INVALID, "the signed headers are too long");
}

/* rsa-sha256 by another kind of key would be another algorithm. */
static bool is_rsa(const EVP_PKEY *key)
{
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

bool sign_signature(EVP_PKEY *key, const char *string, size_t len, struct buf *out, struct err *err)
{
	unsigned char raw[1024];
	size_t n = sizeof raw;
	if (!is_rsa(key))
		return err_set(err, ERR_CONFIG, "sign: the key is not an RSA key");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestSign(ctx, raw, &n, (const unsigned char *)string, len) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return err_set(err, ERR_CONFIG, "sign: OpenSSL refuses the key");
	arena_auto scratch = {0};
	buf_adds(out, text_base64(&scratch, raw, n));
	return true;
}

void sign_header(const char *key_id, const char *names, const char *signature, struct buf *out)
{
	buf_printf(out,
		"Signature version=\"1\",keyId=\"%s\",algorithm=\"%s\",headers=\"%s\",signature=\"%s\"",
		key_id, ALGORITHM, names, signature);
}

static void skip_blanks(const char **s)
{
	while (blank(**s))
		++*s;
}

/* name="value"; true with *s behind it. Values hold no quote, backslash or control character. */
static bool parameter(
	const char **s, struct arena *a, const char **ret_name, const char **ret_value)
{
	const char *p = *s;
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	const char *name = p;
	p += n;
	skip_blanks(&p);
	if (!n || *p++ != '=')
		return false;
	skip_blanks(&p);
	if (*p++ != '"')
		return false;
	const char *value = p;
	while (*p != '"' && *p != '\\' && (unsigned char)*p >= 0x20 && *p != 0x7f)
		p++;
	if (*p != '"')
		return false;
	*ret_name = arena_strndup(a, name, n);
	*ret_value = arena_strndup(a, value, (size_t)(p - value));
	*s = p + 1;
	return true;
}

struct slot {
	const char *name;
	const char **value;
	bool required;
};

/* Parameters we do not know are tolerated. */
static void keep(struct slot *slots, size_t n, const char *name, const char *value)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(slots[i].name, name))
			*slots[i].value = value;
}

enum { PARAMETERS_MAX = 16 };
struct seen {
	const char *names[PARAMETERS_MAX];
	size_t n;
};

static bool see(struct seen *seen, const char *name, struct err *err)
{
	for (size_t i = 0; i < seen->n; i++)
		if (!strcasecmp(seen->names[i], name))
			return err_set(err, ERR_INVALID, "Authorization has two %s", name);
	if (seen->n == PARAMETERS_MAX)
		return err_set(err, ERR_INVALID, "Authorization has too many parameters");
	seen->names[seen->n++] = name;
	return true;
}

static bool scheme(const char **s)
{
	static const char name[] = "Signature";
	const size_t n = sizeof name - 1;
	skip_blanks(s);
	if (strncasecmp(*s, name, n) || !blank((*s)[n]))
		return false;
	*s += n;
	skip_blanks(s);
	return true;
}

bool sign_parse(const char *value, struct arena *a, struct sign_parsed *ret, struct err *err)
{
	struct sign_parsed made = {0};
	struct slot slots[] = {{"keyId", &made.key_id, true}, {"algorithm", &made.algorithm, true},
		{"headers", &made.names, true}, {"signature", &made.signature, true},
		{"version", &made.version, false}};
	const size_t n = sizeof slots / sizeof *slots;
	struct seen seen = {0};
	const char *s = value;
	if (!scheme(&s))
		return err_set(err, ERR_INVALID, "Authorization is not of the scheme Signature");
	for (;; s++) {
		const char *name, *text;
		skip_blanks(&s);
		if (!parameter(&s, a, &name, &text))
			return err_set(err, ERR_INVALID, "malformed Authorization");
		if (!see(&seen, name, err))
			return false;
		keep(slots, n, name, text);
		skip_blanks(&s);
		if (*s != ',')
			break;
	}
	if (*s)
		return err_set(err, ERR_INVALID, "malformed Authorization");
	for (size_t i = 0; i < n; i++)
		if (slots[i].required && text_empty(*slots[i].value))
			return err_set(err, ERR_INVALID, "Authorization lacks %s", slots[i].name);
	if (strcasecmp(made.algorithm, ALGORITHM))
		return err_set(err, ERR_INVALID, "signature algorithm is not %s", ALGORITHM);
	if (made.version && strcmp(made.version, "1"))
		return err_set(err, ERR_INVALID, "signature version is not 1");
	*ret = made;
	return true;
}

char *sign_body_sha256(struct arena *a, const void *body, size_t n)
{
	unsigned char hash[DIGEST_MAX];
	return text_base64(a, hash, digest_bytes(DIGEST_SHA256, body, n, hash));
}

bool sign_fingerprint(EVP_PKEY *key, char out[static 48], struct err *err)
{
	unsigned char *der = NULL, hash[DIGEST_MAX];
	int len = i2d_PUBKEY(key, &der);
	if (len <= 0)
		return err_set(err, ERR_CONFIG, "the key has no public part");
	size_t n = digest_bytes(DIGEST_MD5, der, (size_t)len, hash);
	OPENSSL_free(der);
	for (size_t i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[hash[i] >> 4];
		*out++ = "0123456789abcdef"[hash[i] & 15];
		*out++ = i + 1 < n ? ':' : 0;
	}
	return true;
}
