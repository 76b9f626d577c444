#include "oci/checksum.h"

#include "base/digest.h"
#include "base/text.h"

#include "../unit.h"

#include <stdlib.h>

static const size_t MIB = 1 << 20;

/* Of that many bytes of 'x', given in uneven pieces. */
static enum checksum_verdict verdict(const struct object *o, size_t size)
{
	struct checksum *c = checksum_new(o);
	char *bytes = malloc(size + 1);
	memset(bytes, 'x', size + 1);
	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < 777777 ? size - at : 777777;
		checksum_add(c, bytes + at, n);
	}
	free(bytes);
	return checksum_end(c);
}

static const char *parts_md5(struct arena *a, size_t size, size_t part)
{
	unsigned char md5[DIGEST_MAX];
	struct digest all;
	size_t parts = 0;
	char *bytes = malloc(part);
	memset(bytes, 'x', part);
	digest_init(&all, DIGEST_MD5);
	for (size_t at = 0; at < size; at += part, parts++) {
		digest_bytes(DIGEST_MD5, bytes, size - at < part ? size - at : part, md5);
		digest_add(&all, md5, 16);
	}
	digest_final(&all, md5);
	free(bytes);
	return arena_printf(a, "%s-%zu", text_base64(a, md5, 16), parts);
}

static void test_of_the_whole(void **state)
{
	(void)state;
	/* MD5 and SHA-256 of "xxx". */
	struct object o = {.size = {true, 3}, .md5 = "9WGq9u8L8U1CCLtGpMyzrQ=="};
	assert_int_equal(verdict(&o, 3), CHECKSUM_SAME);
	o.size.v = 4;
	assert_int_equal(verdict(&o, 3), CHECKSUM_OTHER);
	assert_int_equal(verdict(&o, 4), CHECKSUM_OTHER);
	o = (struct object){.size = {true, 3},
		.md5 = "is not looked at",
		.sha256 = "cd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860"};
	assert_int_equal(verdict(&o, 3), CHECKSUM_SAME);
	o.sha256 = "dd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860";
	assert_int_equal(verdict(&o, 3), CHECKSUM_OTHER);
	o = (struct object){.size = {true, 3}};
	assert_int_equal(verdict(&o, 3), CHECKSUM_UNKNOWN);
	assert_int_equal(verdict(&o, 2), CHECKSUM_OTHER);
	o = (struct object){.size = {true, 0}, .md5 = "1B2M2Y8AsgTpgAmY7PhCfg=="};
	assert_int_equal(verdict(&o, 0), CHECKSUM_SAME);
}

static void test_of_parts(void **state)
{
	(void)state;
	arena_auto a = {0};
	size_t size = 33 * MIB + 5;
	static const size_t used[] = {16, 10, 5, 20, 64};
	for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
		const char *md5 = parts_md5(&a, size, used[i] * MIB);
		struct object o = {.size = {true, (int64_t)size}, .multipart_md5 = md5};
		assert_int_equal(verdict(&o, size), CHECKSUM_SAME);
		/* As a list tells it. */
		o = (struct object){.size = {true, (int64_t)size}, .md5 = md5};
		assert_int_equal(verdict(&o, size), CHECKSUM_SAME);
	}
	/* Nobody uses such parts: it cannot be told. One part is the whole, and can. */
	struct object o = {
		.size = {true, (int64_t)size}, .multipart_md5 = parts_md5(&a, size, 17 * MIB + 1)};
	assert_int_equal(verdict(&o, size), CHECKSUM_UNKNOWN);
	o.multipart_md5 = "1B2M2Y8AsgTpgAmY7PhCfg==-1";
	assert_int_equal(verdict(&o, size), CHECKSUM_OTHER);
	o.multipart_md5 = "1B2M2Y8AsgTpgAmY7PhCfg==-x";
	assert_int_equal(verdict(&o, size), CHECKSUM_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_the_whole),
		cmocka_unit_test(test_of_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
