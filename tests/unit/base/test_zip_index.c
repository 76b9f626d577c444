/* What is in a zip, by its end. */
#include "../unit.h"
#include "base/fs.h"
#include "base/zip_index.h"

#include <stdlib.h>

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static void put(struct buf *out, uint64_t v, unsigned bytes)
{
	for (; bytes--; v >>= 8)
		buf_addc(out, (char)(v & 0xff));
}

/* A central entry; sizes from 4 GiB on are in a zip64 field. */
static void put_entry(struct buf *out, const char *name, uint64_t size, uint32_t crc)
{
	bool large = size >= UINT32_MAX;
	put(out, 0x02014b50, 4);
	put(out, 0, 12);
	put(out, crc, 4);
	put(out, 0, 4);
	put(out, large ? UINT32_MAX : size, 4);
	put(out, strlen(name), 2);
	put(out, large ? 16 : 0, 2);
	put(out, 3, 2); /* of the comment */
	put(out, 0, 12);
	buf_adds(out, name);
	if (large) {
		put(out, 0x5455, 2); /* another field first */
		put(out, 0, 2);
		put(out, 1, 2);
		put(out, 8, 2);
		put(out, size, 8);
	}
	buf_adds(out, "..c");
}

static void put_end(
	struct buf *out, uint64_t n, uint64_t length, uint64_t from, const char *comment)
{
	put(out, 0x06054b50, 4);
	put(out, 0, 4);
	put(out, n, 2);
	put(out, n, 2);
	put(out, length, 4);
	put(out, from, 4);
	put(out, strlen(comment), 2);
	buf_adds(out, comment);
}

static void small_zip(struct buf *out, const char *comment)
{
	buf_adds(out, "content of it all");
	size_t from = out->len;
	put_entry(out, "b.txt", 7, 1);
	put_entry(out, "a.txt", 5000000000, 2);
	put_end(out, 2, out->len - from, from, comment);
}

static bool parse(const struct buf *zip, struct zip_index *ret)
{
	uint64_t from, length;
	size_t n = zip->len < ZIP_END_MAX ? zip->len : ZIP_END_MAX;
	return zip_index_find(zip->data + zip->len - n, n, zip->len, &from, &length) &&
		zip_index_parse(zip->data + from, (size_t)length, &arena, ret);
}

static void members_by_name(void **state)
{
	(void)state;
	static const char *const comments[] = {"", "a comment", "PK\5\6 of a kind"};
	for (size_t i = 0; i < 3; i++) {
		buf_auto zip = {0};
		struct zip_index index;
		small_zip(&zip, comments[i]);
		assert_true(parse(&zip, &index));
		assert_int_equal(index.n, 2);
		assert_string_equal(index.v[0].name, "a.txt");
		assert_int_equal(index.v[0].size, 5000000000);
		assert_string_equal(index.v[1].name, "b.txt");
		assert_int_equal(index.v[1].crc, 1);
	}
}

static void the_directory_of_zip64(void **state)
{
	(void)state;
	buf_auto zip = {0};
	struct zip_index index;
	put_entry(&zip, "x", 1, 9);
	size_t length = zip.len, end64 = zip.len;
	put(&zip, 0x06064b50, 4);
	put(&zip, 44, 8);
	put(&zip, 0, 12);
	put(&zip, 1, 8);
	put(&zip, 1, 8);
	put(&zip, length, 8);
	put(&zip, 0, 8);
	put(&zip, 0x07064b50, 4);
	put(&zip, 0, 4);
	put(&zip, end64, 8);
	put(&zip, 1, 4);
	put_end(&zip, 0xffff, UINT32_MAX, UINT32_MAX, "");
	assert_true(parse(&zip, &index));
	assert_int_equal(index.n, 1);
	assert_string_equal(index.v[0].name, "x");
}

static void no_zip(void **state)
{
	(void)state;
	uint64_t from, length;
	buf_auto zip = {0};
	put_end(&zip, 1, 100, 0, "");
	assert_false(zip_index_find(zip.data, zip.len, zip.len, &from, &length));
	assert_false(zip_index_find("PK", 2, 2, &from, &length));
	assert_false(zip_index_find("", 0, 0, &from, &length));
	buf_truncate(&zip, 0);
	put_end(&zip, 1, ZIP_DIRECTORY_MAX + 1, 0, "");
	assert_false(zip_index_find(zip.data, zip.len, (uint64_t)1 << 40, &from, &length));
	struct zip_index index;
	assert_false(zip_index_parse("PK\1\2", 4, &arena, &index));
	assert_true(zip_index_parse("", 0, &arena, &index));
	assert_int_equal(index.n, 0);
}

/* Whatever a byte is: no crash, and nothing read beyond. */
static void damage(void **state)
{
	(void)state;
	buf_auto zip = {0};
	small_zip(&zip, "c");
	srand(14);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand() % zip.len + 1;
		buf_auto copy = {0};
		arena_auto scratch = {0};
		uint64_t from, length;
		struct zip_index index;
		buf_add(&copy, zip.data + zip.len - n, n);
		copy.data[(size_t)rand() % n] = (char)rand();
		if (zip_index_find(copy.data, n, n, &from, &length))
			zip_index_parse(copy.data + from, (size_t)length, &scratch, &index);
		zip_index_parse(copy.data, n, &scratch, &index);
	}
}

static void differences(void **state)
{
	(void)state;
	struct zip_member was[] = {{"a", 1, 1}, {"b", 2, 2}, {"c", 3, 3}, {"d", 4, 4}};
	struct zip_member now[] = {{"b", 2, 2}, {"c", 3, 9}, {"d", 5, 4}, {"e", 6, 6}};
	struct zip_diff diff;
	zip_index_diff(&(struct zip_index){was, 4}, &(struct zip_index){now, 4}, &arena, &diff);
	buf_auto text = {0};
	for (size_t i = 0; i < diff.n; i++)
		buf_printf(&text, "%c%s %d %d;", diff.v[i].sign, diff.v[i].name, (int)diff.v[i].was,
			(int)diff.v[i].now);
	assert_string_equal(buf_str(&text), "-a 1 0;~c 3 3;~d 4 5;+e 0 6;");
	assert_int_equal(diff.unchanged, 1);
	zip_index_diff(&(struct zip_index){0}, &(struct zip_index){0}, &arena, &diff);
	assert_int_equal(diff.n, 0);
}

static void files(void **state)
{
	(void)state;
	char path[] = "/tmp/weir-zip-XXXXXX";
	struct err err;
	struct zip_index index;
	buf_auto zip = {0};
	small_zip(&zip, "");
	close(mkstemp(path));
	assert_false(zip_index_read(path, &arena, &index, &err));
	assert_int_equal(err.kind, ERR_INVALID);
	assert_true(fs_write(path, zip.data, zip.len, 0600, &err));
	assert_true(zip_index_read(path, &arena, &index, &err));
	assert_int_equal(index.n, 2);
	unlink(path);
	assert_false(zip_index_read(path, &arena, &index, &err));
	assert_int_equal(err.kind, ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_by_name),
		cmocka_unit_test(the_directory_of_zip64),
		cmocka_unit_test(no_zip),
		cmocka_unit_test(damage),
		cmocka_unit_test(differences),
		cmocka_unit_test(files),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
