#include "oci/profile.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/text.h"
#include "oci/ini.h"

#include <string.h>

enum { CONFIG_MAX = 1024 * 1024 };

static const char *config_path(
	const struct oci_config_options *o, const struct settings *s, struct arena *a)
{
	if (o->file)
		return fs_expand_home(a, o->file);
	const char *named = setting_env(s, "OCI_CLI_CONFIG_FILE");
	if (!named)
		named = setting_env(s, "OCI_CONFIG_FILE");
	if (named)
		return fs_expand_home(a, named);
	const char *usual = fs_expand_home(a, "~/.oci/config");
	const char *old = fs_expand_home(a, "~/.oraclebmc/config");
	return !fs_exists(usual) && fs_exists(old) ? old : usual;
}

static bool read_file(const char *path, struct buf *text, struct err *err)
{
	if (fs_read(path, text, err))
		return true;
	err->kind = ERR_CONFIG;
	err_wrap(err, "OCI config file");
	return err_hint(err, "name yours with --config-file or OCI_CLI_CONFIG_FILE");
}

static bool read_sections(const char *path, struct arena *a, struct map *ret, struct err *err)
{
	struct stat st;
	if (lstat(path, &st)) {
		err_set(err, ERR_CONFIG, "there is no OCI config file %s", path);
		return err_hint(err,
			"make one with `oci setup config`, or name yours with --config-file or "
			"OCI_CONFIG_FILE; target type local needs none");
	}
	struct buf text = {.max = CONFIG_MAX};
	bool ok = read_file(path, &text, err) &&
		ini_parse(buf_str(&text), text.len, path, a, ret, err);
	buf_wipe(&text);
	return ok;
}

/* Lines that go on above, which the CLI's settings file may have, are of no interest here. */
static void drop_indented(const struct buf *text, struct buf *out)
{
	for (const char *line = buf_str(text), *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (*line != ' ' && *line != '\t')
			buf_add(out, line, (size_t)(end - line));
		buf_addc(out, '\n');
	}
}

/* default_profile of the CLI's settings file; *ret stays NULL where there is none. */
static bool default_profile(
	const struct settings *s, struct arena *a, const char **ret, struct err *err)
{
	const char *named = setting_env(s, "OCI_CLI_RC_FILE");
	const char *path = named ? fs_expand_home(a, named) : NULL;
	arena_wipe_auto read = {0};
	struct map sections;
	if (!path || !fs_exists(path))
		path = fs_expand_home(a, "~/.oci/oci_cli_rc");
	if (!fs_exists(path))
		return true;
	buf_auto text = {.max = CONFIG_MAX}, lines = {0};
	if (!fs_read(path, &text, err)) {
		err->kind = ERR_CONFIG;
		return err_wrap(err, "settings of the OCI command line");
	}
	drop_indented(&text, &lines);
	if (!ini_parse(buf_str(&lines), lines.len, path, &read, &sections, err))
		return false;
	const struct map *section = map_get(&sections, "OCI_CLI_SETTINGS");
	const struct ini_value *v = section ? map_get(section, "default_profile") : NULL;
	*ret = v && *v->text ? arena_strdup(a, v->text) : NULL;
	return true;
}

static const char *names_of(const struct map *sections, struct arena *a)
{
	buf_auto b = {.max = 512};
	for (size_t i = 0; i < sections->n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", sections->v[i].key);
	return sections->n ? arena_strdup(a, buf_str(&b)) : "none";
}

static bool find_profile(
	struct settings *s, const struct map *sections, struct arena *a, struct err *err)
{
	s->own = map_get(sections, s->profile);
	s->inherited = map_get(sections, "DEFAULT");
	if (s->own)
		return true;
	err_set(err, ERR_CONFIG, "%s has no profile [%s]", s->file, s->profile);
	return err_hint(err,
		"its profiles: %s; choose one with --profile, or with `profile:` at the target",
		names_of(sections, a));
}

static bool environment_is_enough(const struct settings *s)
{
	return setting_env(s, "OCI_CLI_USER") && setting_env(s, "OCI_CLI_TENANCY") &&
		setting_env(s, "OCI_CLI_FINGERPRINT") && setting_env(s, "OCI_CLI_REGION") &&
		(setting_env(s, "OCI_CLI_KEY_FILE") || setting_env(s, "OCI_CLI_KEY_CONTENT"));
}

static bool choose_profile(
	const struct oci_config_options *o, struct settings *s, struct arena *a, struct err *err)
{
	s->profile = o->profile ? o->profile : setting_env(s, "OCI_CLI_PROFILE");
	if (!s->profile && !default_profile(s, a, &s->profile, err))
		return false;
	if (!s->profile)
		s->profile = "DEFAULT";
	return true;
}

bool profile_open(
	const struct oci_config_options *o, struct arena *a, struct profile *ret, struct err *err)
{
	struct profile p = {.settings.no_environment = o->no_environment};
	struct settings *s = &p.settings;
	struct map sections;
	if (!o->file && !o->profile && environment_is_enough(s)) {
		s->file = "the environment (OCI_CLI_*)";
		s->profile = "DEFAULT";
		p.of_environment = true;
		*ret = p;
		return true;
	}
	s->file = config_path(o, s, a);
	if (!choose_profile(o, s, a, err))
		return false;
	if (!read_sections(s->file, &p.arena, &sections, err) ||
		!find_profile(s, &sections, a, err)) {
		arena_wipe(&p.arena);
		return false;
	}
	*ret = p;
	return true;
}

void profile_clear(struct profile *p)
{
	arena_wipe(&p->arena);
	*p = (struct profile){0};
}
