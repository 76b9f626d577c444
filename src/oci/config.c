#include "oci/config.h"

#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"
#include "oci/key.h"
#include "oci/profile.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* One load under way. */
struct load {
	const struct oci_config_options *o;
	struct profile *profile;
	struct arena *a;
	struct oci_config c;
	struct err *err;
};

static struct setting find(const struct load *l, const char *key)
{
	return setting_find(&l->profile->settings, key, l->a);
}

/* ---- as whom: an API key or a session ---- */

static bool refuse_auth(const struct load *l, const char *where, const char *name)
{
	static const char *const later[] = {
		"instance_obo_user", "oke_workload_identity", "delegation_token", "pkcs11", NULL};
	for (size_t i = 0; later[i]; i++)
		if (!strcmp(name, later[i])) {
			err_set(l->err, ERR_CONFIG, "%s: authentication by %s is not built yet",
				where, name);
			return err_hint(l->err,
				"weir signs by api_key, security_token, instance_principal or resource_principal");
		}
	err_set(l->err, ERR_CONFIG, "%s: there is no authentication by `%.64s`", where, name);
	return err_hint(
		l->err, "it is api_key, security_token, instance_principal or resource_principal");
}

/* The nearest section that has a user or a token decides; a user counts for more. */
static bool implies_session(const struct load *l, const struct setting *user)
{
	struct setting token = find(l, "security_token_file");
	if (!token.value)
		return false;
	return !user->value || (token.of_profile && user->of_file && !user->of_profile);
}

static bool is_principal(const char *name, enum principal_kind *ret)
{
	bool instance = name && !strcmp(name, "instance_principal");
	if (!instance && (!name || strcmp(name, "resource_principal")))
		return false;
	*ret = instance ? PRINCIPAL_INSTANCE : PRINCIPAL_RESOURCE;
	return true;
}

const char *oci_auth_given(const struct oci_config_options *o)
{
	const struct settings s = {.no_environment = o->no_environment};
	return o->auth ? o->auth : setting_env(&s, "OCI_CLI_AUTH");
}

bool oci_auth_asks(const struct oci_config_options *o)
{
	enum principal_kind ignored;
	return is_principal(oci_auth_given(o), &ignored);
}

static bool choose_auth(struct load *l)
{
	struct setting user = find(l, "user"), type = find(l, "authentication_type");
	const char *name = l->o->auth, *where = "--auth";
	if (!name) {
		name = setting_env(&l->profile->settings, "OCI_CLI_AUTH");
		where = "OCI_CLI_AUTH";
	}
	if (!name) {
		name = type.value;
		where = type.where;
	}
	bool session = name ? !strcmp(name, "security_token") : implies_session(l, &user);
	if (is_principal(name, &l->c.principal.kind)) {
		l->c.auth = OCI_AUTH_PRINCIPAL;
		return true;
	}
	if (name && !session && strcmp(name, "api_key"))
		return refuse_auth(l, where, name);
	l->c.auth = session ? OCI_AUTH_SESSION : OCI_AUTH_API_KEY;
	l->c.token_unused = !session && find(l, "security_token_file").of_profile;
	return true;
}

/* ---- the settings, one by one ---- */

static bool need(const struct load *l, const char *key, const char *cure, struct setting *ret)
{
	*ret = find(l, key);
	if (ret->value)
		return true;
	err_set(l->err, ERR_CONFIG, "%s has no `%s`", ret->where, key);
	if (l->c.auth == OCI_AUTH_API_KEY && find(l, "security_token_file").value)
		return err_hint(l->err,
			"it is a session's profile: use --auth security_token, or choose one that has user, "
			"fingerprint and key_file");
	return err_hint(l->err, cure, key);
}

static const char in_console[] = "add %s=... to it; the console shows it with the API key";

