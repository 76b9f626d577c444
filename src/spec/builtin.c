/* The names with dots, and `date`: what `$<key>` gives that nobody declares. */
#include "spec/interpolate.h"

#include "base/text.h"
#include "model/ocid.h"
#include "spec/source.h"
#include "spec/uris.h"
#include "spec/yaml.h"

#include <stdlib.h>
#include <string.h>

static enum lookup text_value(struct scope *scope, const char *text, struct found *ret)
{
	ret->value = node_str(scope->s->a, text);
	return LOOKUP_VALUE;
}

/* A file must not read what its reader's environment holds: it may come from a stranger's pull request. */
static enum lookup env(struct scope *scope, const char *name, struct mark at, struct found *ret)
{
	bool open =
		text_starts(name, "WEIR_") || text_equal(name, "HOME") || text_equal(name, "USER");
	if (!open) {
		state_error(scope->s, at, "pass the value with -p, or in a variable WEIR_...",
			"`$<env.%s>` is not given out: only WEIR_..., HOME and USER are", name);
		return LOOKUP_FAILED;
	}
	scope->changes = arena_printf(scope->s->a, "env.%s", name);
	const char *value = getenv(name);
	if (!value) {
		ret->why =
			arena_printf(scope->s->a, "the environment variable %s is not set", name);
		ret->hint = arena_printf(
			scope->s->a, "set it, or give a default: `$<env.%s|text>`", name);
		return LOOKUP_NONE;
	}
	ret->value = yaml_plain(scope->s->a, value, strlen(value));
	return LOOKUP_VALUE;
}

/* What the service knows. While the file is being opened it decides where the service is, so it cannot depend
   on it; offline a stand-in keeps the checks going. */
static enum lookup service(struct scope *scope, const char *key, const char *value,
	const char *stand_in, struct mark at, struct found *ret)
{
	if (!scope->s->resolved) {
		state_error(scope->s, at, NULL,
			"`$<%s>` is known only once the target is: it cannot stand in one", key);
		return LOOKUP_FAILED;
	}
	return text_value(scope, value ? value : stand_in, ret);
}

static enum lookup date(struct scope *scope, struct found *ret)
{
	char text[32];
	scope->changes = "date";
	text_rfc3339(scope->s->o.now_ms, text);
	text[10] = 0;
	return text_value(scope, text, ret);
}

static enum lookup commit(struct scope *scope, struct found *ret)
{
	scope->changes = "git.commit";
	const char *id = source_commit(scope->s);
	if (id)
		return text_value(scope, id, ret);
	ret->why = "there is no Git commit here";
	ret->hint = "give a default: `$<git.commit|none>`";
	return LOOKUP_NONE;
}

const char *spec_secret_named(const char *text, struct arena *a)
{
	static const char before[] = "$<" SPEC_VAULT;
	size_t n = strlen(text), b = strlen(before);
	return text_starts(text, before) && strchr(text, '>') == text + n - 1
		? arena_strndup(a, text + b, n - b - 1)
		: NULL;
}

static bool may_be_here(struct scope *scope, const char *what, struct mark at)
{
	if (scope->to_secrets && !*scope->to_secrets)
		return true;
	return state_error(scope->s, at,
		arena_printf(scope->s->a,
			"give the job the OCID, such as `parameters: {secret_ocid: %s}`, and let it fetch the "
			"value itself; only `not_logged` of a check takes one",
			strchr(what, '.') ? what : arena_printf(scope->s->a, "$<%s>", what)),
		"`$<" SPEC_VAULT "%s>` cannot stand here: the value of a secret is in no plan, "
		"application or run",
		what);
}

/* The OCID that a parameter has. */
static enum lookup secret_of(
	struct scope *scope, const char *name, struct mark at, struct found *ret)
{
	enum lookup result = lookup_key(scope, name, at, ret);
	if (result != LOOKUP_VALUE)
		return result;
	const struct node *n = ret->value;
	struct ocid ignored;
	if (n->kind == NODE_STR && ocid_parse(n->text, scope->s->a, &ignored))
		return LOOKUP_VALUE;
	state_error(scope->s, at, "it is to be the OCID of a secret, ocid1.vaultsecret...",
		"`$<" SPEC_VAULT "%s>`: the value of `%s` is no OCID", name, name);
	return LOOKUP_FAILED;
}

