#include "spec/source.h"

#include "base/fs.h"
#include "base/text.h"

#include <dirent.h>
#include <string.h>

/* The nearest folder above with a `.git`; dir itself where there is none. */
static const char *repository_of(struct arena *a, const char *dir)
{
	for (const char *d = dir;; d = fs_dirname(a, d)) {
		if (fs_exists(arena_printf(a, "%s/.git", text_equal(d, "/") ? "" : d)))
			return d;
		if (text_equal(d, "/"))
			return dir;
	}
}

static const char *root_of(struct spec *s)
{
	struct err err;
	if (s->root)
		return s->root;
	const char *dir = fs_real(s->a, s->dir, &err);
	s->root = dir ? repository_of(s->a, dir) : s->dir;
	return s->root;
}

const char *source_open_path(struct spec *s, const char *path)
{
	return fs_join(s->a, s->dir, path);
}

/* What follows `dir/` in path; NULL if it is not below dir. */
static const char *below(const char *path, const char *dir)
{
	size_t n = text_equal(dir, "/") ? 0 : strlen(dir);
	return !strncmp(path, dir, n) && path[n] == '/' ? path + n + 1 : NULL;
}

/* A name in the same folder that may have been meant. */
static const char *nearest_file(struct spec *s, const char *path)
{
	enum { LOOKED_AT = 1000 };
	arena_auto scratch = {0};
	const char *names[LOOKED_AT + 1] = {NULL};
	size_t n = 0;
	struct err err;
	const char *dir = fs_dirname(&scratch, path);
	const char *real = fs_real(&scratch, dir, &err);
	if (!real || (!below(real, root_of(s)) && !text_equal(real, root_of(s))))
		return NULL;
	DIR *d = opendir(real);
	for (const struct dirent *e; d && n < LOOKED_AT && (e = readdir(d));)
		names[n++] = arena_strdup(&scratch, e->d_name);
	if (d)
		closedir(d);
	const char *near = text_nearest(fs_basename(path), names);
	return near ? arena_printf(s->a, "did you mean `%s`?", near) : NULL;
}

static bool missing(
	struct spec *s, const char *path, const char *open_path, struct mark at, const char *what)
{
	const char *hint = nearest_file(s, open_path);
	if (!hint)
		hint = arena_printf(s->a, "paths are relative to %s",
			text_equal(s->dir, ".") ? "the pipeline's folder" : s->dir);
	return state_error(s, at, hint, "%s: there is no file `%s`", what, path);
}

/* Whether a part of a path below the root is `.git`. */
static bool is_in_git(const char *inner)
{
	for (const char *p = inner; p; p = strchr(p, '/')) {
		p += *p == '/';
		size_t n = strcspn(p, "/");
		if (n == 4 && !strncasecmp(p, ".git", 4))
			return true;
	}
	return false;
}

bool source_check(struct spec *s, const char *path, struct mark at, const char *what)
{
	struct err err;
	if (state_is_wrong(s, at))
		return false;
	if (map_has(&s->sources, path))
		return true;
	const char *open_path = source_open_path(s, path);
	const char *real = fs_real(s->a, open_path, &err);
	const char *inner = real ? below(real, root_of(s)) : NULL;
	/* Of an absolute path outside it is not even said whether it is there. */
	const char *named = *open_path == '/' ? below(open_path, root_of(s)) : "";
	if (!real && named)
		return missing(s, path, open_path, at, what);
	if (!inner)
		return state_error(s, at, "copy it into the repository",
			"%s: `%s` is outside of the repository %s", what, path, root_of(s));
	if (is_in_git(inner))
		return state_error(s, at, NULL, "%s: `%s` is in Git's own folder", what, path);
	fd_auto fd = fs_open_regular(real, NULL, &err);
	if (fd < 0)
		return state_error(s, at, NULL, "%s: %s", what, err.text);
	map_put(&s->sources, path, s);
	return true;
}

