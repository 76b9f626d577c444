#include "local/runner/spark_defaults.h"

#include "base/fs.h"
#include "base/text.h"

#include <string.h>

enum { FILE_MAX = 1024 * 1024 };

static const char blanks[] = " \t\r";

/* Cut in place: NAME, blanks or one `=` among them, VALUE without the blanks around it. */
static bool read_line(char *line, struct pair *ret)
{
	char *name = line + strspn(line, blanks);
	char *value = name + strcspn(name, " \t\r=");
	if (!text_starts(name, "spark.") || !*value)
		return false;
	char *end = value;
	value += strspn(value, blanks);
	if (*value == '=')
		value += 1 + strspn(value + 1, blanks);
	*end = '\0';
	for (char *last = value + strlen(value); last > value && strchr(blanks, last[-1]); last--)
		last[-1] = '\0';
	*ret = (struct pair){.name = name, .value = value};
	return *value != '\0';
}

static bool has(const struct pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (text_equal(pairs->v[i].name, name))
			return true;
	return false;
}

bool spark_defaults_parse(const char *text, struct arena *a, struct pairs *ret, struct err *err)
{
	struct pairs pairs = {0};
	size_t cap = 0;
	char *rest = arena_strdup(a, text);
	for (unsigned number = 1; rest; number++) {
		char *line = strsep(&rest, "\n");
		char first = line[strspn(line, blanks)];
		if (first == '\0' || first == '#')
			continue;
		struct pair pair;
		if (!read_line(line, &pair))
			return err_set(err, ERR_CONFIG,
				"line %u is no property: `spark.NAME VALUE` or `spark.NAME=VALUE`",
				number);
		if (has(&pairs, pair.name))
			return err_set(
				err, ERR_CONFIG, "line %u: %s is there twice", number, pair.name);
		pairs.v = arena_grow(a, pairs.v, pairs.n, &cap, sizeof *pairs.v);
		pairs.v[pairs.n++] = pair;
	}
	*ret = pairs;
	return true;
}

bool spark_defaults_read(const char *home, struct arena *a, struct pairs *ret, struct err *err)
{
	const char *path = fs_join(a, home, SPARK_DEFAULTS_NAME);
	buf_auto text = {.max = FILE_MAX};
	*ret = (struct pairs){0};
	if (!fs_exists(path))
		return true;
	return fs_read(path, &text, err) &&
		(spark_defaults_parse(buf_str(&text), a, ret, err) || err_wrap(err, "%s", path));
}
