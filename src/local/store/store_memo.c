/*
 * Memos (store.h): a table of each connection, so that no thread waits for another. The writer makes `commits` odd
 * before it opens a transaction and even after it ended; a memo counts under the even number that was read before
 * its rows were. A request that gets one read the number before that transaction began: it was on its way at a moment
 * when nobody could have seen what the transaction changes.
 */
#include "local/store/store_inside.h"

#include <stdlib.h>
#include <string.h>

uint64_t store_commits(const struct store *s)
{
	return atomic_load(&s->commits);
}

static bool is_between_commits(uint64_t commits)
{
	return commits % 2 == 0;
}

static struct store_memo *slot_of(struct store_conn *c, const char *bucket, const char *name)
{
	uint32_t hash = store_hash(store_hash(STORE_HASH, bucket), name);
	return &c->memos[hash % STORE_MEMOS];
}

struct store_memo *store_memo_get(struct store *s, const char *bucket, const char *name)
{
	struct store_conn *c = store_conn_mine(s);
	struct store_memo *m = c->memos ? slot_of(c, bucket, name) : NULL;
	if (!m || !m->value || m->at != store_commits(s))
		return NULL;
	return !strcmp(m->name, name) && !strcmp(m->bucket, bucket) ? m : NULL;
}

struct store_memo *store_memo_make(
	struct store *s, uint64_t commits, const char *bucket, const char *name)
{
	struct store_conn *c = store_conn_mine(s);
	if (!is_between_commits(commits))
		return NULL;
	if (!c->memos)
		c->memos = xalloc(STORE_MEMOS * sizeof *c->memos);
	struct store_memo *m = slot_of(c, bucket, name);
	arena_clear(&m->arena);
	*m = (struct store_memo){.at = commits};
	m->bucket = arena_strdup(&m->arena, bucket);
	m->name = arena_strdup(&m->arena, name);
	return m;
}

void store_memos_free(struct store_conn *c)
{
	for (size_t i = 0; c->memos && i < STORE_MEMOS; i++)
		arena_clear(&c->memos[i].arena);
	free(c->memos);
}
