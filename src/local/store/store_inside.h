/*
 * What the store's own files share; others use store.h. A connection belongs to one thread at a time: threads
 * that end give theirs back to the idle ones of the store, statements and all.
 */
#ifndef LOCAL_STORE_INSIDE_H
#define LOCAL_STORE_INSIDE_H

#include "local/store/store.h"

#include <pthread.h>
#include <stdatomic.h>

enum { STORE_KEPT_MAX = 128, STORE_REMOVED_MAX = 64, STORE_MEMOS = 512 };
struct store_kept {
	sqlite3_stmt *st;
	uint32_t hash; /* of its text */
	bool busy;
};
struct store_conn {
	struct store *store;
	sqlite3 *db;
	struct store_conn *next_mine; /* of the thread that has it */
	struct store_conn *next_idle;
	struct store_conn *next_all;
	struct store_kept kept[STORE_KEPT_MAX];
	size_t kept_n;
	struct store_memo *memos; /* STORE_MEMOS of them; NULL before the first */
};

struct store_job {
	bool (*fn)(sqlite3 *db, void *ctx, struct err *err);
	void *ctx;
	struct err *err;
	bool ok;
	void *done; /* sem_t of the waiting caller */
	struct store_job *next;
};

/* Content that must stay although no row names it yet, counted. */
struct store_pin {
	char sha256[65];
	unsigned count;
};

struct store {
	char *home, *db_path;
	const char *tenancy, *user, *ns, *realm_region; /* of store_identify */

	pthread_mutex_t conns_lock;
	struct store_conn *all, *idle;

	pthread_t writer;
	struct store_conn *writer_conn;
	bool writer_runs;
	pthread_mutex_t jobs_lock;
	pthread_cond_t jobs_there;
	struct store_job *jobs, **jobs_end;
	bool stop;
	_Atomic uint64_t commits; /* odd while the writer has a transaction */

	/* Held while content gets its name and while it is removed. */
	pthread_mutex_t pins_lock;
	struct store_pin *pins;
	size_t pins_n, pins_cap;

	/* The writer's: what store_garbage_remove has removed. */
	char removed[STORE_REMOVED_MAX][65];
	size_t removed_n;
	bool garbage; /* there may be some */
};

struct store_conn *store_conn_open(struct store *s, bool writes, struct err *err);
/* The calling thread has it from now on; not any more. */
void store_conn_take(struct store_conn *c);
void store_conn_leave(struct store_conn *c);
/* That of this thread; NULL if db is none of ours. */
struct store_conn *store_conn_of(sqlite3 *db);
/* This thread's; it takes one if it has none. */
struct store_conn *store_conn_mine(struct store *s);
void store_memos_free(struct store_conn *c);

#define STORE_HASH 2166136261u
/* FNV-1a; h: STORE_HASH, or that of what is before. */
uint32_t store_hash(uint32_t h, const char *s);

bool store_writer_start(struct store *s, struct err *err);
void store_writer_stop(struct store *s);

bool store_content_prepare(struct store *s, struct err *err); /* folders; empties tmp */
/* In the writer's thread, outside a transaction: removes content that the table `garbage` names, if no other row
   does. Whether there was any, or may be more. */
bool store_garbage_remove(struct store *s, sqlite3 *db);
/* Inside the next transaction. */
bool store_garbage_forget(struct store *s, sqlite3 *db, struct err *err);
/* At start, before that: where the machine has started anew since the last time, each part of an unfinished upload is read,
   and forgotten unless it is whole. */
bool store_drafts_check(struct store *s, sqlite3 *db, struct err *err);
/* At start: content that no row names, left by a service that was killed before it committed the row. */
void store_orphans_remove(struct store *s, sqlite3 *db);

#endif