/* The value is in no text that is resolved: the reference stays, with the OCID of the parameter that it may name. */
static enum lookup vault(struct scope *scope, const char *what, struct mark at, struct found *ret)
{
	if (!may_be_here(scope, what, at))
		return LOOKUP_FAILED;
	if (!strchr(what, '.')) {
		enum lookup result = secret_of(scope, what, at, ret);
		if (result != LOOKUP_VALUE)
			return result;
		what = ret->value->text;
	}
	return text_value(scope, arena_printf(scope->s->a, "$<" SPEC_VAULT "%s>", what), ret);
}

/* apps.NAME.file_uri and archives.NAME.uri; NULL: key is not of that form. */
static const char *inner_name(
	struct spec *s, const char *key, const char *before, const char *after)
{
	if (!text_starts(key, before) || !text_ends(key, after))
		return NULL;
	size_t n = strlen(key), b = strlen(before), e = strlen(after);
	return n > b + e ? arena_strndup(s->a, key + b, n - b - e) : NULL;
}

enum lookup builtin_lookup(
	struct scope *scope, const char *key, struct mark at, struct found *ret, bool *ret_known)
{
	struct spec *s = scope->s;
	const char *name;
	*ret_known = true;
	if (text_starts(key, "env.") && key[4])
		return env(scope, key + 4, at, ret);
	if (text_starts(key, SPEC_VAULT) && key[strlen(SPEC_VAULT)])
		return vault(scope, key + strlen(SPEC_VAULT), at, ret);
	if (text_equal(key, "date"))
		return date(scope, ret);
	if (text_equal(key, "git.commit"))
		return commit(scope, ret);
	if (text_equal(key, "target.name"))
		return text_value(scope, s->target->head.key, ret);
	if (text_equal(key, "pipeline.name"))
		return text_value(scope, s->name, ret);
	if (text_equal(key, "oci.namespace"))
		return service(scope, key, s->b.ns, STAND_IN_NAMESPACE, at, ret);
	if (text_equal(key, "oci.region"))
		return service(scope, key, s->b.region, STAND_IN_REGION, at, ret);
	if (text_equal(key, "oci.tenancy"))
		return service(scope, key, s->b.tenancy, STAND_IN_TENANCY, at, ret);
	name = inner_name(s, key, "apps.", ".file_uri");
	if (name && uris_has_app(s, name))
		return uris_app_file(scope, name, at, ret);
	name = inner_name(s, key, "archives.", ".uri");
	if (name && uris_has_archive(s, name))
		return uris_archive(scope, name, at, ret);
	*ret_known = false;
	return LOOKUP_FAILED;
}

static const char *const fixed_names[] = {"date", "env.HOME", "env.USER", "git.commit",
	"oci.namespace", "oci.region", "oci.tenancy", "pipeline.name", "target.name"};
enum { FIXED = sizeof fixed_names / sizeof *fixed_names };

static size_t keys_of(const struct spec *s, const char *section)
{
	const struct node *n = node_get(s->raw, section);
	return n && n->kind == NODE_MAP ? n->u.map.n : 0;
}

size_t builtin_names_count(const struct spec *s)
{
	return FIXED + keys_of(s, "apps") + keys_of(s, "archives");
}

size_t builtin_names(struct spec *s, const char **names, size_t n)
{
	for (size_t i = 0; i < FIXED; i++)
		names[n++] = fixed_names[i];
	const struct node *apps = node_get(s->raw, "apps");
	for (size_t i = 0; i < keys_of(s, "apps"); i++)
		names[n++] = arena_printf(s->a, "apps.%s.file_uri", apps->u.map.v[i].key);
	const struct node *archives = node_get(s->raw, "archives");
	for (size_t i = 0; i < keys_of(s, "archives"); i++)
		names[n++] = arena_printf(s->a, "archives.%s.uri", archives->u.map.v[i].key);
	return n;
}
