#include "base/arena.h"
#include "base/clock.h"
#include "local/store/store.h"
#include "local/store/store_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

enum { PREPARE_TRIES = 200, PREPARE_PAUSE_MS = 50 };

static _Thread_local struct err failure; /* kind ERR_NONE: none since it was cleared */

void store_failure_clear(void)
{
	failure.kind = ERR_NONE;
}

bool store_failed(struct err *err)
{
	if (failure.kind)
		*err = failure;
	return failure.kind != ERR_NONE;
}

/* A full disk is no more than an I/O error to SQLite, unless the system is asked. */
static void tell_failure(sqlite3 *db, struct err *err)
{
	int why = sqlite3_system_errno(db);
	const char *path = sqlite3_db_filename(db, "main");
	err_set(err, ERR_IO, "%s: %s%s%s", path ? path : "the database", sqlite3_errmsg(db),
		why ? ": " : "", why ? strerror(why) : "");
}

/* What a statement ended with: a step that failed is told of once more by its reset. */
static void note_end(sqlite3 *db, int rc)
{
	int kind = rc & 0xff;
	if (rc != SQLITE_OK && kind != SQLITE_CONSTRAINT && !failure.kind)
		tell_failure(db, &failure);
}

uint32_t store_hash(uint32_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static sqlite3_stmt *prepare_anew(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	struct err err;
	int rc;
	/* The schema is read when a connection opens, so that only memory can lack here. */
	for (int i = 0; i < PREPARE_TRIES; i++) {
		rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
		if (rc == SQLITE_OK)
			return st;
		if ((rc & 0xff) == SQLITE_ERROR)
			break;
		clock_system.sleep_ms(clock_system.ctx, PREPARE_PAUSE_MS);
	}
	tell_failure(db, &err);
	fprintf(stderr, "weir-local: %s: %s\n", err.text, sql);
	abort();
}

static sqlite3_stmt *statement(sqlite3 *db, const char *sql)
{
	struct store_conn *c = store_conn_of(db);
	uint32_t hash = store_hash(STORE_HASH, sql);
	for (size_t i = 0; c && i < c->kept_n; i++) {
		struct store_kept *k = &c->kept[i];
		if (!k->busy && k->hash == hash && !strcmp(sqlite3_sql(k->st), sql)) {
			k->busy = true;
			return k->st;
		}
	}
	sqlite3_stmt *st = prepare_anew(db, sql);
	if (c && c->kept_n < STORE_KEPT_MAX)
		c->kept[c->kept_n++] = (struct store_kept){.st = st, .hash = hash, .busy = true};
	return st;
}

static void bind(sqlite3_stmt *st, const char *types, va_list ap)
{
	for (int i = 1; types[i - 1]; i++) {
		int rc = SQLITE_MISUSE;
		switch (types[i - 1]) {
		case 's':
			rc = sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
			break;
		case 'i':
			rc = sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
			break;
		case 'b': {
			const void *bytes = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(st, i, bytes, va_arg(ap, size_t), SQLITE_STATIC);
			break;
		}
		}
		if (rc != SQLITE_OK) {
			fprintf(stderr, "weir-local: cannot bind %d: %s\n", i, sqlite3_sql(st));
			abort();
		}
	}
}

sqlite3_stmt *store_prepare(sqlite3 *db, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = statement(db, sql);
	va_list ap;
	va_start(ap, types);
	bind(st, types, ap);
	va_end(ap);
	return st;
}

void store_done(sqlite3_stmt *st)
{
	struct store_conn *c = store_conn_of(sqlite3_db_handle(st));
	for (size_t i = 0; c && i < c->kept_n; i++) {
		if (c->kept[i].st == st) {
			note_end(c->db, sqlite3_reset(st));
			sqlite3_clear_bindings(st);
			c->kept[i].busy = false;
			return;
		}
	}
	sqlite3 *db = sqlite3_db_handle(st);
	note_end(db, sqlite3_finalize(st));
}

bool store_exec(sqlite3 *db, int *changes, struct err *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = statement(db, sql);
	va_list ap;
	va_start(ap, types);
	bind(st, types, ap);
	va_end(ap);
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		;
	bool ok = rc == SQLITE_DONE;
	if (!ok && (rc & 0xff) == SQLITE_CONSTRAINT)
		err_set(err, ERR_CONFLICT, "%s", sqlite3_errmsg(db));
	else if (!ok)
		tell_failure(db, err);
	else if (changes)
		*changes = sqlite3_changes(db);
	store_done(st);
	return ok;
}

char *store_text(struct arena *a, sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);
	return s ? arena_strndup(a, s, (size_t)sqlite3_column_bytes(st, col)) : NULL;
}

void store_uuid(char out[static 37])
{
	uuid_t id;
	uuid_generate_random(id);
	uuid_unparse_lower(id, out);
}
