#include "oci/principal_ask.h"

#include "base/fs.h"
#include "base/text.h"
#include "oci/config.h"
#include "oci/key.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define VAR "OCI_RESOURCE_PRINCIPAL_"
enum { VALUE_MAX = 64 * 1024, PAIR_TRIES = 10, PAIR_PAUSE_MS = 50 };

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return text_empty(value) ? NULL : value;
}

/* NULL: told. */
static const char *need(const char *name, const char *version, struct err *err)
{
	const char *value = variable(name);
	if (value)
		return value;
	err_set(err, ERR_CONFIG, "%s is not set, which version %s needs", name, version);
	err_hint(err,
		"the service that starts a function or a Data Flow run sets all of them; they do not reach "
		"a shell of your own");
	return NULL;
}

/* The value itself, or the content of the file whose absolute path it is. */
static bool read_value(const char *name, const char *value, struct buf *ret, struct err *err)
{
	if (*value != '/') {
		buf_adds(ret, value);
		return true;
	}
	if (fs_read(value, ret, err))
		return true;
	err->kind = ERR_CONFIG;
	return err_wrap(err, "%s", name);
}

static bool read_token(const char *value, struct arena *secrets, struct token *ret, struct err *err)
{
	struct buf text = {.max = VALUE_MAX};
	bool ok = read_value(VAR "RPST", value, &text, err);
	if (ok && !token_parse(buf_str(&text), text.len, secrets, ret, err)) {
		ok = false;
		err_wrap(err, *value == '/' ? VAR "RPST: %s" : VAR "RPST", value);
		if (*value != '/')
			err_hint(err,
				"it is the token itself, or the absolute path of a file with it");
	}
	buf_wipe(&text);
	return ok;
}

/* What key_read says is of config files: its first line holds here too. */
static void tell_key(const char *value, struct err *err)
{
	char *line = strchr(err->text, '\n');
	if (line)
		*line = '\0';
	err_wrap(err, VAR "PRIVATE_PEM");
	err_hint(err,
		"it must be %s an RSA key in PEM; " VAR "PRIVATE_PEM_PASSPHRASE opens one that "
		"is encrypted",
		*value == '/' ? "the absolute path of" : "(or name by an absolute path)");
}

static EVP_PKEY *read_key(const char *value, struct err *err)
{
	static const char pass_name[] = VAR "PRIVATE_PEM_PASSPHRASE";
	struct buf phrase = {.max = VALUE_MAX};
	const char *pass = variable(pass_name);
	if (pass && !read_value(pass_name, pass, &phrase, err))
		return NULL;
	while (phrase.len && strchr("\r\n", phrase.data[phrase.len - 1]))
		buf_truncate(&phrase, phrase.len - 1);
	struct key_source source = {.path = *value == '/' ? value : NULL,
		.content = value,
		.name = "in it",
		.pass_phrase = pass ? buf_str(&phrase) : NULL};
	EVP_PKEY *key = key_read(&source, err);
	if (!key)
		tell_key(value, err);
	buf_wipe(&phrase);
	return key;
}

static bool read_region(struct principal *p, struct arena *secrets, struct err *err)
{
	const char *region = need(VAR "REGION", "2.2", err);
	if (!region)
		return false;
	if (!oci_region_ok(region))
		return err_set(err, ERR_CONFIG, VAR "REGION: `%.64s` is not a region", region);
	p->region = arena_strdup(secrets, oci_region_id(region));
	return true;
}

/* Whoever renews the files writes them one after the other. */
static bool read_pair(struct ask *k, const char *rpst, const char *pem, struct arena *secrets,
	struct principal *p, struct err *err)
{
	bool files = *rpst == '/' || *pem == '/';
	for (int i = 0; i < (files ? PAIR_TRIES : 1); i++) {
		if (i)
			k->clock->sleep_ms(k->clock->ctx, PAIR_PAUSE_MS);
		EVP_PKEY_free(p->key);
		p->key = NULL;
		if (!read_token(rpst, secrets, &p->token, err))
			return false;
		p->key = read_key(pem, err);
		if (!p->key)
			return false;
		if (token_is_for(&p->token, p->key))
			return true;
	}
	err_set(err, ERR_CONFIG,
		VAR "RPST: the token was given to another key than that of " VAR "PRIVATE_PEM");
	return err_hint(err, "both must be of the same run or function");
}

