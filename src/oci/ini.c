#include "oci/ini.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

struct ini {
	const char *file;
	unsigned line;
	struct arena *a;
	struct map *sections;
	struct map *section; /* the current one */
	bool may_continue;   /* the line above was a key: an indented line would belong to it */
	struct err *err;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static char *trimmed(struct arena *a, const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	while (to > from && is_space(to[-1]))
		to--;
	return arena_strndup(a, from, (size_t)(to - from));
}

static bool bad(struct ini *i, const char *what)
{
	return err_set(i->err, ERR_CONFIG, "%s:%u: %s", i->file, i->line, what);
}

enum { SHOWN_MAX = 64 };

/* A name for a message, which must not fill the screen. */
static const char *shown(struct ini *i, const char *name)
{
	size_t n = strlen(name);
	return n <= SHOWN_MAX ? name : arena_printf(i->a, "%.*s...", SHOWN_MAX, name);
}

static bool section_line(struct ini *i, const char *from, const char *to)
{
	const char *end = memchr(from, ']', (size_t)(to - from));
	if (!end)
		return bad(i, "a section is [NAME]: the ] is missing");
	char *name = arena_strndup(i->a, from + 1, (size_t)(end - from - 1));
	if (map_has(i->sections, name))
		return bad(i,
			arena_printf(
				i->a, "the profile [%s] stands twice: remove one", shown(i, name)));
	i->section = arena_new(i->a, struct map);
	i->section->arena = i->a;
	map_put(i->sections, name, i->section);
	return true;
}

static bool key_line(struct ini *i, const char *from, const char *to)
{
	const char *at = from;
	while (at < to && *at != '=' && *at != ':')
		at++;
	char *key = trimmed(i->a, from, at);
	for (char *c = key; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (at == to || !*key)
		return bad(i, "a line is [PROFILE], key=value or a comment");
	if (!i->section)
		return bad(i, "the file must begin with a profile, such as [DEFAULT]");
	if (map_has(i->section, key))
		return bad(i,
			arena_printf(i->a, "`%s` stands twice in its profile: remove one",
				shown(i, key)));
	struct ini_value *value = arena_new(i->a, struct ini_value);
	*value = (struct ini_value){trimmed(i->a, at + 1, to), i->line};
	map_put(i->section, key, value);
	i->may_continue = true;
	return true;
}

static bool one_line(struct ini *i, const char *from, const char *to)
{
	const char *first = from;
	while (first < to && is_space(*first))
		first++;
	if (first == to || *first == '#' || *first == ';')
		return true;
	if (first > from && i->may_continue)
		return bad(i,
			"this line is indented, so that Oracle's clients take it for a part of the "
			"value above: begin it in the first column");
	return *first == '[' ? section_line(i, first, to) : key_line(i, first, to);
}

bool ini_parse(const char *text, size_t len, const char *file, struct arena *a,
	struct map *sections, struct err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct ini i = {.file = file, .a = a, .sections = sections, .err = err};
	*sections = (struct map){.arena = a};
	const char *at = text, *end = text + len;
	if (memchr(text, 0, len) || !text_is_utf8(text, len)) {
		err_set(err, ERR_CONFIG, "%s is not a text file in UTF-8", file);
		return err_hint(
			err, "an OCI config file is some lines of text: is this the right file?");
	}
	if (len >= 3 && !memcmp(at, bom, 3))
		at += 3;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			stop = end;
		i.line++;
		if (!one_line(&i, at, stop))
			return false;
		at = stop + 1;
	}
	return true;
}
