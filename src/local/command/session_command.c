#include "local/command/session_command.h"

#include "base/fs.h"
#include "base/text.h"
#include "field/node.h"
#include "http/sign.h"
#include "local/command/ask.h"
#include "local/command/commands.h"
#include "local/home.h"
#include "local/identity/identity_setup.h"

#include <getopt.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: weir-local session NAME [--minutes N | --seconds N]\n"
	"\n"
	"Makes the profile NAME in this weir-local's config file: a session of its user, with a key and a token\n"
	"of its own, in sessions/NAME of the home. The token expires after N minutes (5 to 60; 60) or, for tests,\n"
	"seconds; clients refresh it. A session of that name that was there before is replaced.";

/* One session that is being made. */
struct making {
	struct arena *arena;
	const char *home, *name, *folder;
	int64_t minutes, seconds; /* 0: not given */
	EVP_PKEY *key;
	const char *key_file, *public_key, *token;
	struct err *err;
};

#define HINT "`weir local session help` tells how"

/* As the OCI command line names profiles; one is a folder here. */
static bool is_name(const char *s)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
	return *s != '.' && *s && strlen(s) <= 64 && !s[strspn(s, allowed)] &&
		strcmp(s, HOME_PROFILE) != 0;
}

/* -1: all is there. */
static int parse(int argc, char **argv, struct making *m)
{
	static const struct option table[] = {{"minutes", required_argument, NULL, 'm'},
		{"seconds", required_argument, NULL, 's'}, {0}};
	int option;
	optind = opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		int64_t *to = option == 'm' ? &m->minutes : &m->seconds;
		if (option == ':' || option == '?')
			return command_usage(HINT, "unknown option, or one without its value: %s",
				argv[optind - 1]);
		if (!text_i64(optarg, to) || *to < (option == 'm' ? 5 : 1) ||
			*to > (option == 'm' ? 60 : 3600))
			return command_usage(HINT, "--%s: %s is not a number from %s",
				option == 'm' ? "minutes" : "seconds", optarg,
				option == 'm' ? "5 to 60" : "1 to 3600");
	}
	if (optind + 1 != argc)
		return command_usage(HINT, "a session needs one name");
	m->name = argv[optind];
	if (!is_name(m->name))
		return command_usage(HINT,
			"`%s` is no name for a session: letters, digits, `.`, `_`, `-` and `@`, but "
			"not " HOME_PROFILE,
			m->name);
	return -1;
}

static bool make_key(struct making *m)
{
	m->key_file = arena_printf(m->arena, "%s/oci_api_key.pem", m->folder);
	if (!fs_mkdirs(m->folder, 0700, m->err))
		return false;
	m->key = home_key(m->key_file, m->err);
	BIO *pem = m->key ? BIO_new(BIO_s_mem()) : NULL;
	char *bytes = NULL;
	long n = pem && PEM_write_bio_PUBKEY(pem, m->key) == 1 ? BIO_get_mem_data(pem, &bytes) : 0;
	m->public_key = arena_strndup(m->arena, n > 0 ? bytes : "", (size_t)(n > 0 ? n : 0));
	BIO_free(pem);
	return m->key;
}

static const char *question(const struct making *m)
{
	buf_auto text = {0};
	struct node *n = node_map(m->arena);
	node_put(m->arena, n, "publicKey", node_str(m->arena, m->public_key));
	if (m->minutes)
		node_put(m->arena, n, "sessionExpirationInMinutes", node_int(m->arena, m->minutes));
	if (m->seconds)
		node_put(m->arena, n, "weirExpirationInSeconds", node_int(m->arena, m->seconds));
	node_to_json(n, NODE_JSON_COMPACT, &text);
	return arena_strdup(m->arena, buf_str(&text));
}

static bool get_token(struct making *m)
{
	struct answer answer;
	struct err ignored;
	if (!ask_service(m->home, "POST", "/v1/token/upst/actions/GenerateUpst", question(m),
		    m->arena, &answer, m->err))
		return false;
	const struct node *body =
		node_from_json(m->arena, answer.body, strlen(answer.body), &ignored);
	m->token = node_get_str(body, "token");
	if (answer.status == 200 && m->token)
		return true;
	const char *why = node_get_str(body, "message");
	return err_set(m->err, ERR_SERVICE, "weir-local gave no token: %d %s", answer.status,
		why ? why : "");
}

static bool write_file(struct making *m, const char *name, const char *text)
{
	const char *path = arena_printf(m->arena, "%s/%s", m->folder, name);
	return fs_write(path, text, strlen(text), 0600, m->err);
}

static bool write_profile(struct making *m, const struct home_identity *id)
{
	char fingerprint[48];
	return sign_fingerprint(m->key, fingerprint, m->err) &&
		write_file(m, "profile",
			arena_printf(m->arena,
				"\n[%s]\nfingerprint=%s\nkey_file=%s\ntenancy=%s\nregion=%s\n"
				"security_token_file=%s/token\n",
				m->name, fingerprint, m->key_file, id->tenancy, HOME_REGION,
				m->folder));
}

static bool write_all(struct making *m)
{
	struct home_identity id;
	/* The service runs, so nothing of the home is made; the config file gets the profile. */
	if (!write_file(m, "oci_api_key_public.pem", m->public_key) ||
		!write_file(m, "token", m->token) ||
		!home_identity_make(m->home, m->arena, &id, m->err))
		return false;
	const struct identity_home own = home_own(&id);
	struct identity *identity =
		write_profile(m, &id) ? identity_setup_load(m->home, &own, m->err) : NULL;
	bool ok = identity;
	identity_free(identity);
	EVP_PKEY_free(id.key);
	return ok;
}

int command_session(int argc, char **argv)
{
	arena_auto arena = {0};
	struct err err;
	struct making m = {.arena = &arena, .err = &err, .home = home_folder(&arena)};
	if (argc == 2 && !strcmp(argv[1], "help")) {
		puts(help);
		return 0;
	}
	int status = parse(argc, argv, &m);
	if (status >= 0)
		return status;
	m.folder = arena_printf(&arena, "%s/sessions/%s", m.home, m.name);
	bool ok = fs_remove_tree(m.folder, &err) && make_key(&m) && get_token(&m) && write_all(&m);
	EVP_PKEY_free(m.key);
	if (!ok) {
		struct err ignored;
		fs_remove_tree(m.folder, &ignored);
		return command_fail(&err);
	}
	printf("Session %s is in %s/config.\n", m.name, m.home);
	const char *which = arena_printf(&arena,
		"--endpoint http://127.0.0.1:%d --config-file %s/config --profile %s",
		home_port(m.home), m.home, m.name);
	printf("weir %s ...\noci %s --auth security_token ...\n", which, which);
	return 0;
}
