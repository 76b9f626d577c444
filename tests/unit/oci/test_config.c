/* The OCI config file: every mistake is named with its file, profile and cure. */
#include "../unit.h"
#include "base/fs.h"
#include "base/text.h"
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

/* PKCS#1, encrypted in the traditional way: DEK-Info. */
static void write_old_key(void)
{
	static const char phrase[] = "sesame";
	BIO *out = BIO_new_file("old.pem", "w");
	assert_non_null(out);
	assert_true(PEM_write_bio_PrivateKey_traditional(out, made, EVP_aes_128_cbc(),
		(const unsigned char *)phrase, sizeof phrase - 1, NULL, NULL));
	BIO_puts(out, "OCI_API_KEY\n");
	BIO_free(out);
	assert_int_equal(chmod("old.pem", 0600), 0);
}

/* Nothing of the tester's own environment has a say. */
static void forget_environment(void)
{
	static const char *const names[] = {"OCI_CLI_CONFIG_FILE", "OCI_CONFIG_FILE",
		"OCI_CLI_PROFILE", "OCI_CLI_REGION", "OCI_REGION", "OCI_CLI_USER",
		"OCI_CLI_TENANCY", "OCI_CLI_FINGERPRINT", "OCI_CLI_KEY_FILE", "OCI_CLI_KEY_CONTENT",
		"OCI_CLI_PASSPHRASE", "OCI_CLI_AUTH", "OCI_CLI_SECURITY_TOKEN_FILE",
		"OCI_CLI_RC_FILE", "OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	setenv("HOME", folder, 1);
}

static int forget(void **state)
{
	(void)state;
	forget_environment();
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	struct err err;
	made = EVP_RSA_gen(2048);
	if (!made || !sign_fingerprint(made, fingerprint, &err) || !mkdtemp(folder) ||
		chdir(folder))
		return -1;
	forget_environment();
	write_key("key.pem", NULL, NULL);
	write_key("locked.pem", EVP_aes_256_cbc(), "sesame");
	write_old_key();
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
	struct oci_config_options o = {.file = "config", .profile = name};
	return oci_config_load(&o, &arena, ret, err);
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
	assert_int_equal(c.exposed_n, 0);
	assert_int_equal(c.auth, OCI_AUTH_API_KEY);
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
	bool ok = oci_config_load(&(struct oci_config_options){0}, &arena, &c, &err);
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
	assert_int_equal(chmod("open.pem", 0640), 0);
	assert_true(load(profile("DEFAULT", "open.pem", ""), NULL, &c, &err));
	assert_int_equal(c.exposed_n, 1);
	assert_string_equal(c.exposed[0], "open.pem");
	oci_config_clear(&c);
	setenv("OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING", "True", 1);
	assert_true(load(profile("DEFAULT", "open.pem", ""), NULL, &c, &err));
	assert_int_equal(c.exposed_n, 0);
	oci_config_clear(&c);
}

static void mistakes_name_their_cure(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err = {0};
	struct oci_config_options o = {.file = "nowhere/config"};
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.text, "no OCI config file nowhere/config"));
	assert_non_null(strstr(err.text, "oci setup config"));

	refuses(profile("DEFAULT", "key.pem", ""), "PROD", "config has no profile [PROD]",
		"its profiles: DEFAULT");
	refuses("[DEFAULT]\nuser=" USER "\n", NULL, "config: profile [DEFAULT] has no `tenancy`",
		"add tenancy=");
	refuses(profile("DEFAULT", "key.pem", "region=../evil"), NULL,
		"config:6: profile [DEFAULT]: `region`: `../evil` is not a region", "us-ashburn-1");
	refuses("[DEFAULT]\ntenancy=x\nuser=" USER "\nfingerprint=a\nkey_file=key.pem\n", NULL,
		"config:2: profile [DEFAULT]: `tenancy` is not an OCID", "ocid1.tenancy");
	refuses("[DEFAULT]\nuser=" TENANCY "\ntenancy=" TENANCY "\n", NULL,
		"config:2: profile [DEFAULT]: `user` is the OCID of a tenancy", "ocid1.user");
	refuses("[DEFAULT]\ntenancy=" TENANCY "\n[A]\nuser=" USER "\nfingerprint=20:3b:97\n", "A",
		"config:5: profile [A]: `fingerprint` is not a fingerprint", "16 pairs");
	refuses(profile("DEFAULT", "key.pem", "key_content=-----BEGIN"), NULL,
		"config:6: profile [DEFAULT]: `key_content`: a key does not belong in this file",
		"OCI_CLI_KEY_CONTENT");
	refuses(profile("DEFAULT", "key.pem", "authentication_type=instance_obo_user"), NULL,
		"authentication by instance_obo_user is not built yet", "resource_principal");
	refuses(profile("DEFAULT", "key.pem", "authentication_type=magic"), NULL,
		"there is no authentication by `magic`", "security_token");
}

