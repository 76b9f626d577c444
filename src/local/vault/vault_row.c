#include "local/vault/vault_row.h"

#include "local/store/store.h"

const char *const vault_stage_names[] = {
	"CURRENT", "PENDING", "LATEST", "PREVIOUS", "DEPRECATED", NULL};

#define COLUMNS                                                      \
	"id, name, compartment_id, time_created, current, previous," \
	" (SELECT max(number) FROM secret_versions v WHERE v.secret = s.id)"

static bool get(sqlite3_stmt *st, struct arena *a, struct vault_secret *ret)
{
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found)
		*ret = (struct vault_secret){.id = store_text(a, st, 0),
			.name = store_text(a, st, 1),
			.compartment = store_text(a, st, 2),
			.created = sqlite3_column_int64(st, 3),
			.current = sqlite3_column_int64(st, 4),
			.previous = sqlite3_column_int64(st, 5),
			.latest = sqlite3_column_int64(st, 6)};
	store_done(st);
	return found;
}

bool vault_row_get(sqlite3 *db, struct arena *a, const char *id, struct vault_secret *ret)
{
	return get(store_prepare(db, "SELECT " COLUMNS " FROM secrets s WHERE id = ?", "s", id), a,
		ret);
}

bool vault_row_named(sqlite3 *db, struct arena *a, const char *name, struct vault_secret *ret)
{
	return get(store_prepare(db, "SELECT " COLUMNS " FROM secrets s WHERE name = ?", "s", name),
		a, ret);
}

const char *vault_row_compartment(sqlite3 *db, struct arena *a, const char *id)
{
	struct vault_secret s;
	return vault_row_get(db, a, id, &s) ? s.compartment : NULL;
}

unsigned vault_stages(const struct vault_secret *s, int64_t number)
{
	unsigned latest = number == s->latest ? STAGE_LATEST : 0;
	if (number == s->current)
		return STAGE_CURRENT | latest;
	if (number > s->current)
		return STAGE_PENDING | latest;
	return number == s->previous ? STAGE_PREVIOUS : STAGE_DEPRECATED;
}

bool vault_row_version(sqlite3 *db, struct arena *a, const struct vault_secret *s, int64_t number,
	struct vault_version *ret)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT time_created, name, sealed FROM secret_versions WHERE secret = ? AND number = ?",
		"si", s->id, number);
	bool found = sqlite3_step(st) == SQLITE_ROW;
	if (found)
		*ret = (struct vault_version){.number = number,
			.created = sqlite3_column_int64(st, 0),
			.name = store_text(a, st, 1),
			.sealed = store_text(a, st, 2)};
	store_done(st);
	return found;
}

int64_t vault_in_stage(const struct vault_secret *s, unsigned stage)
{
	for (int64_t n = s->latest; n > 0; n--)
		if (vault_stages(s, n) & stage)
			return n;
	return 0;
}

int64_t vault_row_version_named(sqlite3 *db, const struct vault_secret *s, const char *name)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT number FROM secret_versions WHERE secret = ? AND name = ?", "ss", s->id,
		name);
	int64_t number = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	store_done(st);
	return number;
}
