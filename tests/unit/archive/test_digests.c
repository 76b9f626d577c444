/* Only what can be compared is hashed, by the digest that the live side tells. */
#include "../unit.h"
#include "archive/digests.h"
#include "base/fs.h"

#include <stdlib.h>

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char folder[] = "/tmp/weir-unit-digests-XXXXXX";
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	struct err err;
	return !mkdtemp(folder) || !fs_write(fs_join(&arena, folder, "abc"), "abc", 3, 0600, &err);
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	bool ok = fs_remove_tree(folder, &err);
	arena_clear(&arena);
	return !ok;
}

static void add(struct resources *r, const char *name, int64_t size, const char *md5,
	const char *sha256, const char *path)
{
	struct object *o = arena_new(&arena, struct object);
	*o = (struct object){.bucket = "b",
		.name = name,
		.size = {true, size},
		.md5 = md5,
		.sha256 = sha256,
		.path = path};
	struct resource *x = resources_add(r, &arena);
	x->kind = RESOURCE_OBJECT;
	x->address = arena_printf(&arena, "objects.%s", name);
	x->object = o;
}

static void what_decides_is_hashed(void **state)
{
	(void)state;
	struct err err;
	struct resources want = {0}, live = {0};
	add(&want, "single", 3, NULL, NULL, "abc");
	add(&want, "parts", 3, NULL, NULL, "abc");
	add(&want, "unknown", 3, NULL, NULL, "abc");
	add(&live, "parts", 3, NULL, "of weir's metadata", NULL);
	add(&live, "single", 3, "of the listing", NULL, NULL);
	add(&live, "unknown", 3, NULL, NULL, NULL);
	assert_true(digests_fill(&want, &live, folder, NULL, &arena, &err));
	assert_string_equal(want.v[0].object->md5, "kAFQmDzST7DWlj99KOF/cg==");
	assert_string_equal(want.v[0].object->sha256, ABC); /* it differs: to be uploaded */
	assert_string_equal(want.v[1].object->sha256, ABC);
	assert_null(want.v[1].object->md5);
	assert_null(want.v[2].object->md5);
}

static void what_is_the_same_is_read_once(void **state)
{
	(void)state;
	struct err err;
	struct resources want = {0}, live = {0};
	add(&want, "same", 3, NULL, NULL, "abc");
	add(&live, "same", 3, "kAFQmDzST7DWlj99KOF/cg==", NULL, NULL);
	assert_true(digests_fill(&want, &live, folder, NULL, &arena, &err));
	assert_string_equal(want.v[0].object->md5, "kAFQmDzST7DWlj99KOF/cg==");
	assert_null(want.v[0].object->sha256);
}

/* What the plan showed is what will be sent. */
static void what_is_small_and_new_is_hashed(void **state)
{
	(void)state;
	struct err err;
	struct resources want = {0}, live = {0};
	add(&want, "new", 3, NULL, NULL, "abc");
	add(&want, "resized", 3, NULL, NULL, "abc");
	add(&live, "resized", 4, "of the listing", NULL, NULL);
	assert_true(digests_fill(&want, &live, folder, NULL, &arena, &err));
	assert_string_equal(want.v[0].object->sha256, ABC);
	assert_string_equal(want.v[1].object->sha256, ABC);
	assert_null(want.v[1].object->md5);
}

static void what_is_large_and_new_is_not_read(void **state)
{
	(void)state;
	struct err err;
	struct resources want = {0}, live = {0};
	add(&want, "new", DIGESTS_SMALL + 1, NULL, NULL, "not there");
	add(&want, "resized", DIGESTS_SMALL + 1, NULL, NULL, "not there");
	add(&live, "resized", 4, "of the listing", NULL, NULL);
	add(&live, "other", DIGESTS_SMALL + 1, "of the listing", NULL, NULL);
	assert_true(digests_fill(&want, &live, folder, NULL, &arena, &err));
	assert_null(want.v[0].object->md5);
	assert_null(want.v[1].object->md5);
}

static void what_cannot_be_read_is_named(void **state)
{
	(void)state;
	struct err err;
	struct resources want = {0}, live = {0};
	add(&want, "gone", 3, NULL, NULL, "gone");
	add(&live, "gone", 3, "of the listing", NULL, NULL);
	assert_false(digests_fill(&want, &live, folder, NULL, &arena, &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_has(err.text, "objects.gone: ");
	assert_has(err.text, "/gone: No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_decides_is_hashed),
		cmocka_unit_test(what_is_the_same_is_read_once),
		cmocka_unit_test(what_is_small_and_new_is_hashed),
		cmocka_unit_test(what_is_large_and_new_is_not_read),
		cmocka_unit_test(what_cannot_be_read_is_named),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
