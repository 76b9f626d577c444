/* What holds and what does not; check_run.c asks for what is looked at. */
#include "run/check.h"

#include "base/map.h"
#include "base/regex.h"
#include "base/text.h"

#include <string.h>

enum { SHOWN_MAX = 200, DIFFERENCES_SHOWN = 3 };

static const char *shown(struct arena *a, const char *text, size_t len)
{
	buf_auto out = {0};
	text_escape(&out, text, len < SHOWN_MAX ? len : SHOWN_MAX, false);
	return arena_printf(a, "%s%s", buf_str(&out), len > SHOWN_MAX ? "..." : "");
}

/* "`the last line`", or that there is none. */
static const char *last_line(struct arena *a, const char *text, size_t len)
{
	while (len && strchr("\r\n \t", text[len - 1]))
		len--;
	if (!len)
		return "it printed nothing";
	const char *newline = memrchr(text, '\n', len);
	const char *line = newline ? newline + 1 : text;
	return arena_printf(
		a, "its last line is `%s`", shown(a, line, (size_t)(text + len - line)));
}

/* The last line that is a JSON object or list; NULL. */
static const struct node *last_json(struct arena *a, const char *text, size_t len)
{
	struct err ignored;
	while (len) {
		const char *newline = memrchr(text, '\n', len);
		const char *line = newline ? newline + 1 : text;
		size_t n = (size_t)(text + len - line);
		size_t space = strspn(line, " \t") < n ? strspn(line, " \t") : n;
		if (n > space && strchr("{[", line[space])) {
			const struct node *found =
				node_from_json(a, line + space, n - space, &ignored);
			if (found)
				return found;
		}
		len = newline ? (size_t)(newline - text) : 0;
	}
	return NULL;
}

/* By a path such as `rows.0.count`; NULL: there is none. */
static const struct node *at_path(const struct node *n, const char *path, struct arena *a)
{
	char *rest = arena_strdup(a, path);
	for (char *key = strsep(&rest, "."); key && n; key = strsep(&rest, ".")) {
		int64_t index;
		if (n->kind == NODE_MAP)
			n = node_get(n, key);
		else if (n->kind == NODE_SEQ && text_i64(key, &index) && index >= 0 &&
			(uint64_t)index < n->u.seq.n)
			n = n->u.seq.v[index];
		else
			return NULL;
	}
	return n;
}

static const char *as_text(const struct node *n, struct arena *a)
{
	if (n->kind == NODE_STR)
		return n->text;
	buf_auto out = {0};
	node_to_json(n, NODE_JSON_COMPACT, &out);
	return arena_strdup(a, buf_str(&out));
}

/* 1 and 1.0 are the same number. */
static bool is_value(const struct node *n, const char *want, struct arena *a)
{
	double left, right;
	const char *text = as_text(n, a);
	return !strcmp(text, want) ||
		((n->kind == NODE_INT || n->kind == NODE_FLOAT) && text_double(text, &left) &&
			text_double(want, &right) && left >= right && left <= right);
}

static bool check_json(
	const struct pairs *want, const char *text, size_t len, struct arena *a, const char **ret)
{
	const struct node *doc = last_json(a, text, len);
	for (size_t i = 0; i < want->n; i++) {
		const struct pair *w = &want->v[i];
		const struct node *n = doc ? at_path(doc, w->name, a) : NULL;
		if (n && is_value(n, w->value, a))
			continue;
		const char *found = n ? as_text(n, a) : "";
		*ret = !doc  ? arena_printf(a, "expected a line that is JSON, with %s = %s; %s",
				       w->name, w->value, last_line(a, text, len))
			: !n ? arena_printf(a,
				       "expected %s = %s in the last line that is JSON, which has "
				       "no %s",
				       w->name, w->value, w->name)
			     : arena_printf(a, "expected %s = %s, found %s", w->name, w->value,
				       shown(a, found, strlen(found)));
		return false;
	}
	return true;
}

bool check_printed(const struct printed_check *want, const char *text, size_t len, struct arena *a,
	const char **ret)
{
	const char *why = NULL;
	bool matches = true;
	if (want->contains && !memmem(text, len, want->contains, strlen(want->contains))) {
		*ret = arena_printf(a, "expected `%s` in what it printed; %s", want->contains,
			last_line(a, text, len));
		return false;
	}
	if (want->matches &&
		(!regex_matches(want->matches, REGEX_LINES, text, len, &matches, &why) ||
			!matches)) {
		*ret = why ? arena_printf(a, "`%s` %s", want->matches, why)
			   : arena_printf(a, "expected a match of `%s` in what it printed; %s",
				     want->matches, last_line(a, text, len));
		return false;
	}
	if (!check_json(&want->json, text, len, a, ret))
		return false;
	*ret = "printed as expected";
	return true;
}

static const char *value_of(const struct pairs *secrets, const char *text)
{
	for (size_t i = 0; i < secrets->n; i++)
		if (!strcmp(secrets->v[i].name, text))
			return secrets->v[i].value;
	return text;
}

static size_t line_at(const char *text, const char *at)
{
	size_t line = 1;
	while ((text = memchr(text, '\n', (size_t)(at - text)))) {
		line++;
		text++;
	}
	return line;
}

bool check_not_logged(const struct strs *texts, const struct pairs *secrets, const char *log,
	const char *text, size_t len, struct arena *a, const char **ret)
{
	for (size_t i = 0; i < texts->n; i++) {
		const char *value = value_of(secrets, texts->v[i]);
		const char *at = memmem(text, len, value, strlen(value));
		if (!at)
			continue;
		*ret = arena_printf(
			a, "`%s` is in %s, line %zu", texts->v[i], log, line_at(text, at));
		return false;
	}
	return true;
}

