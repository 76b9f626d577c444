/* The OCI config file: every mistake is named with its file, profile and cure. */
#include "../unit.h"
#include "base/fs.h"
#include "http/sign.h"
#include "oci/config.h"
#include "oci/ini.h"
#include "oci/key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TENANCY "ocid1.tenancy.oc1..aaaa"
#define USER "ocid1.user.oc1..bbbb"

static char folder[] = "/tmp/weir-unit-config-XXXXXX";
static struct arena arena;
static EVP_PKEY *made;
static char fingerprint[48];

static void write_key(const char *path, const EVP_CIPHER *cipher, const char *phrase)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_true(PEM_write_PKCS8PrivateKey(
		out, made, cipher, phrase, phrase ? (int)strlen(phrase) : 0, NULL, NULL));
	fputs("OCI_API_KEY\n", out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static int set_up(void **state)
{
	(void)state;
	struct err err;
	static const char *const names[] = {"OCI_CLI_CONFIG_FILE", "OCI_CONFIG_FILE",
		"OCI_CLI_PROFILE", "OCI_CLI_REGION", "OCI_REGION"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	made = EVP_RSA_gen(2048);
	if (!made || !sign_fingerprint(made, fingerprint, &err) || !mkdtemp(folder) ||
		chdir(folder))
		return -1;
	write_key("key.pem", NULL, NULL);
	write_key("locked.pem", EVP_aes_256_cbc(), "sesame");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	EVP_PKEY_free(made);
	arena_clear(&arena);
	return chdir("/") || !fs_remove_tree(folder, &err);
}

static const char *profile(const char *name, const char *key_file, const char *more)
{
	return arena_printf(&arena,
		"[%s]\ntenancy=" TENANCY "\nuser: " USER "\nfingerprint=%s\nkey_file = %s\n%s\n",
		name, fingerprint, key_file, more);
}

static bool load(const char *text, const char *name, struct oci_config *ret, struct err *err)
{
	*err = (struct err){0};
	struct err io;
	assert_true(fs_write("config", text, strlen(text), 0600, &io));
	return oci_config_load("config", name, NULL, &arena, ret, err);
}

static void refuses(const char *text, const char *name, const char *what, const char *cure)
{
	struct oci_config c;
	struct err err;
	assert_false(load(text, name, &c, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	if (!strstr(err.text, what) || !strstr(err.text, cure))
		fail_msg("\"%s\" has not \"%s\" and \"%s\"", err.text, what, cure);
}

static void a_profile_is_read(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	if (!load(profile("DEFAULT", "key.pem", "region=iad"), NULL, &c, &err))
		fail_msg("%s", err.text);
	assert_string_equal(c.tenancy, TENANCY);
	assert_string_equal(c.user, USER);
	assert_string_equal(c.region, "us-ashburn-1");
	assert_string_equal(c.profile, "DEFAULT");
	assert_false(c.key_is_open_to_others);
	assert_non_null(c.key);
	oci_config_clear(&c);
	assert_null(c.key);
}

static void byte_order_mark_and_crlf(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	const char *text = arena_printf(&arena,
		"\xef\xbb\xbf[DEFAULT]\r\ntenancy=" TENANCY "\r\nuser=" USER
		"\r\nfingerprint=%s\r\nkey_file=key.pem\r\n# done\r\n",
		fingerprint);
	assert_true(load(text, NULL, &c, &err));
	assert_null(c.region);
	oci_config_clear(&c);
}

static void default_is_inherited(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	const char *text = arena_printf(&arena,
		"%s[PROD]\nregion=eu-frankfurt-1\nkey_file=locked.pem\n"
		"pass_phrase=sesame\n",
		profile("DEFAULT", "key.pem", "region=us-phoenix-1"));
	assert_true(load(text, "PROD", &c, &err));
	assert_string_equal(c.region, "eu-frankfurt-1");
	assert_string_equal(c.key_file, "locked.pem");
	assert_string_equal(c.user, USER);
	oci_config_clear(&c);
}

static void environment_names_file_profile_and_region(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	const char *text = profile("OTHER", "key.pem", "");
	assert_true(fs_write("elsewhere", text, strlen(text), 0600, &err));
	setenv("OCI_CONFIG_FILE", "elsewhere", 1);
	setenv("OCI_CLI_PROFILE", "OTHER", 1);
	setenv("OCI_REGION", "fra", 1);
	bool ok = oci_config_load(NULL, NULL, NULL, &arena, &c, &err);
	unsetenv("OCI_CONFIG_FILE");
	unsetenv("OCI_CLI_PROFILE");
	unsetenv("OCI_REGION");
	if (!ok)
		fail_msg("%s", err.text);
	assert_string_equal(c.file, "elsewhere");
	assert_string_equal(c.profile, "OTHER");
	assert_string_equal(c.region, "eu-frankfurt-1");
	oci_config_clear(&c);
}

static void a_pass_phrase_too_many_is_ignored(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	assert_true(load(profile("DEFAULT", "key.pem", "pass_phrase=unused"), NULL, &c, &err));
	oci_config_clear(&c);
}

static void open_key_files_are_noted(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	write_key("open.pem", NULL, NULL);
	assert_int_equal(chmod("open.pem", 0644), 0);
	assert_true(load(profile("DEFAULT", "open.pem", ""), NULL, &c, &err));
	assert_true(c.key_is_open_to_others);
	oci_config_clear(&c);
}

static void mistakes_name_their_cure(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err = {0};
	assert_false(oci_config_load("nowhere/config", NULL, NULL, &arena, &c, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "no OCI config file nowhere/config"));
	assert_non_null(strstr(err.text, "oci setup config"));

	refuses(profile("DEFAULT", "key.pem", ""), "PROD", "config has no profile [PROD]",
		"its profiles: DEFAULT");
	refuses("[DEFAULT]\nuser=" USER "\n", NULL, "profile [DEFAULT] has no `tenancy`",
		"add tenancy=");
	refuses("[DEFAULT]\ntenancy=" TENANCY "\nsecurity_token_file=t\n", NULL, "has no `user`",
		"session");
	refuses(profile("DEFAULT", "key.pem", "region=../evil"), NULL, "`../evil` is not a region",
		"us-ashburn-1");
	refuses("[DEFAULT]\ntenancy=x\nuser=" USER "\nfingerprint=a\nkey_file=key.pem\n", NULL,
		"`tenancy` is not an OCID", "ocid1.tenancy");
}

static void bad_keys_name_their_cure(void **state)
{
	(void)state;
	struct err err;
	refuses(profile("DEFAULT", "missing.pem", ""), NULL, "missing.pem",
		"check the path and its mode");
	refuses(profile("DEFAULT", "locked.pem", ""), NULL, "is encrypted", "pass_phrase=");
	refuses(profile("DEFAULT", "locked.pem", "pass_phrase=wrong"), NULL, "does not open",
		"correct pass_phrase");
	assert_true(fs_write("text.pem", "hello\n", 6, 0600, &err));
	refuses(profile("DEFAULT", "text.pem", ""), NULL, "no private key in PEM form",
		"PRIVATE KEY");
	EVP_PKEY *other = EVP_EC_gen("P-256");
	FILE *out = fopen("ec.pem", "w");
	assert_true(PEM_write_PrivateKey(out, other, NULL, NULL, 0, NULL, NULL));
	fclose(out);
	EVP_PKEY_free(other);
	refuses(profile("DEFAULT", "ec.pem", ""), NULL, "is not an RSA key", "2048");
}

static void a_fingerprint_of_another_key(void **state)
{
	(void)state;
	const char *other = "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
	const char *text = arena_printf(&arena,
		"[DEFAULT]\ntenancy=" TENANCY "\nuser=" USER "\nfingerprint=%s\nkey_file=key.pem\n",
		other);
	refuses(text, NULL, "the fingerprint is not that of the key in key.pem", fingerprint);
	refuses(text, NULL, other, "correct fingerprint or key_file");
}

static void ini_mistakes_have_their_line(void **state)
{
	(void)state;
	refuses("[A]\nx=1\n[A]\n", "A", "config:3: the profile [A] stands twice", "remove one");
	refuses("[A]\nx=1\n\nx=2\n", "A", "config:4: `x` stands twice", "remove one");
	refuses("x=1\n", "A", "config:1: the file must begin with a profile", "[DEFAULT]");
	refuses("[A\n", "A", "config:1:", "] is missing");
	refuses("[A]\nnonsense\n", "A", "config:2:", "key=value");
	refuses("[A]\nx=1\n  y=2\n", "A", "config:3: this line is indented", "first column");
	struct map sections;
	struct err err;
	assert_false(ini_parse("[A]\0", 4, "f", &arena, &sections, &err));
	assert_non_null(strstr(err.text, "f is not a text file"));
}

static void ini_values_are_whole(void **state)
{
	(void)state;
	struct map sections;
	struct err err;
	buf_auto text = {0};
	buf_adds(&text, "[A]\npass_phrase = a;b #c = d\nlong=");
	for (int i = 0; i < 5000; i++)
		buf_addc(&text, 'x');
	assert_true(ini_parse(buf_str(&text), text.len, "f", &arena, &sections, &err));
	const struct map *a = map_get(&sections, "A");
	assert_string_equal(map_get(a, "pass_phrase"), "a;b #c = d");
	assert_int_equal(strlen(map_get(a, "long")), 5000);
}

static void endpoints_by_region(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{"us-ashburn-1", "https://dataflow.us-ashburn-1.oci.oraclecloud.com",
			"https://objectstorage.us-ashburn-1.oraclecloud.com"},
		{"IAD", "https://dataflow.us-ashburn-1.oci.oraclecloud.com",
			"https://objectstorage.us-ashburn-1.oraclecloud.com"},
		{"us-langley-1", "https://dataflow.us-langley-1.oci.oraclegovcloud.com",
			"https://objectstorage.us-langley-1.oraclegovcloud.com"},
		{"xx-nowhere-9", "https://dataflow.xx-nowhere-9.oci.oraclecloud.com",
			"https://objectstorage.xx-nowhere-9.oraclecloud.com"},
		{"region.example.com", "https://dataflow.region.example.com",
			"https://objectstorage.region.example.com"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(oci_endpoint_dataflow(&arena, rows[i][0]), rows[i][1]);
		assert_string_equal(oci_endpoint_objectstorage(&arena, rows[i][0]), rows[i][2]);
	}
	assert_false(oci_region_ok(""));
	assert_false(oci_region_ok("a/b"));
	assert_false(oci_region_ok("a@b"));
	assert_true(oci_region_ok("us-ashburn-1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_read),
		cmocka_unit_test(byte_order_mark_and_crlf),
		cmocka_unit_test(default_is_inherited),
		cmocka_unit_test(environment_names_file_profile_and_region),
		cmocka_unit_test(a_pass_phrase_too_many_is_ignored),
		cmocka_unit_test(open_key_files_are_noted),
		cmocka_unit_test(mistakes_name_their_cure),
		cmocka_unit_test(bad_keys_name_their_cure),
		cmocka_unit_test(a_fingerprint_of_another_key),
		cmocka_unit_test(ini_mistakes_have_their_line),
		cmocka_unit_test(ini_values_are_whole),
		cmocka_unit_test(endpoints_by_region),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
