#include "import/names.h"

#include "base/fs.h"
#include "base/text.h"

#include <string.h>

enum { KEY_MAX = 40, FILE_MAX = 80, ENDING_MAX = 12, SUFFIX_ROOM = 8 };

static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_plain(char c)
{
	return is_lower(lower(c)) || c == '.' || c == '_' || c == '-';
}

bool import_names_take(struct import_names *names, const char *name)
{
	char *key = arena_strdup(names->used.arena, name);
	for (char *c = key; *c; c++)
		*c = lower(*c);
	return map_put(&names->used, key, names);
}

/* The name itself, else with a number between stem and ending. */
static const char *unique(struct import_names *names, const char *stem, const char *ending)
{
	struct arena *a = names->used.arena;
	const char *wanted = arena_printf(a, "%s%s", stem, ending), *name = wanted;
	size_t *number = map_get(&names->tried, wanted);
	while (!import_names_take(names, name)) {
		if (!number) {
			names->tried.arena = a;
			number = arena_new(a, size_t);
			*number = 1;
			map_put(&names->tried, wanted, number);
		}
		name = arena_printf(a, "%s-%zu%s", stem, ++*number, ending);
	}
	return name;
}

/* What is no letter or digit becomes one '-', or '_' where it is that. */
static size_t put_key(const char *text, char *out, size_t max)
{
	size_t n = 0;
	for (const char *c = text; *c && n < max; c++) {
		char k = lower(*c);
		if (is_lower(k) || (k == '_' && n))
			out[n++] = k;
		else if (n && out[n - 1] != '-' && out[n - 1] != '_')
			out[n++] = '-';
	}
	while (n && (out[n - 1] == '-' || out[n - 1] == '_'))
		n--;
	out[n] = '\0';
	return n;
}

const char *import_names_key(struct import_names *names, const char *text, const char *otherwise)
{
	char key[KEY_MAX + 1];
	if (!put_key(text, key, KEY_MAX))
		return unique(names, otherwise, "");
	if (import_names_take(names, key))
		return arena_strdup(names->used.arena, key);
	put_key(text, key, KEY_MAX - SUFFIX_ROOM);
	return unique(names, key, "");
}

const char *import_names_file(struct import_names *names, const char *text)
{
	char name[FILE_MAX + 1];
	const char *last = fs_basename(text), *dot = strrchr(last, '.');
	last += strspn(last, ".-");
	size_t ending = dot && dot > last ? strlen(dot) : 0, n = strlen(last);
	if (ending > ENDING_MAX)
		ending = 0;
	size_t stem = n - ending, most = FILE_MAX - ENDING_MAX - SUFFIX_ROOM;
	stem = stem < most ? stem : most;
	memcpy(name, last, stem);
	memcpy(name + stem, last + n - ending, ending + 1);
	for (char *c = name; *c; c++)
		if (!is_plain(*c))
			*c = '_';
	char *tail = arena_strdup(names->used.arena, name + stem);
	name[stem] = '\0';
	return unique(names, stem ? name : "file", tail);
}

bool import_names_path_ok(const char *path)
{
	for (const char *part = path;; part++) {
		size_t n = strcspn(part, "/");
		if (!n || n > FILE_MAX || *part == '.' || *part == '-')
			return false;
		for (size_t i = 0; i < n; i++)
			if (!is_plain(part[i]))
				return false;
		part += n;
		if (!*part)
			return true;
	}
}