/* "12 objects of 4,096 bytes". */
static const char *amount(const struct check_found *f, struct arena *a)
{
	return arena_printf(a, "%ju object%s of %ju bytes in all", (uintmax_t)f->count,
		f->count == 1 ? "" : "s", (uintmax_t)f->bytes);
}

static bool is_least(const struct opt_i64 *min, uint64_t n)
{
	return !min->set || n >= (uint64_t)min->v;
}

static bool is_most(const struct opt_i64 *max, uint64_t n)
{
	return !max->set || n <= (uint64_t)max->v;
}

/* What was not as it should be; NULL: all is. */
static const char *unmet(const struct check_decl *w, const struct check_found *f, struct arena *a)
{
	bool none = w->exists.set && !w->exists.v;
	/* To be there is what is asked where nothing else is. */
	bool some = !none && !(w->count.set && !w->count.v) && !w->max_count.set &&
		!(w->min_count.set && !w->min_count.v);
	if (none && f->count)
		return "expected no object";
	if (w->count.set && f->count != (uint64_t)w->count.v)
		return arena_printf(a, "expected %jd objects", (intmax_t)w->count.v);
	if (!is_least(&w->min_count, f->count))
		return arena_printf(a, "expected at least %jd objects", (intmax_t)w->min_count.v);
	if (!is_most(&w->max_count, f->count))
		return arena_printf(a, "expected at most %jd objects", (intmax_t)w->max_count.v);
	if (some && !f->count)
		return "expected an object";
	if (!is_least(&w->min_bytes, f->bytes))
		return arena_printf(a, "expected at least %jd bytes", (intmax_t)w->min_bytes.v);
	if (!is_most(&w->max_bytes, f->bytes))
		return arena_printf(a, "expected at most %jd bytes", (intmax_t)w->max_bytes.v);
	return NULL;
}

bool check_objects(const struct check_decl *want, const struct check_found *found, struct arena *a,
	const char **ret)
{
	const char *wrong = unmet(want, found, a);
	*ret = wrong ? arena_printf(a, "%s under %s, found %s", wrong, found->uri, amount(found, a))
		     : amount(found, a);
	return !wrong;
}

struct comparing {
	const struct map *objects;
	struct arena *a;
	size_t entries, unsummed, wrong;
	struct buf differences;
};

static void differ(struct comparing *c, const char *text)
{
	if (c->wrong++ < DIFFERENCES_SHOWN)
		buf_printf(&c->differences, "%s%s", c->wrong > 1 ? "; " : "", text);
}

static void compare(struct comparing *c, const char *name, int64_t size, const char *md5)
{
	const struct check_object *o = map_get(c->objects, name);
	const char *escaped = shown(c->a, name, strlen(name));
	c->entries++;
	if (!o)
		differ(c, arena_printf(c->a, "%s is not there", escaped));
	else if (o->size != size)
		differ(c,
			arena_printf(c->a, "%s has %jd bytes, not %jd", escaped, (intmax_t)o->size,
				(intmax_t)size));
	else if (md5 && o->md5 && strcmp(md5, o->md5) != 0)
		differ(c,
			arena_printf(c->a, "%s has the MD5 %s, not %s", escaped, o->md5,
				shown(c->a, md5, strlen(md5))));
	else if (!md5 || !o->md5)
		c->unsummed++;
}

/* Lines with a `summary`, and no name, are for people. */
static bool take_line(
	struct comparing *c, const char *line, size_t n, size_t number, struct err *err)
{
	arena_auto scratch = {0};
	const struct node *doc = node_from_json(&scratch, line, n, err);
	if (!doc)
		return err_wrap(err, "line %zu", number);
	const char *name = node_get_str(doc, "name"), *md5 = node_get_str(doc, "md5");
	const struct node *size = node_get(doc, "size");
	if (doc->kind == NODE_MAP && !name && node_get(doc, "summary"))
		return true;
	if (doc->kind != NODE_MAP || !name || !size || size->kind != NODE_INT)
		return err_set(err, ERR_INVALID, "line %zu is no object with a `name` and a `size`",
			number);
	compare(c, name, size->u.i, md5);
	return true;
}

bool check_manifest(const char *text, size_t len, const struct map *objects, struct arena *a,
	bool *ret_ok, const char **ret, struct err *err)
{
	struct comparing c = {.objects = objects, .a = a};
	size_t number = 0;
	bool ok = true;
	for (const char *at = text, *end = text + len, *newline; at < end && ok; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		newline = newline ? newline : end;
		number++;
		if (strspn(at, " \t\r") < (size_t)(newline - at))
			ok = take_line(&c, at, (size_t)(newline - at), number, err);
	}
	*ret_ok = !c.wrong && c.entries;
	*ret = !c.entries ? "expected objects in it, found none"
		: c.wrong ? arena_printf(a, "of %zu objects in it %zu differ%s: %s", c.entries,
				    c.wrong, c.wrong == 1 ? "s" : "", buf_str(&c.differences))
		: c.unsummed
		? arena_printf(a, "%zu objects are as it says, %zu of them compared by size alone",
			  c.entries, c.unsummed)
		: arena_printf(a, "%zu objects are as it says", c.entries);
	buf_clear(&c.differences);
	return ok;
}
