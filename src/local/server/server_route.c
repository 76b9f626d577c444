#include "base/text.h"
#include "local/server/server_inside.h"

#include <string.h>

/* The segment or rest that a placeholder takes, decoded. */
static bool take_arg(struct call *c, const char **args, size_t *n, const char *at, size_t len)
{
	char *arg;
	if (!len || *n == ARGS_MAX || !text_unpercent(&c->arena, at, len, &arg))
		return false;
	args[(*n)++] = arg;
	return true;
}

/* Whether the path, `len` bytes, is one of the pattern. Fills args. */
static bool matches(
	struct call *c, const char *pattern, const char *path, size_t len, const char **args)
{
	const char *end = path + len;
	size_t n = 0;
	while (*pattern) {
		if (!strcmp(pattern, "{*}"))
			return take_arg(c, args, &n, path, (size_t)(end - path));
		if (text_starts(pattern, "{}")) {
			const char *slash = memchr(path, '/', (size_t)(end - path));
			size_t segment = (size_t)((slash ? slash : end) - path);
			if (!take_arg(c, args, &n, path, segment))
				return false;
			path += segment;
			pattern += 2;
		} else if (path == end || *path++ != *pattern++) {
			return false;
		}
	}
	return path == end;
}

/* The literal beginning decides most; it saves decoding. */
static bool begins_alike(const char *pattern, const char *path, size_t len)
{
	size_t n = strcspn(pattern, "{");
	return n <= len && !memcmp(pattern, path, n);
}

static const struct route *find_in(struct call *c, const struct route *routes, bool *ret_known)
{
	const char *path = c->request.path;
	size_t len = strlen(path);
	/* Oracle's clients put a slash behind the names of collections. */
	size_t bare = len > 1 && path[len - 1] == '/' ? len - 1 : len;
	const char **args = arena_array(&c->arena, ARGS_MAX, sizeof *args);
	for (const struct route *r = routes; r->method; r++) {
		size_t n = text_ends(r->pattern, "{*}") ? len : bare;
		if (!begins_alike(r->pattern, path, n) || !matches(c, r->pattern, path, n, args))
			continue;
		*ret_known = true;
		if (strcmp(r->method, c->request.method))
			continue;
		c->request.args = args;
		return r;
	}
	return NULL;
}

const struct route *route_find(struct call *c, bool *ret_known)
{
	const struct route *const tables[] = {objectstorage_routes, dataflow_routes, session_routes,
		admin_routes, page_routes, vault_routes};
	*ret_known = false;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		const struct route *r = find_in(c, tables[i], ret_known);
		if (r)
			return r;
	}
	return NULL;
}

/* Oracle's Python client sends a blank as "+", and "+" as %2B. */
static const char *query_value(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_strndup(a, s, n), *value;
	for (char *p = copy; (p = strchr(p, '+'));)
		*p = ' ';
	return text_unpercent(a, copy, n, &value) ? value : NULL;
}

const char *request_query(struct request *r, const char *name)
{
	const char *at = strchr(r->target, '?');
	size_t n = strlen(name);
	while (at) {
		const char *pair = at + 1;
		size_t len = strcspn(pair, "&");
		at = pair[len] ? pair + len : NULL;
		if (len < n || memcmp(pair, name, n) || (len > n && pair[n] != '='))
			continue;
		size_t skip = len > n ? n + 1 : n;
		return query_value(r->arena, pair + skip, len - skip);
	}
	return NULL;
}
