#include "local/store/store.h"

#include "base/clock.h"
#include "base/fs.h"
#include "local/store/store_inside.h"
#include "local/store/store_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	IDLE_CONNS = 28, /* for the threads of the HTTP side, its workers, the copier and runs */
	OPEN_TRIES = 200,
	OPEN_PAUSE_MS = 50,
};

/* The connections this thread has: one a store. */
static _Thread_local struct store_conn *mine;
static pthread_key_t thread_end;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;

static void give_back(void *unused)
{
	(void)unused;
	while (mine) {
		struct store_conn *c = mine;
		mine = c->next_mine;
		pthread_mutex_lock(&c->store->conns_lock);
		c->next_idle = c->store->idle;
		c->store->idle = c;
		pthread_mutex_unlock(&c->store->conns_lock);
	}
}

static void make_thread_end(void)
{
	if (pthread_key_create(&thread_end, give_back))
		abort();
}

void store_conn_take(struct store_conn *c)
{
	pthread_once(&thread_end_once, make_thread_end);
	pthread_setspecific(thread_end, c);
	c->next_mine = mine;
	mine = c;
}

static bool configure(sqlite3 *db, bool writes)
{
	const char *sql = writes ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				   "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
				 : "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;"
				   "SELECT count(*) FROM sqlite_master;";
	sqlite3_busy_timeout(db, 10000);
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

struct store_conn *store_conn_open(struct store *s, bool writes, struct err *err)
{
	sqlite3 *db = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writes ? SQLITE_OPEN_CREATE : 0);
	if (sqlite3_open_v2(s->db_path, &db, flags, NULL) != SQLITE_OK || !configure(db, writes)) {
		const char *text = db ? sqlite3_errmsg(db) : "no memory";
		int why = db ? sqlite3_system_errno(db)
			     : 0; /* a full disk is no more than an I/O error to SQLite */
		err_set(err, ERR_IO, "%s: %s%s%s", s->db_path, text, why ? ": " : "",
			why ? strerror(why) : "");
		sqlite3_close(db);
		return NULL;
	}
	struct store_conn *c = xalloc(sizeof *c);
	*c = (struct store_conn){.store = s, .db = db};
	pthread_mutex_lock(&s->conns_lock);
	c->next_all = s->all;
	s->all = c;
	pthread_mutex_unlock(&s->conns_lock);
	return c;
}

static void conn_free(struct store_conn *c)
{
	for (size_t i = 0; i < c->kept_n; i++)
		sqlite3_finalize(c->kept[i].st);
	sqlite3_close(c->db);
	store_memos_free(c);
	free(c);
}

void store_conn_leave(struct store_conn *c)
{
	struct store_conn **at;
	for (at = &mine; *at && *at != c; at = &(*at)->next_mine)
		;
	if (*at)
		*at = c->next_mine;
}

struct store_conn *store_conn_of(sqlite3 *db)
{
	for (struct store_conn *c = mine; c; c = c->next_mine)
		if (c->db == db)
			return c;
	return NULL;
}

static struct store_conn *idle_conn(struct store *s)
{
	pthread_mutex_lock(&s->conns_lock);
	struct store_conn *c = s->idle;
	if (c)
		s->idle = c->next_idle;
	pthread_mutex_unlock(&s->conns_lock);
	return c;
}

/* The writer has opened the same file: only descriptors or memory can lack here, for a while. */
static struct store_conn *open_at_last(struct store *s)
{
	struct err err;
	struct store_conn *c = NULL;
	for (int i = 0; !c && i < OPEN_TRIES; i++) {
		c = store_conn_open(s, false, &err);
		if (!c)
			clock_system.sleep_ms(clock_system.ctx, OPEN_PAUSE_MS);
	}
	if (!c) {
		fprintf(stderr, "weir-local: %s\n", err.text);
		abort();
	}
	return c;
}

/* So that no thread has to open one when descriptors are scarce. */
static bool open_idle(struct store *s, struct err *err)
{
	for (int i = 0; i < IDLE_CONNS; i++) {
		struct store_conn *c = store_conn_open(s, false, err);
		if (!c)
			return false;
		c->next_idle = s->idle;
		s->idle = c;
	}
	return true;
}

struct store_conn *store_conn_mine(struct store *s)
{
	for (struct store_conn *c = mine; c; c = c->next_mine)
		if (c->store == s)
			return c;
	struct store_conn *c = idle_conn(s);
	if (!c)
		c = open_at_last(s);
	store_conn_take(c);
	return c;
}

sqlite3 *store_db(struct store *s)
{
	return store_conn_mine(s)->db;
}

static bool schema_step(sqlite3 *db, const char *sql, int version, struct err *err)
{
	char set[64];
	snprintf(set, sizeof set, "PRAGMA user_version=%d", version);
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(db, set, NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		return true;
	err_set(err, ERR_IO, "make schema %d: %s", version, sqlite3_errmsg(db));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool migrate(sqlite3 *db, struct err *err)
{
	sqlite3_stmt *st = store_prepare(db, "PRAGMA user_version", "");
	int version = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
	store_done(st);
	if (version < 0)
		return err_set(err, ERR_IO, "read the schema's version: %s", sqlite3_errmsg(db));
	int newest = 0;
	while (store_schema[newest])
		newest++;
	if (version > newest)
		return err_set(err, ERR_CONFIG,
			"made by a newer weir-local (schema %d, this one knows %d)", version,
			newest);
	for (; version < newest; version++)
		if (!schema_step(db, store_schema[version], version + 1, err))
			return false;
	return true;
}

static bool open_parts(struct store *s, struct err *err)
{
	if (!store_content_prepare(s, err))
		return false;
	s->writer_conn = store_conn_open(s, true, err);
	if (!s->writer_conn)
		return false;
	store_conn_take(s->writer_conn);
	bool ok = migrate(s->writer_conn->db, err) || err_wrap(err, "%s", s->db_path);
	ok = ok && store_drafts_check(s, s->writer_conn->db, err);
	if (ok)
		store_orphans_remove(s, s->writer_conn->db);
	store_conn_leave(s->writer_conn);
	return ok && open_idle(s, err) && store_writer_start(s, err);
}

struct store *store_open(const char *home, struct err *err)
{
	struct store *s = xalloc(sizeof *s);
	*s = (struct store){.home = xstrdup(home)};
	size_t n = strlen(home) + sizeof "/weir-local.db";
	s->db_path = xalloc(n);
	snprintf(s->db_path, n, "%s/weir-local.db", home);
	pthread_mutex_init(&s->conns_lock, NULL);
	pthread_mutex_init(&s->jobs_lock, NULL);
	pthread_mutex_init(&s->pins_lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->jobs_there, &monotonic);
	pthread_condattr_destroy(&monotonic);
	s->jobs_end = &s->jobs;
	if (!open_parts(s, err)) {
		store_close(s);
		return NULL;
	}
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_writer_stop(s);
	for (struct store_conn **at = &mine; *at;) {
		if ((*at)->store == s)
			*at = (*at)->next_mine;
		else
			at = &(*at)->next_mine;
	}
	while (s->all) {
		struct store_conn *c = s->all;
		s->all = c->next_all;
		conn_free(c);
	}
	pthread_mutex_destroy(&s->conns_lock);
	pthread_mutex_destroy(&s->jobs_lock);
	pthread_mutex_destroy(&s->pins_lock);
	pthread_cond_destroy(&s->jobs_there);
	free(s->pins);
	free(s->db_path);
	free(s->home);
	free(s);
}