static void malformed_ocids(void **state)
{
	(void)state;
	static const char *const bad[] = {"ocid1", "ocid1.user.oc1.aaaa", ".user.oc1..aaaa",
		"ocid1.user.oc1..", "ocid1.user.oc1..aa aa", "ocid1.user.oc1..a\"b",
		"ocid1.user.oc1..a/../b", "ocid1.user.oc1..\xc3\xa9"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuses(arena_printf(&arena, "[DEFAULT]\ntenancy=" TENANCY "\nuser=%s\n", bad[i]),
			NULL, "config:3: profile [DEFAULT]: `user` is not an OCID", "ocid1.user");
}

static void files_that_are_none(void **state)
{
	(void)state;
	struct err err;
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	static const char *const rows[][2] = {{"folder", "not a regular file"},
		{"fifo", "not a regular file"}, {"/dev/zero", "not a regular file"},
		{"loop", "Too many levels of symbolic links"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct oci_config c;
		struct oci_config_options o = {.file = rows[i][0]};
		assert_false(oci_config_load(&o, &arena, &c, &err));
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_non_null(strstr(err.text, rows[i][0]));
		assert_non_null(strstr(err.text, rows[i][1]));
		assert_non_null(strstr(err.text, "--config-file"));
		refuses(profile("DEFAULT", rows[i][0], ""), NULL, rows[i][1], "key_file must name");
	}
}

static void a_config_file_that_is_too_large(void **state)
{
	(void)state;
	buf_auto text = {0};
	while (text.len < 8 << 20)
		buf_adds(&text, "# a line that says nothing at all, again and again and again\n");
	refuses(buf_str(&text), NULL, "config: larger than 1.0 MiB", "--config-file");
}

static void bad_keys_name_their_cure(void **state)
{
	(void)state;
	struct err err;
	refuses(profile("DEFAULT", "missing.pem", ""), NULL,
		"config:5: profile [DEFAULT]: `key_file`: missing.pem: No such file",
		"check the path and its mode");
	refuses(profile("DEFAULT", "locked.pem", ""), NULL,
		"the key locked.pem is encrypted, and its pass phrase is not known",
		"pass_phrase=");
	refuses(profile("DEFAULT", "locked.pem", "pass_phrase=wrong"), NULL,
		"the key locked.pem does not open", "correct pass_phrase");
	refuses(profile("DEFAULT", "old.pem", "pass_phrase=wrong"), NULL,
		"the key old.pem does not open", "correct pass_phrase");
	assert_true(fs_write("text.pem", "hello\n", 6, 0600, &err));
	refuses(profile("DEFAULT", "text.pem", ""), NULL, "no private key in PEM form",
		"PRIVATE KEY");
}

static void write_made(const char *path, EVP_PKEY *key)
{
	FILE *out = fopen(path, "w");
	assert_non_null(key);
	assert_true(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL));
	fclose(out);
	EVP_PKEY_free(key);
}

static void keys_of_another_kind(void **state)
{
	(void)state;
	struct err err;
	write_made("ec.pem", EVP_EC_gen("P-256"));
	write_made("ed.pem", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	write_made("small.pem", EVP_RSA_gen(1024));
	refuses(profile("DEFAULT", "ec.pem", ""), NULL, "ec.pem is not an RSA key", "2048");
	refuses(profile("DEFAULT", "ed.pem", ""), NULL, "ed.pem is not an RSA key", "2048");
	refuses(profile("DEFAULT", "small.pem", ""), NULL, "small.pem has only 1024 bits", "2048");
	FILE *out = fopen("public.pem", "w");
	assert_true(PEM_write_PUBKEY(out, made));
	fclose(out);
	refuses(profile("DEFAULT", "public.pem", ""), NULL,
		"public.pem holds a public key, not a private key", "private half");
	static const char ssh[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
				  "-----END OPENSSH PRIVATE KEY-----\n";
	assert_true(fs_write("ssh.pem", ssh, sizeof ssh - 1, 0600, &err));
	refuses(profile("DEFAULT", "ssh.pem", ""), NULL, "OpenSSH's own form", "ssh-keygen");
}

static void keys_that_are_cut_off(void **state)
{
	(void)state;
	struct err err;
	buf_auto text = {0};
	assert_true(fs_read("key.pem", &text, &err));
	assert_true(fs_write("cut.pem", text.data, text.len / 2, 0600, &err));
	refuses(profile("DEFAULT", "cut.pem", ""), NULL,
		"cut.pem is cut off: its -----END line is missing", "copy the whole file");
	memset(text.data + 200, 'A', 100);
	assert_true(fs_write("damaged.pem", text.data, text.len, 0600, &err));
	refuses(profile("DEFAULT", "damaged.pem", ""), NULL, "damaged.pem is damaged",
		"copy the whole file");
}

/* Both forms of encryption, and both names of the pass phrase. */
static void encrypted_keys_open(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"locked.pem", "pass_phrase=sesame"},
		{"locked.pem", "passphrase=sesame"}, {"old.pem", "pass_phrase=sesame"},
		{"old.pem", "Pass_Phrase = sesame"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct oci_config c;
		struct err err;
		if (!load(profile("DEFAULT", rows[i][0], rows[i][1]), NULL, &c, &err))
			fail_msg("%s", err.text);
		assert_non_null(c.key);
		oci_config_clear(&c);
	}
}

static bool ask(void *ctx, const char *name, struct buf *out, struct err *err)
{
	(void)err;
	int *asked = ctx;
	++*asked;
	assert_string_equal(name, "locked.pem");
	buf_adds(out, *asked == 1 ? "sesame" : "wrong");
	return true;
}

static void a_pass_phrase_is_asked_for(void **state)
{
	(void)state;
	int asked = 0;
	struct oci_config c;
	struct err err;
	const char *text = profile("DEFAULT", "locked.pem", "");
	assert_true(fs_write("config", text, strlen(text), 0600, &err));
	struct oci_config_options o = {.file = "config", .ask = ask, .ask_ctx = &asked};
	assert_true(oci_config_load(&o, &arena, &c, &err));
	assert_int_equal(asked, 1);
	oci_config_clear(&c);
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_int_equal(asked, 2);
	assert_non_null(strstr(err.text, "does not open"));
}

/* ---- the environment ---- */

static void the_environment_counts_for_more_than_the_file(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	setenv("OCI_CLI_USER", "ocid1.user.oc1..cccc", 1);
	setenv("OCI_CLI_KEY_FILE", "locked.pem", 1);
	setenv("OCI_CLI_PASSPHRASE", "sesame", 1);
	setenv("OCI_CLI_REGION", "fra", 1);
	const char *text = profile("DEFAULT", "key.pem", "region=iad\npass_phrase=wrong");
	assert_true(load(text, NULL, &c, &err));
	assert_string_equal(c.user, "ocid1.user.oc1..cccc");
	assert_string_equal(c.key_file, "locked.pem");
	assert_string_equal(c.region, "eu-frankfurt-1");
	oci_config_clear(&c);

	struct oci_config_options o = {.file = "config", .region = "lhr"};
	assert_true(oci_config_load(&o, &arena, &c, &err));
	assert_string_equal(c.region, "uk-london-1");
	oci_config_clear(&c);
	o.no_environment = true;
	assert_true(oci_config_load(&o, &arena, &c, &err));
	assert_string_equal(c.user, USER);
	assert_string_equal(c.key_file, "key.pem");
	oci_config_clear(&c);

	setenv("OCI_CLI_USER", "nobody", 1);
	refuses(text, NULL, "OCI_CLI_USER is not an OCID", "ocid1.user");
	unsetenv("OCI_CLI_USER");
	setenv("OCI_CLI_FINGERPRINT", "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", 1);
	refuses(text, NULL,
		"OCI_CLI_FINGERPRINT: the fingerprint is not that of the key locked.pem",
		fingerprint);
	setenv("OCI_CLI_AUTH", "oke_workload_identity", 1);
	refuses(text, NULL,
		"OCI_CLI_AUTH: authentication by oke_workload_identity is not built yet",
		"security_token");
	unsetenv("OCI_RESOURCE_PRINCIPAL_VERSION");
	setenv("OCI_CLI_AUTH", "resource_principal", 1);
	refuses(text, NULL, "resource principal: OCI_RESOURCE_PRINCIPAL_VERSION is not set",
		"Data Flow run");
}

static void the_environment_is_enough(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	buf_auto pem = {0};
	assert_true(fs_read("key.pem", &pem, &err));
	setenv("OCI_CLI_USER", USER, 1);
	setenv("OCI_CLI_TENANCY", TENANCY, 1);
	setenv("OCI_CLI_FINGERPRINT", fingerprint, 1);
	setenv("OCI_CLI_REGION", "iad", 1);
	setenv("OCI_CLI_CONFIG_FILE", "not-there", 1);
	struct oci_config_options o = {0};
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_non_null(strstr(err.text, "no OCI config file not-there"));
	setenv("OCI_CLI_KEY_CONTENT", buf_str(&pem), 1);
	if (!oci_config_load(&o, &arena, &c, &err))
		fail_msg("%s", err.text);
	assert_null(c.key_file);
	assert_non_null(strstr(c.where, "OCI_CLI_*"));
	oci_config_clear(&c);

	setenv("OCI_CLI_KEY_CONTENT", "secret but no key", 1);
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_non_null(strstr(err.text, "OCI_CLI_KEY_CONTENT holds no private key"));
	assert_null(strstr(err.text, "secret but"));
	o.profile = "PROD"; /* what is named is looked at */
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_non_null(strstr(err.text, "no OCI config file not-there"));
}

static void the_command_lines_settings_name_a_profile(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	const char *text = arena_printf(&arena, "%s%s", profile("DEFAULT", "missing.pem", ""),
		profile("TEAM", "key.pem", ""));
	static const char rc[] = "[OCI_CLI_CANNED_QUERIES]\nx=data[*].{\n  a: b,\n  c: d}\n"
				 "[OCI_CLI_SETTINGS]\ndefault_profile=TEAM\n";
	assert_true(fs_write("config", text, strlen(text), 0600, &err));
	assert_true(fs_write("rc", rc, sizeof rc - 1, 0600, &err));
	struct oci_config_options o = {.file = "config"};
	assert_false(oci_config_load(&o, &arena, &c, &err));
	setenv("OCI_CLI_RC_FILE", "rc", 1);
	if (!oci_config_load(&o, &arena, &c, &err))
		fail_msg("%s", err.text);
	assert_string_equal(c.profile, "TEAM");
	oci_config_clear(&c);
	setenv("OCI_CLI_PROFILE", "DEFAULT", 1);
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_true(fs_write("rc", "nonsense\n", 9, 0600, &err));
	unsetenv("OCI_CLI_PROFILE");
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_non_null(strstr(err.text, "rc:1:"));
}

/* ---- sessions ---- */

/* A token of the service's: nobody here verifies its signature. */
static const char *token(const char *claims)
{
	return arena_printf(&arena, "%s.%s.%s", text_base64url(&arena, "{}", 2),
		text_base64url(&arena, claims, strlen(claims)), text_base64url(&arena, "s", 1));
}

static const char *session_profile(const char *text)
{
	struct err err;
	assert_true(fs_write("token", text, strlen(text), 0600, &err));
	return "[DEFAULT]\ntenancy=" TENANCY "\nuser=" USER
	       "\n[S]\nkey_file=key.pem\nsecurity_token_file=token\n";
}

static void a_session_is_read(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	const char *good = token("{\"exp\": 2000000000, \"sub\": \"ocid1.user.oc1..s\"}");
	const char *text = session_profile(arena_printf(&arena, "\n  %s \r\n", good));
	if (!load(text, "S", &c, &err))
		fail_msg("%s", err.text);
	assert_int_equal(c.auth, OCI_AUTH_SESSION);
	assert_string_equal(c.token.text, good);
	assert_string_equal(c.user, "ocid1.user.oc1..s");
	assert_true(c.token.expires_ms == 2000000000000);
	oci_config_clear(&c);
	assert_null(c.token.text);
}

/* A token beside a user's key counts when it is asked for. */
static void a_token_that_is_not_used(void **state)
{
	(void)state;
	struct oci_config c;
	struct err err;
	session_profile(token("{\"exp\": 2000000000}"));
	const char *text = profile("DEFAULT", "key.pem", "security_token_file=token");
	assert_true(load(text, NULL, &c, &err));
	assert_int_equal(c.auth, OCI_AUTH_API_KEY);
	assert_true(c.token_unused);
	oci_config_clear(&c);
	text = profile("DEFAULT", "key.pem",
		"security_token_file=token\nauthentication_type=security_token");
	assert_true(load(text, NULL, &c, &err));
	assert_int_equal(c.auth, OCI_AUTH_SESSION);
	oci_config_clear(&c);
	struct oci_config_options o = {.file = "config", .auth = "api_key"};
	assert_true(oci_config_load(&o, &arena, &c, &err));
	assert_int_equal(c.auth, OCI_AUTH_API_KEY);
	oci_config_clear(&c);
}

static void bad_tokens_name_their_cure(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "secret", "a.b.c", "e30.e30.", "e30..e30", "e30.e30",
		"e30.e30.e30.e30", "e30.e30.e30", "e30.W10.e30"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuses(session_profile(bad[i]), "S",
			"config:6: profile [S]: `security_token_file`: token: not a session token",
			"oci session authenticate");
	refuses(session_profile(token("{\"exp\": \"soon\"}")), "S", "not a session token",
		"oci session authenticate");
	refuses("[S]\ntenancy=" TENANCY "\nkey_file=key.pem\nsecurity_token_file=gone\n", "S",
		"gone: No such file", "oci session authenticate");
	refuses(session_profile(
			token("{\"exp\": 2000000000, \"jwk\": \"{\\\"n\\\": \\\"AQAB\\\"}\"}")),
		"S", "the token token was given to another key than key.pem", "key_file");
	struct oci_config c;
	struct err err;
	assert_false(load(session_profile("secret"), "S", &c, &err));
	assert_null(strstr(err.text, "secret"));
	struct oci_config_options o = {.file = "config", .profile = "S", .auth = "api_key"};
	refuses("[S]\ntenancy=" TENANCY "\nsecurity_token_file=t\n", "S", "`key_file`", "PATH");
	assert_false(oci_config_load(&o, &arena, &c, &err));
	assert_non_null(strstr(err.text, "has no `user`"));
	assert_non_null(strstr(err.text, "--auth security_token"));
}

static void a_fingerprint_of_another_key(void **state)
{
	(void)state;
	const char *other = "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
	const char *text = arena_printf(&arena,
		"[DEFAULT]\ntenancy=" TENANCY "\nuser=" USER "\nfingerprint=%s\nkey_file=key.pem\n",
		other);
	refuses(text, NULL,
		"config:4: profile [DEFAULT]: `fingerprint`: the fingerprint is not that of the key key.pem",
		fingerprint);
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
	assert_false(ini_parse("[A]\n\xff\n", 6, "f", &arena, &sections, &err));
	assert_non_null(strstr(err.text, "f is not a text file in UTF-8"));
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
	const struct ini_value *phrase = map_get(a, "pass_phrase"), *line = map_get(a, "long");
	assert_string_equal(phrase->text, "a;b #c = d");
	assert_int_equal(phrase->line, 2);
	assert_int_equal(strlen(line->text), 5000);
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
		cmocka_unit_test_setup(a_profile_is_read, forget),
		cmocka_unit_test_setup(byte_order_mark_and_crlf, forget),
		cmocka_unit_test_setup(default_is_inherited, forget),
		cmocka_unit_test_setup(environment_names_file_profile_and_region, forget),
		cmocka_unit_test_setup(a_pass_phrase_too_many_is_ignored, forget),
		cmocka_unit_test_setup(open_key_files_are_noted, forget),
		cmocka_unit_test_setup(mistakes_name_their_cure, forget),
		cmocka_unit_test_setup(malformed_ocids, forget),
		cmocka_unit_test_setup(files_that_are_none, forget),
		cmocka_unit_test_setup(a_config_file_that_is_too_large, forget),
		cmocka_unit_test_setup(bad_keys_name_their_cure, forget),
		cmocka_unit_test_setup(keys_of_another_kind, forget),
		cmocka_unit_test_setup(keys_that_are_cut_off, forget),
		cmocka_unit_test_setup(encrypted_keys_open, forget),
		cmocka_unit_test_setup(a_pass_phrase_is_asked_for, forget),
		cmocka_unit_test_setup(the_environment_counts_for_more_than_the_file, forget),
		cmocka_unit_test_setup(the_environment_is_enough, forget),
		cmocka_unit_test_setup(the_command_lines_settings_name_a_profile, forget),
		cmocka_unit_test_setup(a_session_is_read, forget),
		cmocka_unit_test_setup(a_token_that_is_not_used, forget),
		cmocka_unit_test_setup(bad_tokens_name_their_cure, forget),
		cmocka_unit_test_setup(a_fingerprint_of_another_key, forget),
		cmocka_unit_test_setup(ini_mistakes_have_their_line, forget),
		cmocka_unit_test_setup(ini_values_are_whole, forget),
		cmocka_unit_test_setup(endpoints_by_region, forget),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
