/* How secrets are sealed, and in which stages their versions are. */
#include "base/fs.h"
#include "local/vault/vault_row.h"
#include "local/vault/vault_seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char folder[] = "/tmp/weir-vault-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	struct err err;
	(void)state;
	return fs_remove_tree(folder, &err) ? 0 : -1;
}

static void sealed_and_unsealed(void **state)
{
	static const char value[] = "with\0a NUL";
	arena_auto a = {0};
	struct err err;
	unsigned char *got;
	size_t n;
	(void)state;
	const char *one = vault_seal(folder, "id/1", value, sizeof value, &a, &err);
	const char *two = vault_seal(folder, "id/1", value, sizeof value, &a, &err);
	assert_non_null(one);
	assert_string_not_equal(one, two);
	assert_true(vault_unseal(folder, "id/1", one, &got, &n, &err));
	assert_int_equal(n, sizeof value);
	assert_memory_equal(got, value, n);
	vault_forget(got, n);
}

/* What was sealed for another version, cut, or changed in any character is not told. */
static void bound_and_whole(void **state)
{
	arena_auto a = {0};
	struct err err;
	unsigned char *got;
	size_t n;
	(void)state;
	const char *sealed = vault_seal(folder, "id/1", "value", 5, &a, &err);
	assert_false(vault_unseal(folder, "id/2", sealed, &got, &n, &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_false(vault_unseal(folder, "id/1", "", &got, &n, &err));
	assert_false(vault_unseal(folder, "id/1", "no base64 !", &got, &n, &err));
	for (size_t i = 0; i + 1 < strlen(sealed); i++) {
		char *changed = arena_strdup(&a, sealed);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_false(vault_unseal(folder, "id/1", changed, &got, &n, &err));
		changed[i] = '\0';
		assert_false(vault_unseal(folder, "id/1", changed, &got, &n, &err));
	}
}

static void stages(void **state)
{
	(void)state;
	const struct vault_secret s = {.current = 4, .previous = 3, .latest = 6};
	assert_int_equal(vault_stages(&s, 6), STAGE_PENDING | STAGE_LATEST);
	assert_int_equal(vault_stages(&s, 5), STAGE_PENDING);
	assert_int_equal(vault_stages(&s, 4), STAGE_CURRENT);
	assert_int_equal(vault_stages(&s, 3), STAGE_PREVIOUS);
	assert_int_equal(vault_stages(&s, 1), STAGE_DEPRECATED);
	assert_int_equal(vault_in_stage(&s, STAGE_DEPRECATED), 2);
	assert_int_equal(vault_in_stage(&s, STAGE_PENDING), 6);
	const struct vault_secret first = {.current = 1, .latest = 1};
	assert_int_equal(vault_stages(&first, 1), STAGE_CURRENT | STAGE_LATEST);
	assert_int_equal(vault_in_stage(&first, STAGE_PREVIOUS), 0);
	assert_int_equal(vault_in_stage(&first, STAGE_DEPRECATED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_and_unsealed),
		cmocka_unit_test(bound_and_whole),
		cmocka_unit_test(stages),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
