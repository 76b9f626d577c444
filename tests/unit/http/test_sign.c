/* Signing, forwards and backwards, on the published vectors; then everything that must not verify. */
#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char VECTORS[] = SOURCE_DIR "/tests/unit/http/signing-vectors.json";

struct state {
	json_t *root;
	EVP_PKEY *key;
	struct arena arena;
};
static struct state S;

static int setup(void **state)
{
	(void)state;
	S.root = json_load_file(VECTORS, 0, NULL);
	const char *pem = json_string_value(json_object_get(S.root, "privateKeyPem"));
	if (!pem)
		return -1;
	BIO *bio = BIO_new_mem_buf(pem, -1);
	S.key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return S.key ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(S.root);
	EVP_PKEY_free(S.key);
	arena_clear(&S.arena);
	return 0;
}

static const char *str(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

struct vector {
	const char *name, *names, *string, *signature, *key_id;
	struct sign_request r;
	struct sign_field fields[16];
};

static void field(struct vector *t, const char *name, const char *value)
{
	if (!value)
		return;
	t->fields[t->r.fields_n++] = (struct sign_field){name, value};
	t->r.fields = t->fields;
}

/* The draft's examples give no more than their signing string: the request is what its lines say. */
static void request_of_string(struct vector *t)
{
	for (char *line = arena_strdup(&S.arena, t->string), *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		char *value = strchr(line + 1, ':');
		*value = 0;
		value += 2;
		if (strcmp(line, "(request-target)")) {
			field(t, line, value);
			continue;
		}
		char *space = strchr(value, ' ');
		*space = 0;
		t->r.method = value;
		t->r.target = space + 1;
	}
}

static struct vector vector_of(const json_t *v)
{
	struct vector t = {.name = str(v, "name"),
		.names = str(v, "headersParameter"),
		.string = str(v, "signingString"),
		.signature = str(v, "signature"),
		.key_id = str(v, "keyId"),
		.r = {.method = str(v, "method"), .target = str(v, "pathAndQuery")}};
	const json_t *headers = json_object_get(v, "headers"), *value;
	const char *body = str(v, "body"), *name;
	assert_non_null(t.string);
	if (!t.r.target)
		t.r.target = str(v, "pathAndQueryAsSigned");
	json_object_foreach ((json_t *)(uintptr_t)headers, name, value)
		field(&t, name, json_string_value(value));
	if (!headers && t.r.target) {
		field(&t, "Host", str(v, "host"));
		field(&t, "Date", str(v, "date"));
		field(&t, "Content-Type", str(v, "contentType"));
		field(&t, "X-Content-SHA256", str(v, "xContentSha256"));
		if (body)
			field(&t, "Content-Length", arena_printf(&S.arena, "%zu", strlen(body)));
	}
	if (!t.r.target)
		request_of_string(&t);
	if (body && strstr(t.names, "x-content-sha256")) {
		const char *hash = sign_body_sha256(&S.arena, body, strlen(body));
		assert_non_null(strstr(t.string, hash));
	}
	t.r.fields = t.fields;
	return t;
}

static void forwards(const struct vector *t)
{
	struct err err;
	buf_auto string = {0}, signature = {0}, header = {0};
	assert_true(sign_string(&t->r, t->names, &string, &err));
	assert_string_equal(buf_str(&string), t->string);
	assert_true(sign_signature(S.key, string.data, string.len, &signature, &err));
	assert_string_equal(buf_str(&signature), t->signature);
	sign_header(t->key_id, t->names, signature.data, &header);
	assert_string_equal(buf_str(&header),
		arena_printf(&S.arena,
			"Signature version=\"1\",keyId=\"%s\",algorithm=\"rsa-sha256\",headers=\"%s\","
			"signature=\"%s\"",
			t->key_id, t->names, t->signature));
}

static void backwards(const struct vector *t)
{
	struct err err;
	struct sign_parsed p;
	buf_auto string = {0}, header = {0};
	sign_header(t->key_id, t->names, t->signature, &header);
	assert_true(sign_parse(header.data, &S.arena, &p, &err));
	assert_string_equal(p.key_id, t->key_id);
	assert_string_equal(p.algorithm, "rsa-sha256");
	assert_string_equal(p.version, "1");
	assert_true(sign_string(&t->r, p.names, &string, &err));
	assert_true(sign_verify(S.key, string.data, string.len, p.signature));
}

static void vectors(const char *group, size_t expected)
{
	const json_t *list = json_object_get(S.root, group);
	assert_int_equal(json_array_size(list), expected);
	for (size_t i = 0; i < expected; i++) {
		struct vector t = vector_of(json_array_get(list, i));
		t.r.fields = t.fields;
		forwards(&t);
		backwards(&t);
	}
}

static void published_vectors(void **state)
{
	(void)state;
	vectors("published", 5);
}

static void derived_vectors(void **state)
{
	(void)state;
	vectors("derived", 5);
}

static void fingerprint_of_the_published_key(void **state)
{
	(void)state;
	char out[48];
	struct err err;
	assert_true(sign_fingerprint(S.key, out, &err));
	assert_string_equal(out, "73:61:a2:21:67:e0:df:be:7e:4b:93:1e:15:98:a5:b7");
}

static void hash_of_an_empty_body(void **state)
{
	(void)state;
	assert_string_equal(sign_body_sha256(&S.arena, NULL, 0),
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

static void *verify_in_thread(void *arg)
{
	const json_t *v = json_array_get(json_object_get(S.root, "derived"), 1);
	const char *string = str(v, "signingString"), *signature = str(v, "signature");
	EVP_PKEY *other = arg;
	for (int i = 0; i < 50; i++)
		if (!sign_verify(S.key, string, strlen(string), signature) ||
			sign_verify(other, string, strlen(string), signature) ||
			sign_verify(S.key, string, strlen(string) - 1, signature))
			return (void *)"wrong";
	return NULL;
}

/* Threads keep what they prepared for a key: not for another one that comes after it, maybe at its address. */
static void keys_take_turns(void **state)
{
	enum { THREADS = 4 };
	pthread_t threads[THREADS];
	EVP_PKEY *other = EVP_RSA_gen(2048), *curve = EVP_EC_gen("P-256");
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_in_thread, other), 0);
	assert_null(verify_in_thread(other));
	for (int i = 0; i < THREADS; i++) {
		void *wrong;
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	EVP_PKEY_free(other);
	for (int i = 0; i < 5; i++) {
		buf_auto signature = {0};
		struct err err;
		EVP_PKEY *key = EVP_RSA_gen(2048);
		assert_true(sign_signature(key, "text", 4, &signature, &err));
		assert_true(sign_verify(key, "text", 4, buf_str(&signature)));
		assert_false(sign_verify(key, "test", 4, buf_str(&signature)));
		assert_false(sign_verify(S.key, "text", 4, buf_str(&signature)));
		assert_false(sign_verify(curve, "text", 4, buf_str(&signature)));
		EVP_PKEY_free(key);
	}
	EVP_PKEY_free(curve);
}

/* Every character of signature and string, changed one at a time, must not verify. */
static void any_change_fails(void **state)
{
	(void)state;
	const json_t *v = json_array_get(json_object_get(S.root, "derived"), 1);
	const char *string = str(v, "signingString"), *signature = str(v, "signature");
	const size_t len = strlen(string);
	assert_true(sign_verify(S.key, string, len, signature));
	for (size_t i = 0; i < len; i++) {
		char *bad = arena_strdup(&S.arena, string);
		bad[i] ^= 1;
		assert_false(sign_verify(S.key, bad, len, signature));
	}
	for (size_t i = 0; i < strlen(signature); i++)
		for (int bit = 0; bit < 8; bit++) {
			char *bad = arena_strdup(&S.arena, signature);
			bad[i] = (char)(bad[i] ^ 1 << bit);
			assert_false(sign_verify(S.key, string, len, bad));
		}
	assert_false(sign_verify(S.key, string, len - 1, signature));
	for (size_t i = 0; i < strlen(signature); i++)
		assert_false(
			sign_verify(S.key, string, len, arena_strndup(&S.arena, signature, i)));
	assert_false(sign_verify(S.key, string, len, arena_printf(&S.arena, "%sAAAA", signature)));
	assert_false(sign_verify(S.key, string, len, arena_printf(&S.arena, " %s", signature)));
}

static void another_key_fails(void **state)
{
	(void)state;
	const json_t *v = json_array_get(json_object_get(S.root, "derived"), 0);
	const char *string = str(v, "signingString");
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
	struct err err;
	buf_auto made = {0};
	assert_false(sign_verify(rsa, string, strlen(string), str(v, "signature")));
	assert_true(sign_signature(rsa, string, strlen(string), &made, &err));
	assert_true(sign_verify(rsa, string, strlen(string), made.data));
	assert_false(sign_verify(S.key, string, strlen(string), made.data));
	assert_false(sign_signature(ec, string, strlen(string), &made, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_false(sign_verify(ec, string, strlen(string), made.data));
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
}

static const struct sign_field FIELDS[] = {{"DATE", " today\t"}, {"host", "h"}, {"x-a", "1"},
	{"X-A", "  2 3 "}, {"x-empty", ""}, {"x-break", "a\r\ndate: b"}};
static const struct sign_request REQUEST = {"GeT", "/a%2Fb/../c?d=%20e", FIELDS, 6};

static void strings(void **state)
{
	(void)state;
	static const struct {
		const char *names, *string;
	} good[] = {
		{"date", "date: today"},
		{"HOST Date", "host: h\ndate: today"},
		{"(request-target) x-a", "(request-target): get /a%2Fb/../c?d=%20e\nx-a: 1, 2 3"},
		{"(Request-Target)", "(request-target): get /a%2Fb/../c?d=%20e"},
		{"x-empty", "x-empty: "},
	};
	static const char *const bad[] = {"", " ", " date", "date ", "date  host", "date host Date",
		"(request-target) (REQUEST-TARGET)", "content-length", "dat", "datex", "x-break",
		"(created)", "date\thost", "date,host"};
	struct err err;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		buf_auto out = {0};
		assert_true(sign_string(&REQUEST, good[i].names, &out, &err));
		assert_string_equal(buf_str(&out), good[i].string);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		buf_auto out = {0};
		assert_false(sign_string(&REQUEST, bad[i], &out, &err));
		assert_int_equal(err.kind, ERR_INVALID);
	}
	struct sign_request broken = REQUEST;
	broken.target = "/a\nhost: evil";
	buf_auto out = {0}, tiny = {.max = 4};
	assert_false(sign_string(&broken, "(request-target)", &out, &err));
	assert_false(sign_string(&REQUEST, "date", &tiny, &err));
}

static void authorization_read(void **state)
{
	(void)state;
	static const char *const good[] = {
		/* The order of Python's SDK, and of nobody's. */
		"Signature algorithm=\"rsa-sha256\",headers=\"date host\",keyId=\"k/1\",signature=\"AA==\","
		"version=\"1\"",
		"Signature signature=\"AA==\",keyId=\"k/1\",headers=\"date host\",algorithm=\"rsa-sha256\"",
		"  sIGNATURE \t KEYID = \"k/1\" ,\tAlgorithm=\"RSA-SHA256\" , HEADERS= \"date host\", "
		"signature =\"AA==\" ",
		"Signature other=\"\",keyId=\"k/1\",algorithm=\"rsa-sha256\",headers=\"date host\","
		"signature=\"AA==\"",
	};
	struct err err;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct sign_parsed p;
		assert_true(sign_parse(good[i], &S.arena, &p, &err));
		assert_string_equal(p.key_id, "k/1");
		assert_string_equal(p.names, "date host");
		assert_string_equal(p.signature, "AA==");
		assert_true(text_equal(p.version, i ? NULL : "1"));
	}
}

#define REST ",headers=\"date\",signature=\"AA==\""
static void authorization_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"Signature",
		"Signature ",
		"Bearer keyId=\"k\",algorithm=\"rsa-sha256\"" REST,
		"SignatureX keyId=\"k\",algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\",algorithm=\"rsa-sha256\"" REST ",",
		"Signature ,keyId=\"k\",algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\" algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\",,algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=k,algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k,algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\\\"\",algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\n\",algorithm=\"rsa-sha256\"" REST,
		"Signature =\"k\",algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\",algorithm=\"rsa-sha256\"" REST " x",
		"Signature keyId=\"k\",algorithm=\"rsa-sha256\"" REST ",keyid=\"k\"",
		"Signature x=\"1\",X=\"1\",keyId=\"k\",algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\",algorithm=\"hmac-sha256\"" REST,
		"Signature keyId=\"k\",algorithm=\"rsa-sha1\"" REST,
		"Signature keyId=\"k\",algorithm=\"none\"" REST,
		"Signature keyId=\"k\",algorithm=\"\"" REST,
		"Signature keyId=\"k\"" REST,
		"Signature algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"\",algorithm=\"rsa-sha256\"" REST,
		"Signature keyId=\"k\",algorithm=\"rsa-sha256\",signature=\"AA==\"",
		"Signature keyId=\"k\",algorithm=\"rsa-sha256\",headers=\"date\"",
		"Signature keyId=\"k\",algorithm=\"rsa-sha256\",version=\"2\"" REST,
	};
	struct err err;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sign_parsed p = {.key_id = "untouched"};
		if (sign_parse(bad[i], &S.arena, &p, &err))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_string_equal(p.key_id, "untouched");
	}
	buf_auto many = {0};
	buf_adds(&many, "Signature keyId=\"k\",algorithm=\"rsa-sha256\"" REST);
	for (char c = 'a'; c < 'z'; c++)
		buf_printf(&many, ",x%c=\"\"", c);
	struct sign_parsed p;
	assert_false(sign_parse(many.data, &S.arena, &p, &err));
}

/* What cuts a header at any byte is refused, or says what the whole said. */
static void authorization_cut(void **state)
{
	(void)state;
	buf_auto whole = {0};
	struct err err;
	sign_header("k", "date", "AA==", &whole);
	for (size_t i = 0; i < whole.len; i++) {
		struct sign_parsed p;
		assert_false(
			sign_parse(arena_strndup(&S.arena, whole.data, i), &S.arena, &p, &err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(derived_vectors),
		cmocka_unit_test(fingerprint_of_the_published_key),
		cmocka_unit_test(hash_of_an_empty_body),
		cmocka_unit_test(any_change_fails),
		cmocka_unit_test(keys_take_turns),
		cmocka_unit_test(another_key_fails),
		cmocka_unit_test(strings),
		cmocka_unit_test(authorization_read),
		cmocka_unit_test(authorization_refused),
		cmocka_unit_test(authorization_cut),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