/* As the SDK has it: at least four separators, of which inner ones may stand together. */
static bool is_ocid(const char *s)
{
	size_t separators = 0, n = strlen(s);
	if (!text_starts(s, "ocid") || n >= 256 || strchr(".:", s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.' || s[i] == ':')
			separators++;
		else if (!isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	}
	return separators >= 4;
}

static bool need_ocid(const struct load *l, const char *key, const char *other, const char **ret)
{
	struct setting s;
	if (!need(l, key, in_console, &s))
		return false;
	if (!is_ocid(s.value)) {
		err_set(l->err, ERR_CONFIG, "%s is not an OCID", s.where);
		return err_hint(l->err, "it looks like ocid1.%s.oc1..aaaa...", key);
	}
	if (text_starts(s.value, arena_printf(l->a, "ocid1.%s.", other))) {
		err_set(l->err, ERR_CONFIG, "%s is the OCID of a %s", s.where, other);
		return err_hint(l->err, "it looks like ocid1.%s.oc1..aaaa...", key);
	}
	*ret = arena_strdup(l->a, s.value);
	return true;
}

static bool need_fingerprint(const struct load *l, struct setting *ret)
{
	if (!need(l, "fingerprint", in_console, ret))
		return false;
	size_t n = strlen(ret->value);
	bool ok = n == 47;
	for (size_t i = 0; ok && i < n; i++)
		ok = i % 3 == 2 ? ret->value[i] == ':' : isxdigit((unsigned char)ret->value[i]);
	if (ok)
		return true;
	err_set(l->err, ERR_CONFIG, "%s is not a fingerprint", ret->where);
	return err_hint(l->err,
		"it is 16 pairs of hexadecimal digits joined by `:`, as the console shows "
		"it with the API key");
}

static bool choose_region(struct load *l)
{
	const struct settings *s = &l->profile->settings;
	const char *name = l->o->region, *where = "the region given";
	if (!name) {
		name = setting_env(s, "OCI_CLI_REGION");
		where = "OCI_CLI_REGION";
	}
	if (!name) {
		struct setting region = find(l, "region");
		name = region.value;
		where = region.where;
	}
	if (!name) {
		name = setting_env(s, "OCI_REGION");
		where = "OCI_REGION";
	}
	if (!name)
		return true;
	if (!oci_region_ok(name)) {
		err_set(l->err, ERR_CONFIG, "%s: `%.64s` is not a region", where, name);
		return err_hint(
			l->err, "a region is an id such as us-ashburn-1, or its key, such as iad");
	}
	l->c.region = arena_strdup(l->a, oci_region_id(name));
	return true;
}

/* ---- the key ---- */

static void look_at_mode(struct load *l, const char *path)
{
	struct stat st;
	const char *hush =
		setting_env(&l->profile->settings, "OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING");
	if ((!hush || strcasecmp(hush, "true")) && !stat(path, &st) &&
		st.st_mode & (S_IRWXG | S_IRWXO))
		l->c.exposed[l->c.exposed_n++] = path;
}

static struct setting pass_phrase(const struct load *l)
{
	struct setting s = find(l, "pass_phrase");
	return s.value ? s : find(l, "passphrase"); /* Go's name for it */
}

static bool refuse_content(const struct load *l, const struct setting *content)
{
	err_set(l->err, ERR_CONFIG, "%s: a key does not belong in this file", content->where);
	return err_hint(l->err,
		"put it into a file of its own and name that as key_file, or set OCI_CLI_KEY_CONTENT");
}

static bool read_key(struct load *l)
{
	struct setting content = find(l, "key_content"), file = {0}, phrase = pass_phrase(l);
	struct key_source source = {
		.pass_phrase = phrase.value, .ask = l->o->ask, .ask_ctx = l->o->ask_ctx};
	if (content.value && strcmp(content.where, "OCI_CLI_KEY_CONTENT"))
		return refuse_content(l, &content);
	if (content.value) {
		source.content = content.value;
		source.name = content.where;
	} else if (need(l, "key_file", "add %s=PATH to it: the private half of the API key",
			   &file)) {
		source.path = l->c.key_file = fs_expand_home(l->a, file.value);
	} else {
		return false;
	}
	l->c.key = key_read(&source, l->err);
	if (!l->c.key)
		return source.path ? err_wrap(l->err, "%s", file.where) : false;
	if (source.path)
		look_at_mode(l, source.path);
	if (phrase.of_file)
		look_at_mode(l, l->c.file);
	return true;
}

static bool take_api_key(struct load *l)
{
	struct setting fingerprint;
	char real[48];
	if (!need_ocid(l, "tenancy", "user", &l->c.tenancy) ||
		!need_ocid(l, "user", "tenancy", &l->c.user) ||
		!need_fingerprint(l, &fingerprint) || !choose_region(l) || !read_key(l) ||
		!sign_fingerprint(l->c.key, real, l->err))
		return false;
	l->c.fingerprint = arena_strdup(l->a, real);
	if (!strcasecmp(real, fingerprint.value))
		return true;
	err_set(l->err, ERR_CONFIG, "%s: the fingerprint is not that of the key %s",
		fingerprint.where, l->c.key_file ? l->c.key_file : "in OCI_CLI_KEY_CONTENT");
	return err_hint(l->err, "it says %s, the key is %s: correct fingerprint or key_file",
		fingerprint.value, real);
}

/* ---- the session ---- */

static bool read_token(struct load *l)
{
	struct setting file;
	if (!need(l, "security_token_file",
		    "`oci session authenticate` makes a profile that has a %s", &file))
		return false;
	l->c.token_file = fs_expand_home(l->a, file.value);
	if (!token_read(l->c.token_file, &l->c.secrets, &l->c.token, l->err))
		return err_wrap(l->err, "%s", file.where);
	look_at_mode(l, l->c.token_file);
	if (token_is_for(&l->c.token, l->c.key))
		return true;
	err_set(l->err, ERR_CONFIG, "%s: the token %s was given to another key than %s", file.where,
		l->c.token_file, l->c.key_file ? l->c.key_file : "that in OCI_CLI_KEY_CONTENT");
	return err_hint(l->err,
		"key_file must name the session's own key; `oci session authenticate` "
		"makes both");
}

/* The fingerprint, which [DEFAULT] may have of another key, is not looked at: the token names its key. */
static bool take_session(struct load *l)
{
	char real[48];
	if (!need_ocid(l, "tenancy", "user", &l->c.tenancy) || !choose_region(l) || !read_key(l) ||
		!sign_fingerprint(l->c.key, real, l->err) || !read_token(l))
		return false;
	l->c.fingerprint = arena_strdup(l->a, real);
	l->c.user = arena_strdup(l->a, l->c.token.user);
	return true;
}

/* ---- the principal ---- */

/* Key and token are the instance's or the resource's own, and so is the region, unless one was given. */
static bool take_principal(struct load *l)
{
	enum principal_kind kind = l->c.principal.kind;
	struct principal p;
	l->c.principal = l->o->principal;
	l->c.principal.kind = kind;
	l->c.where = principal_name(kind);
	if (!choose_region(l) || !principal_get(&l->c.principal, &l->c.secrets, &p, l->err))
		return false;
	l->c.key = p.key;
	l->c.token = p.token;
	l->c.tenancy = arena_strdup(l->a, p.tenancy);
	l->c.user = arena_strdup(l->a, p.token.user ? p.token.user : p.tenancy);
	l->c.fingerprint = "";
	if (!l->c.region)
		l->c.region = arena_strdup(l->a, p.region);
	return true;
}

/* Given by name outside of a profile, so that no file is needed. */
static bool load_principal(const struct oci_config_options *o, enum principal_kind kind,
	struct arena *a, struct oci_config *ret, struct err *err)
{
	struct profile none = {
		.settings = {.no_environment = o->no_environment, .file = "", .profile = ""}};
	struct load l = {.o = o,
		.profile = &none,
		.a = a,
		.err = err,
		.c = {.auth = OCI_AUTH_PRINCIPAL, .principal.kind = kind}};
	bool ok = take_principal(&l);
	if (ok)
		*ret = l.c;
	else
		oci_config_clear(&l.c);
	return ok;
}

bool oci_config_load(const struct oci_config_options *o, struct arena *a, struct oci_config *ret,
	struct err *err)
{
	struct profile profile;
	enum principal_kind kind;
	if (is_principal(oci_auth_given(o), &kind))
		return load_principal(o, kind, a, ret, err);
	if (!profile_open(o, a, &profile, err))
		return false;
	struct load l = {.o = o,
		.profile = &profile,
		.a = a,
		.err = err,
		.c = {.file = profile.settings.file,
			.profile = arena_strdup(a, profile.settings.profile)}};
	l.c.where = profile.of_environment
		? l.c.file
		: arena_printf(a, "%s, profile [%s]", l.c.file, l.c.profile);
	bool ok = choose_auth(&l) &&
		(l.c.auth == OCI_AUTH_SESSION                    ? take_session(&l)
				: l.c.auth == OCI_AUTH_PRINCIPAL ? take_principal(&l)
								 : take_api_key(&l));
	profile_clear(&profile);
	if (ok)
		*ret = l.c;
	else
		oci_config_clear(&l.c);
	return ok;
}

void oci_config_clear(struct oci_config *c)
{
	EVP_PKEY_free(c->key);
	arena_wipe(&c->secrets);
	*c = (struct oci_config){0};
}
