#include "oci/setting.h"

#include "base/text.h"
#include "oci/ini.h"

#include <stdlib.h>
#include <string.h>

/* The CLI's. OCI_CLI_REGION is not among them: it counts for less than a region that was given. */
static const struct {
	const char *key, *name;
} variables[] = {
	{"user", "OCI_CLI_USER"},
	{"tenancy", "OCI_CLI_TENANCY"},
	{"fingerprint", "OCI_CLI_FINGERPRINT"},
	{"key_file", "OCI_CLI_KEY_FILE"},
	{"key_content", "OCI_CLI_KEY_CONTENT"},
	{"pass_phrase", "OCI_CLI_PASSPHRASE"},
	{"security_token_file", "OCI_CLI_SECURITY_TOKEN_FILE"},
};

const char *setting_env(const struct settings *s, const char *name)
{
	const char *value = s->no_environment ? NULL : getenv(name);
	return text_empty(value) ? NULL : value;
}

static const struct ini_value *in(const struct map *section, const char *key)
{
	const struct ini_value *v = section ? map_get(section, key) : NULL;
	return v && *v->text ? v : NULL;
}

struct setting setting_find(const struct settings *s, const char *key, struct arena *a)
{
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *name = variables[i].name;
		const char *value = strcmp(variables[i].key, key) ? NULL : setting_env(s, name);
		if (value)
			return (struct setting){.value = value, .where = name};
	}
	const struct ini_value *own = in(s->own, key);
	const struct ini_value *v = own ? own : in(s->inherited, key);
	if (!v)
		return (struct setting){
			.where = arena_printf(a, "%s: profile [%s]", s->file, s->profile)};
	return (struct setting){.value = v->text,
		.where = arena_printf(a, "%s:%u: profile [%s]: `%s`", s->file, v->line,
			own ? s->profile : "DEFAULT", key),
		.of_file = true,
		.of_profile = own};
}