/* Adds the parts of path to a list of parts, `.` and `..` done away with; above counts the `..` that lead out. */
static size_t split_path(char *path, char **parts, size_t max, size_t *ret_above)
{
	size_t n = 0, above = 0;
	char *rest = path;
	for (char *part; (part = strsep(&rest, "/"));) {
		if (!*part || !strcmp(part, "."))
			continue;
		if (strcmp(part, "..")) {
			if (n < max)
				parts[n++] = part;
		} else if (n) {
			n--;
		} else {
			above++;
		}
	}
	*ret_above = above;
	return n;
}

static void put_safe(struct buf *out, const char *part)
{
	for (; *part; part++) {
		char c = *part;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || strchr("._-", c);
		buf_addc(out, plain ? c : '_');
	}
}

const char *source_safe_name(struct spec *s, const char *path)
{
	enum { PARTS_MAX = 256 };
	char *parts[PARTS_MAX];
	arena_auto scratch = {0};
	size_t above;
	const char *inner = *path == '/' ? below(path, root_of(s)) : NULL;
	size_t n =
		split_path(arena_strdup(&scratch, inner ? inner : path), parts, PARTS_MAX, &above);
	buf_auto out = {0};
	/* A file beside the pipeline's folder, or named absolutely, must not meet one that is in it. */
	for (size_t i = 0; i < above; i++)
		buf_adds(&out, "_up/");
	if (*path == '/')
		buf_adds(&out, "_root/");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&out, '/');
		put_safe(&out, parts[i]);
	}
	return arena_strdup(s->a, buf_str(&out));
}

/* A small file without its final newline; NULL if it cannot be read. */
static const char *small_file(struct spec *s, const char *path)
{
	buf_auto b = {.max = 1 << 20};
	struct err err;
	if (!fs_read(path, &b, &err))
		return NULL;
	size_t n = b.len;
	while (n && (b.data[n - 1] == '\n' || b.data[n - 1] == '\r'))
		n--;
	return arena_strndup(s->a, buf_str(&b), n);
}

static bool is_commit(const char *id)
{
	size_t n = strlen(id);
	return (n == 40 || n == 64) && strspn(id, "0123456789abcdef") == n;
}

/* `.git` is a folder, or (in a work tree) a file that names one. */
static const char *git_folder(struct spec *s)
{
	const char *git = arena_printf(s->a, "%s/.git", root_of(s));
	if (fs_is_dir(git))
		return git;
	const char *text = small_file(s, git);
	return text && text_starts(text, "gitdir: ") ? fs_join(s->a, root_of(s), text + 8) : NULL;
}

/* "<id> <ref>" lines. */
static const char *packed_ref(struct spec *s, const char *common, const char *ref)
{
	const char *text = small_file(s, arena_printf(s->a, "%s/packed-refs", common));
	const char *wanted = arena_printf(s->a, " %s", ref);
	for (const char *line = text; line && *line;) {
		size_t n = strcspn(line, "\n"), m = strlen(wanted);
		if (n > m && !memcmp(line + n - m, wanted, m))
			return arena_strndup(s->a, line, n - m);
		line += n + (line[n] == '\n');
	}
	return NULL;
}

static const char *ref_commit(struct spec *s, const char *git, const char *ref)
{
	if (!text_starts(ref, "refs/") || strstr(ref, ".."))
		return NULL;
	const char *common = git, *link = small_file(s, arena_printf(s->a, "%s/commondir", git));
	if (link)
		common = fs_join(s->a, git, link);
	const char *id = small_file(s, arena_printf(s->a, "%s/%s", common, ref));
	return id ? id : packed_ref(s, common, ref);
}

const char *source_commit(struct spec *s)
{
	const char *git = git_folder(s);
	const char *head = git ? small_file(s, arena_printf(s->a, "%s/HEAD", git)) : NULL;
	if (head && text_starts(head, "ref: "))
		head = ref_commit(s, git, head + 5);
	return head && is_commit(head) ? head : NULL;
}
