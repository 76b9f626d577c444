#include "archive/lock.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/zip_index.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 4 << 20, WORDS = 4 };

static const char *const kinds[] = {
	[PART_JAR] = "jar", [PART_WHEEL] = "wheel", [PART_BUILT] = "built"};
static const char HEAD[] = "# weir archive lock 1: made by `weir archive build`; keep it in Git\n";

void archive_lock_add(struct archive_lock *lock, struct arena *a, const struct archive_part *part)
{
	lock->v = arena_grow(a, lock->v, lock->n, &lock->cap, sizeof *part);
	lock->v[lock->n++] = *part;
}

static bool is_sha256(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static bool read_part(struct archive_lock *lock, struct arena *a, char *const *w)
{
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		if (strcmp(w[0], kinds[k]))
			continue;
		bool sum = k == PART_BUILT ? text_equal(w[3], "-") : is_sha256(w[3]);
		if (!sum || strchr(w[2], '/') || !zip_name_ok(w[2]))
			return false;
		archive_lock_add(lock, a,
			&(struct archive_part){.kind = (enum archive_part_kind)k,
				.name = w[1],
				.file = w[2],
				.sha256 = w[3]});
		return true;
	}
	return false;
}

static bool read_line(struct archive_lock *lock, struct arena *a, char *line)
{
	char *w[WORDS + 1], *rest = NULL;
	size_t n = 0;
	for (char *word = strtok_r(line, " \r", &rest); word && n <= WORDS;
		word = strtok_r(NULL, " \r", &rest))
		w[n++] = word;
	if (n == 2 && !strcmp(w[0], "inputs") && is_sha256(w[1]))
		lock->inputs = w[1];
	else if (n == 2 && !strcmp(w[0], "python"))
		lock->python = w[1];
	else
		return n == WORDS && read_part(lock, a, w);
	return true;
}

bool archive_lock_read(const char *path, const char *shown, struct arena *a,
	struct archive_lock *ret, struct err *err)
{
	buf_auto text = {.max = FILE_MAX_BYTES};
	*ret = (struct archive_lock){0};
	if (!fs_exists(path))
		return err_set(err, ERR_NOT_FOUND, "there is no %s", shown);
	if (!fs_read(path, &text, err))
		return false;
	char *rest = arena_strdup(a, buf_str(&text));
	for (unsigned number = 1; rest; number++) {
		char *line = strsep(&rest, "\n");
		if (*line && *line != '#' && !read_line(ret, a, line)) {
			err_set(err, ERR_SPEC, "%s:%u: no line of a lock file", shown, number);
			return err_hint(err, "make it anew: `weir archive build --update`");
		}
	}
	if (ret->inputs && ret->python)
		return true;
	err_set(err, ERR_SPEC, "%s:1: no lock file of weir's", shown);
	return err_hint(err, "make it anew: `weir archive build --update`");
}

static int by_kind_and_name(const void *x, const void *y)
{
	const struct archive_part *a = x, *b = y;
	return a->kind != b->kind ? (int)a->kind - (int)b->kind : strcmp(a->name, b->name);
}

const char *archive_lock_text(struct archive_lock *lock, struct arena *a)
{
	buf_auto text = {0};
	if (lock->n)
		qsort(lock->v, lock->n, sizeof *lock->v, by_kind_and_name);
	buf_printf(&text, "%sinputs %s\npython %s\n", HEAD, lock->inputs, lock->python);
	for (size_t i = 0; i < lock->n; i++)
		buf_printf(&text, "%s %s %s %s\n", kinds[lock->v[i].kind], lock->v[i].name,
			lock->v[i].file, lock->v[i].sha256);
	return arena_strdup(a, buf_str(&text));
}