static bool version_2_2(
	struct ask *k, struct arena *secrets, struct principal *ret, struct err *err)
{
	struct principal p = {0};
	const char *rpst = need(VAR "RPST", "2.2", err);
	const char *pem = rpst ? need(VAR "PRIVATE_PEM", "2.2", err) : NULL;
	bool ok = pem && read_region(&p, secrets, err) && read_pair(k, rpst, pem, secrets, &p, err);
	p.tenancy = ok ? token_claim(&p.token, "res_tenant", secrets) : NULL;
	if (ok && !p.tenancy)
		p.tenancy = token_claim(&p.token, "tenant", secrets);
	if (ok && !p.tenancy)
		ok = err_set(err, ERR_CONFIG,
			VAR "RPST: the token names no tenancy (its claim `res_tenant`)");
	if (ok)
		*ret = p;
	else
		principal_clear(&p);
	return ok;
}

/* Where the resource's service gives its token: the path given, or the usual one; `{id}` is the instance's OCID. */
static bool token_path(struct ask *k, struct arena *a, const char **ret, struct err *err)
{
	const char *path = variable(VAR "RPT_PATH");
	if (!path)
		path = "/20180711/resourcePrincipalToken/{id}";
	const char *at = strstr(path, "{id}");
	*ret = path;
	if (!at)
		return true;
	buf_auto id = {.max = VALUE_MAX};
	const char *given = variable(VAR "RPT_ID");
	if (given)
		buf_adds(&id, given);
	else if (!ask_metadata(k, "/instance/id", &id, err))
		return false;
	*ret = arena_printf(
		a, "%.*s%s%s", (int)(at - path), path, text_percent(a, buf_str(&id)), at + 4);
	return true;
}

/* The two tokens of the service for one of Identity. */
static bool exchange(struct ask *k, const char *rpt_url, const char *rpst_url, struct arena *a,
	struct principal *p, struct err *err)
{
	const char *what = arena_printf(a, VAR "RPT_ENDPOINT %s", rpt_url), *public_key;
	const struct node *two = ask_json(k, what, rpt_url, NULL, a, err);
	const char *rpt = two ? node_get_str(two, "resourcePrincipalToken") : NULL;
	const char *spst = two ? node_get_str(two, "servicePrincipalSessionToken") : NULL;
	if (!two)
		return false;
	if (text_empty(rpt) || text_empty(spst))
		return err_set(err, ERR_PROTOCOL,
			"%s: the reply lacks resourcePrincipalToken or servicePrincipalSessionToken",
			what);
	p->key = principal_session_key(a, &public_key, err);
	if (!p->key)
		return false;
	struct node *body = node_map(a);
	node_put(a, body, "resourcePrincipalToken", node_str(a, rpt));
	node_put(a, body, "servicePrincipalSessionToken", node_str(a, spst));
	node_put(a, body, "sessionPublicKey", node_str(a, public_key));
	what = arena_printf(a, VAR "RPST_ENDPOINT %s", rpst_url);
	const struct node *reply = ask_json(k, what, rpst_url, body, a, err);
	return reply && principal_take_token(what, reply, a, &p->token, err);
}

static bool version_1_1(
	struct ask *k, struct arena *secrets, struct principal *ret, struct err *err)
{
	struct principal instance = {0}, p = {0};
	const char *rpt = need(VAR "RPT_ENDPOINT", "1.1", err), *path;
	const char *rpst = rpt ? need(VAR "RPST_ENDPOINT", "1.1", err) : NULL;
	if (!rpst || !token_path(k, secrets, &path, err) ||
		!principal_instance(k, secrets, &instance, err))
		return false;
	k->by = (struct signing){.key = instance.key,
		.key_id = arena_printf(secrets, "ST$%s", instance.token.text),
		.clock = k->clock};
	bool ok = exchange(k, oci_url(secrets, rpt, path),
		oci_url(secrets, rpst, "/v1/resourcePrincipalSessionToken"), secrets, &p, err);
	k->by.key = NULL;
	p.region = instance.region;
	p.tenancy = ok ? token_claim(&p.token, "res_tenant", secrets) : NULL;
	if (!p.tenancy)
		p.tenancy = instance.tenancy;
	principal_clear(&instance);
	if (ok)
		*ret = p;
	else
		principal_clear(&p);
	return ok;
}

bool principal_resource(
	struct ask *k, struct arena *secrets, struct principal *ret, struct err *err)
{
	const char *version = variable(VAR "VERSION");
	if (text_equal(version, "2.2"))
		return version_2_2(k, secrets, ret, err);
	if (text_equal(version, "1.1"))
		return version_1_1(k, secrets, ret, err);
	if (version)
		err_set(err, ERR_CONFIG, VAR "VERSION is `%.32s`; weir knows 2.2 and 1.1", version);
	else
		err_set(err, ERR_CONFIG, VAR "VERSION is not set");
	return err_hint(err,
		"a resource principal is what OCI gives to a function or a Data Flow run, by its environment; "
		"elsewhere sign with an API key (--auth api_key) or a session (security_token)");
}
