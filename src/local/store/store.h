/*
 * weir-local's durable state: SQLite in WAL mode with synchronous=FULL, objects as files. A change that was
 * acknowledged survives kill -9. Thread-safe: each thread has a connection of its own; writes are grouped by
 * one writer.
 *
 *	sqlite3 *db = store_db(store);         this thread's connection, for reads
 *	store_write(store, fn, ctx, &err);     runs fn(db, ctx) inside a committed transaction
 *
 * Invariants: a row that names content is committed only after the content is durable; content that no row
 * names, and nobody is about to name (a pin), is removed, at the latest at the next start. The threads that
 * used a store end before store_close.
 */
#ifndef LOCAL_STORE_H
#define LOCAL_STORE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
/* Makes or migrates the schema (PRAGMA user_version), see store_schema.c. */
struct store *store_open(const char *home, struct err *err);
void store_close(struct store *s);
sqlite3 *store_db(struct store *s);
/* fn runs in the writer's thread; it returns false with err to roll back what it did. Returns after the commit
   is durable. */
bool store_write(struct store *s, bool (*fn)(sqlite3 *db, void *ctx, struct err *err), void *ctx,
	struct err *err);

/* Statements: prepares with each '?' bound from the types: "s" const char * (NULL: NULL), "i" int64_t (pass as
   int64_t), "b" const void * and size_t. Aborts on an SQL mistake, since the text is ours. What is bound is
   borrowed until store_done. Statements are kept for the next time by their text: release them by
   store_done, never by sqlite3_finalize. */
sqlite3_stmt *store_prepare(sqlite3 *db, const char *sql, const char *types, ...);
void store_done(sqlite3_stmt *st);
/* Whether a statement of this thread failed since store_failure_clear: what was read by it is then not what is there, and
   "not found" not true. err tells which file, and why. Inside store_write it makes the job fail. */
void store_failure_clear(void);
bool store_failed(struct err *err);
/* Runs a statement; ERR_CONFLICT on a constraint, ERR_IO on other failures. *changes may be NULL. */
bool store_exec(
	sqlite3 *db, int *changes, struct err *err, const char *sql, const char *types, ...);
char *store_text(struct arena *a, sqlite3_stmt *st, int col); /* NULL for NULL */

/* Memos: what this thread made of the rows of an object, until anything is committed. Who was told of a change, or has
   seen it by whatever request, does not get what was before it.

	struct store_memo *m = store_memo_get(store, bucket, name);       NULL: there is none
	uint64_t commits = store_commits(store);                          before the rows are read
	m = store_memo_make(store, commits, bucket, name);                NULL: a change is on its way
	m->value = ...                                                    in m->arena

   A memo is there until this thread makes another one. */
struct store_memo {
	uint64_t at; /* store_commits */
	const char *bucket, *name;
	void *value;
	struct arena arena; /* all of it */
};
uint64_t store_commits(const struct store *s);
struct store_memo *store_memo_get(struct store *s, const char *bucket, const char *name);
struct store_memo *store_memo_make(
	struct store *s, uint64_t commits, const char *bucket, const char *name);

/* The content files. begin opens a temporary; commit fsyncs, names it by its sha256 (hex) and pins it: it
   stays, whether a row names it or not, until store_content_unpin. Who needs no MD5 ends it by digest_abort(&c->md5)
   after begin. */
struct store_content {
	int fd;
	char path[512];
	uint64_t size;
	struct digest sha256, md5;
	bool joined;         /* made of contents */
	bool draft;          /* a part's: only what is made of it is to outlast the machine's end */
	char sha256_hex[65]; /* once store_content_end was called */
	unsigned char md5_raw[16];
};
bool store_content_begin(struct store *s, struct store_content *c, struct err *err);
bool store_content_add(struct store_content *c, const void *bytes, size_t n, struct err *err);
/* Adds all of another content. Its bytes are not hashed again: its name stands for them in sha256, so that a content is
   made either of bytes or of contents, and has no md5. ERR_NOT_FOUND if it is gone. */
bool store_content_add_content(
	struct store *s, struct store_content *c, const char *sha256, struct err *err);
/* No more comes: the digests are there, to be looked at before commit, which does it where it was not done. */
void store_content_end(struct store_content *c);
/* c is released, also on failure; its digests stay. */
bool store_content_commit(struct store *s, struct store_content *c, struct err *err);
void store_content_abort(struct store_content *c);
/* named: a row names it now. Else it goes, if no other row does. */
void store_content_unpin(struct store *s, const char *sha256, bool named);
/* A descriptor to read by; -1. */
int store_content_open(struct store *s, const char *sha256, struct err *err);

/* Whose buckets store_object_put makes; borrowed. realm_region: the middle of OCIDs, "oc1.iad". */
void store_identify(struct store *s, const char *tenancy, const char *user, const char *ns,
	const char *realm_region);
/* Put an object from inside the service (run logs) without HTTP; overwrites; the bucket is made if missing. */
struct store_object {
	const char *bucket, *name, *content_type, *content_encoding;
};
bool store_object_put(struct store *s, const struct store_object *o, const void *bytes, size_t n,
	struct err *err);
/* Content of an object; -1 with ERR_NOT_FOUND. *ret_size in bytes. */
int store_object_open(
	struct store *s, const char *bucket, const char *name, uint64_t *ret_size, struct err *err);

/* A new UUID, lower case: etags, upload ids. */
void store_uuid(char out[static 37]);

#endif
