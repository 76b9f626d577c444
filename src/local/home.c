#include "local/home.h"

#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"
#include "local/identity/identity.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room is left for the names of content files in buffers of 512 bytes. */
enum { HOME_MAX = 400, KEY_BITS = 2048, CONFIG_MAX = 1024 * 1024 };

char *home_folder(struct arena *a)
{
	const char *own = getenv("WEIR_LOCAL_HOME"), *state = getenv("XDG_STATE_HOME");
	const char *path;
	if (!text_empty(own))
		path = own;
	else if (state && *state == '/')
		path = fs_join(a, state, "weir/local");
	else
		path = fs_expand_home(a, "~/.local/state/weir/local");
	if (*path == '/')
		return arena_strdup(a, path);
	char *here = getcwd(NULL, 0);
	char *absolute = fs_join(a, here ? here : "/", path);
	free(here);
	return absolute;
}

/* A folder that is empty, or was a home before. Another that is open to others, as /tmp, is not ours to close. */
static bool is_ours_alone(const char *home)
{
	arena_auto arena = {0};
	size_t entries = 0;
	if (fs_exists(fs_join(&arena, home, "key.pem")))
		return true;
	DIR *dir = opendir(home);
	if (!dir)
		return false;
	for (const struct dirent *e; (e = readdir(dir));)
		entries += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(dir);
	return !entries;
}

bool home_make(const char *home, struct err *err)
{
	struct stat st;
	if (strlen(home) > HOME_MAX)
		return err_set(err, ERR_CONFIG, "%s: longer than %d bytes", home, HOME_MAX);
	if (!fs_mkdirs(home, 0700, err))
		return false;
	if (stat(home, &st))
		return err_errno(err, ERR_IO, "%s", home);
	if (st.st_uid != geteuid()) {
		err_set(err, ERR_GUARD, "%s belongs to another user", home);
		return err_hint(err, "set WEIR_LOCAL_HOME to a folder of your own");
	}
	if (st.st_mode & 077 && !is_ours_alone(home)) {
		err_set(err, ERR_GUARD, "%s holds other things and is open to others", home);
		return err_hint(err, "set WEIR_LOCAL_HOME to a folder of its own");
	}
	if (st.st_mode & 077 && chmod(home, 0700))
		return err_errno(err, ERR_IO, "%s", home);
	return true;
}

static bool key_write(EVP_PKEY *key, const char *path, struct err *err)
{
	BIO *pem = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	bool ok = pem && PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1;
	long n = ok ? BIO_get_mem_data(pem, &bytes) : 0;
	ok = ok ? fs_write(path, bytes, (size_t)n, 0600, err)
		: err_set(err, ERR_IO, "%s: OpenSSL cannot write the key", path);
	BIO_free(pem);
	return ok;
}

static EVP_PKEY *key_make(const char *path, struct err *err)
{
	EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	if (!key) {
		err_set(err, ERR_IO, "%s: OpenSSL cannot make a key", path);
		return NULL;
	}
	if (!key_write(key, path, err)) {
		EVP_PKEY_free(key);
		return NULL;
	}
	return key;
}

static EVP_PKEY *key_read(const char *path, struct err *err)
{
	buf_auto pem = {.max = 64 * 1024};
	EVP_PKEY *key = NULL;
	if (!fs_read(path, &pem, err))
		return NULL;
	BIO *in = BIO_new_mem_buf(pem.data, (int)pem.len);
	key = PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)"");
	BIO_free(in);
	if (!key)
		err_set(err, ERR_CONFIG, "%s: not a private key; remove it and start again", path);
	buf_wipe(&pem);
	return key;
}

EVP_PKEY *home_key(const char *path, struct err *err)
{
	return fs_exists(path) ? key_read(path, err) : key_make(path, err);
}

static bool has_user(const struct identity *identity, const char *name)
{
	for (size_t i = 0; i < identity->users.n; i++)
		if (!strcmp(((const struct identity_user *)identity->users.v[i].value)->name, name))
			return true;
	return false;
}

/* The profiles of sessions that were made by `weir local session`, in the order of their names. Where a user has the
   name, the profile is the user's. */
static void add_sessions(
	const char *home, const struct identity *identity, struct arena *a, struct buf *out)
{
	struct dirent **names;
	const char *folder = fs_join(a, home, "sessions");
	int n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		struct err ignored;
		const char *file = arena_printf(a, "%s/%s/profile", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && !has_user(identity, names[i]->d_name) &&
			fs_exists(file))
			fs_read(file, out, &ignored);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void add_profile(struct buf *out, const char *home, const struct identity_user *u)
{
	buf_printf(out, "%s[%s]\nuser=%s\nfingerprint=%s\ntenancy=%s\nregion=%s\nkey_file=%s/",
		u->home ? "" : "\n", u->home ? HOME_PROFILE : u->name, u->id, u->fingerprint,
		u->tenancy->id, HOME_REGION, home);
	if (u->home)
		buf_adds(out, "key.pem\n");
	else
		buf_printf(out, "keys/%s.pem\n", u->name);
}

bool home_config_write(const char *home, const struct identity *identity, struct err *err)
{
	arena_auto arena = {0};
	buf_auto had = {.max = CONFIG_MAX}, text = {.max = CONFIG_MAX};
	struct err ignored;
	const char *path = fs_join(&arena, home, "config");
	buf_adds(&text,
		"# Written by weir-local: points any OCI client at it. Changes are overwritten.\n");
	for (size_t i = 0; i < identity->users.n; i++)
		add_profile(&text, home, identity->users.v[i].value);
	add_sessions(home, identity, &arena, &text);
	if (fs_read(path, &had, &ignored) && !strcmp(buf_str(&had), buf_str(&text)))
		return true;
	return fs_write(path, text.data, text.len, 0600, err);
}

bool home_identity_make(
	const char *home, struct arena *a, struct home_identity *ret, struct err *err)
{
	char fingerprint[48];
	const char *path = fs_join(a, home, "key.pem");
	struct home_identity id = {0};
	id.key = home_key(path, err);
	if (!id.key)
		return false;
	if (!sign_fingerprint(id.key, fingerprint, err)) {
		EVP_PKEY_free(id.key);
		return err_wrap(err, "%s", path);
	}
	id.fingerprint = arena_strdup(a, fingerprint);
	id.tenancy = arena_printf(
		a, "ocid1.tenancy.oc1..aaaaaaaa%s", identity_unique(a, "tenancy", fingerprint));
	id.user = arena_printf(
		a, "ocid1.user.oc1..aaaaaaaa%s", identity_unique(a, "user", fingerprint));
	*ret = id;
	return true;
}

int home_port(const char *home)
{
	arena_auto arena = {0};
	buf_auto text = {.max = 64};
	struct err ignored;
	int64_t port;
	if (!fs_read(fs_join(&arena, home, "port"), &text, &ignored))
		return 0;
	if (text.len && text.data[text.len - 1] == '\n')
		buf_truncate(&text, text.len - 1);
	return text_i64(buf_str(&text), &port) && port > 0 && port < 65536 ? (int)port : 0;
}

bool home_port_keep(const char *home, int port, struct err *err)
{
	arena_auto arena = {0};
	const char *text = arena_printf(&arena, "%d\n", port);
	return fs_write(fs_join(&arena, home, "port"), text, strlen(text), 0600, err);
}
