#include "oci/config.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/text.h"
#include "http/sign.h"
#include "oci/ini.h"
#include "oci/key.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_MAX = 1024 * 1024 };

static const char *env(const char *name)
{
	const char *value = getenv(name);
	return text_empty(value) ? NULL : value;
}

static const char *config_path(const char *given, struct arena *a)
{
	if (given)
		return fs_expand_home(a, given);
	const char *named = env("OCI_CLI_CONFIG_FILE");
	if (!named)
		named = env("OCI_CONFIG_FILE");
	if (named)
		return fs_expand_home(a, named);
	const char *usual = fs_expand_home(a, "~/.oci/config");
	const char *old = fs_expand_home(a, "~/.oraclebmc/config");
	return !fs_exists(usual) && fs_exists(old) ? old : usual;
}

static bool read_sections(const char *path, struct arena *a, struct map *ret, struct err *err)
{
	if (!fs_exists(path)) {
		err_set(err, ERR_CONFIG, "there is no OCI config file %s", path);
		return err_hint(err,
			"make one with `oci setup config`, or name yours with --config-file or "
			"OCI_CONFIG_FILE; target type local needs none");
	}
	buf_auto text = {.max = CONFIG_MAX};
	if (!fs_read(path, &text, err)) {
		err->kind = ERR_CONFIG;
		return err_wrap(err, "OCI config file");
	}
	return ini_parse(buf_str(&text), text.len, path, a, ret, err);
}

static const char *names_of(const struct map *sections, struct arena *a)
{
	buf_auto b = {.max = 512};
	for (size_t i = 0; i < sections->n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", sections->v[i].key);
	return sections->n ? arena_strdup(a, buf_str(&b)) : "none";
}

struct profile {
	const struct oci_config *c;
	const struct map *own, *inherited; /* of [DEFAULT]; NULL: there is none */
};

static const char *lookup(const struct profile *p, const char *key)
{
	const char *value = p->own ? map_get(p->own, key) : NULL;
	if (!value && p->inherited)
		value = map_get(p->inherited, key);
	return text_empty(value) ? NULL : value;
}

static bool find_profile(const struct map *sections, struct arena *a, const char *name,
	struct profile *p, struct err *err)
{
	p->own = map_get(sections, name);
	p->inherited = map_get(sections, "DEFAULT");
	if (p->own)
		return true;
	err_set(err, ERR_CONFIG, "%s has no profile [%s]", p->c->file, name);
	return err_hint(err,
		"its profiles: %s; choose one with --profile, or with `profile:` at the target",
		names_of(sections, a));
}

static bool need(const struct profile *p, const char *key, const char **ret, struct err *err)
{
	*ret = lookup(p, key);
	if (*ret)
		return true;
	err_set(err, ERR_CONFIG, "%s: profile [%s] has no `%s`", p->c->file, p->c->profile, key);
	if (lookup(p, "security_token_file"))
		return err_hint(err,
			"it is a session's profile; weir signs with an API key: choose a profile "
			"that has user, fingerprint and key_file");
	return err_hint(err, "add %s=... to it; the console shows it with the API key", key);
}

static bool is_ocid(const char *s)
{
	return text_starts(s, "ocid1.") && strlen(s) < 256 && !strpbrk(s, " \t\"'/");
}

static bool check_forms(const struct oci_config *c, struct err *err)
{
	const char *what = !is_ocid(c->tenancy) ? "tenancy" : !is_ocid(c->user) ? "user" : NULL;
	if (what) {
		err_set(err, ERR_CONFIG, "%s: profile [%s]: `%s` is not an OCID", c->file,
			c->profile, what);
		return err_hint(err, "it looks like ocid1.%s.oc1..aaaa...", what);
	}
	if (c->region && !oci_region_ok(c->region)) {
		err_set(err, ERR_CONFIG, "`%s` is not a region", c->region);
		return err_hint(
			err, "a region is an id such as us-ashburn-1, or its key, such as iad");
	}
	return true;
}

static bool check_fingerprint(const struct oci_config *c, struct err *err)
{
	char real[48];
	if (!sign_fingerprint(c->key, real, err))
		return false;
	if (!strcasecmp(real, c->fingerprint))
		return true;
	err_set(err, ERR_CONFIG, "%s: profile [%s]: the fingerprint is not that of the key in %s",
		c->file, c->profile, c->key_file);
	return err_hint(err, "the profile says %s, the key is %s: correct fingerprint or key_file",
		c->fingerprint, real);
}

static bool read_key(
	const struct profile *p, struct oci_config *c, struct arena *a, struct err *err)
{
	struct stat st;
	c->key_file = fs_expand_home(a, c->key_file);
	c->key = key_read(c->key_file, lookup(p, "pass_phrase"), err);
	if (!c->key)
		return err_wrap(err, "%s: profile [%s]", c->file, c->profile);
	c->key_is_open_to_others = !stat(c->key_file, &st) && st.st_mode & (S_IRWXG | S_IRWXO);
	return check_fingerprint(c, err);
}

static bool fill(const struct profile *p, struct oci_config *c, const char *region, struct err *err)
{
	if (!need(p, "tenancy", &c->tenancy, err) || !need(p, "user", &c->user, err) ||
		!need(p, "fingerprint", &c->fingerprint, err) ||
		!need(p, "key_file", &c->key_file, err))
		return false;
	c->region = region ? region : env("OCI_CLI_REGION");
	if (!c->region)
		c->region = lookup(p, "region");
	if (!c->region)
		c->region = env("OCI_REGION");
	if (!check_forms(c, err))
		return false;
	c->region = c->region ? oci_region_id(c->region) : NULL;
	return true;
}

bool oci_config_load(const char *file, const char *profile, const char *region, struct arena *a,
	struct oci_config *ret, struct err *err)
{
	struct oci_config c = {.file = config_path(file, a), .profile = profile};
	struct profile p = {.c = &c};
	struct map sections;
	if (!c.profile)
		c.profile = env("OCI_CLI_PROFILE") ? env("OCI_CLI_PROFILE") : "DEFAULT";
	if (!read_sections(c.file, a, &sections, err) ||
		!find_profile(&sections, a, c.profile, &p, err) || !fill(&p, &c, region, err))
		return false;
	if (!read_key(&p, &c, a, err)) {
		oci_config_clear(&c);
		return false;
	}
	*ret = c;
	return true;
}

void oci_config_clear(struct oci_config *c)
{
	EVP_PKEY_free(c->key);
	*c = (struct oci_config){0};
}
