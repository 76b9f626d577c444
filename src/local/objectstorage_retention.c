#include "local/objectstorage.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

bool storage_retained(sqlite3 *db, int64_t bucket, int64_t time_modified, int64_t now)
{
	sqlite3_stmt *st = store_prepare(db,
		"SELECT 1 FROM retention_rules WHERE bucket = ?1 AND (amount IS NULL OR"
		" ?2 + amount * CASE unit WHEN 'YEARS' THEN 365 ELSE 1 END * ?4 > ?3) LIMIT 1",
		"iiii", bucket, time_modified, now, DAY_MS);
	bool yes = sqlite3_step(st) == SQLITE_ROW;
	store_done(st);
	return yes;
}
