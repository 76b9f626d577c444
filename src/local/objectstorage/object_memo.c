#include "local/objectstorage/object_memo.h"

#include "base/fs.h"

#include <string.h>

/* What is larger costs more to send than to open. */
enum { CONTENT_MAX = 4096 };

struct memo {
	struct object_row row;
	const char *content; /* NULL: not read yet */
};

bool object_memo_get(struct store *s, struct arena *a, const char *bucket, const char *name,
	struct object_row *ret)
{
	struct store_memo *m = store_memo_get(s, bucket, name);
	if (m) {
		object_row_copy(a, &((struct memo *)m->value)->row, ret);
		return true;
	}
	uint64_t commits = store_commits(s);
	if (!object_row_get(store_db(s), a, bucket, name, ret))
		return false;
	m = store_memo_make(s, commits, bucket, name);
	if (m) {
		struct memo *memo = arena_new(&m->arena, struct memo);
		object_row_copy(&m->arena, ret, &memo->row);
		m->value = memo;
	}
	return true;
}

/* NULL: whoever opens it then is told why. */
static const char *read_content(struct store *s, const struct object_row *o, struct arena *a)
{
	struct err ignored;
	fd_auto fd = store_content_open(s, o->sha256, &ignored);
	if (fd < 0)
		return NULL;
	char *bytes = arena_alloc(a, o->size);
	return fs_read_at(fd, bytes, o->size, 0) ? bytes : NULL;
}

const char *object_memo_content(struct store *s, const char *bucket, const struct object_row *o)
{
	struct store_memo *m = o->size <= CONTENT_MAX ? store_memo_get(s, bucket, o->name) : NULL;
	struct memo *memo = m ? m->value : NULL;
	if (!memo || strcmp(memo->row.sha256, o->sha256) != 0)
		return NULL;
	if (!memo->content)
		memo->content = read_content(s, o, &m->arena);
	return memo->content;
}
