#include "local/store_schema.h"

/*
 * Times are Unix milliseconds. `record` is the resource as JSON in the form of the service's replies; columns
 * beside it are what queries ask for. Object names compare by bytes, as listings are ordered.
 *
 * A trigger notes each content that lost a row; the writer removes those that no row names any more.
 */
const char *const store_schema[] = {
	"CREATE TABLE buckets("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" compartment_id TEXT NOT NULL,"
	" etag TEXT NOT NULL,"
	" record TEXT NOT NULL) STRICT;"

	/* headers: `name: value` lines, what PutObject was told to give back with the content. */
	"CREATE TABLE objects("
	" bucket INTEGER NOT NULL REFERENCES buckets(id),"
	" name TEXT NOT NULL,"
	" sha256 TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" md5 TEXT NOT NULL,"
	" etag TEXT NOT NULL,"
	" headers TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" time_modified INTEGER NOT NULL,"
	" PRIMARY KEY(bucket, name)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX objects_content ON objects(sha256);"

	"CREATE TABLE uploads("
	" id TEXT PRIMARY KEY,"
	" bucket INTEGER NOT NULL REFERENCES buckets(id),"
	" name TEXT NOT NULL,"
	" headers TEXT NOT NULL,"
	" time_created INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX uploads_of_bucket ON uploads(bucket, name, id);"
	"CREATE TABLE parts("
	" upload TEXT NOT NULL REFERENCES uploads(id) ON DELETE CASCADE,"
	" num INTEGER NOT NULL,"
	" sha256 TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" md5 BLOB NOT NULL,"
	" etag TEXT NOT NULL,"
	" PRIMARY KEY(upload, num)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX parts_content ON parts(sha256);"

	"CREATE TABLE garbage(sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
	"CREATE TRIGGER objects_deleted AFTER DELETE ON objects BEGIN"
	" INSERT OR IGNORE INTO garbage VALUES(old.sha256); END;"
	"CREATE TRIGGER objects_replaced AFTER UPDATE OF sha256 ON objects"
	" WHEN old.sha256 <> new.sha256 BEGIN"
	" INSERT OR IGNORE INTO garbage VALUES(old.sha256); END;"
	"CREATE TRIGGER parts_deleted AFTER DELETE ON parts BEGIN"
	" INSERT OR IGNORE INTO garbage VALUES(old.sha256); END;"
	"CREATE TRIGGER parts_replaced AFTER UPDATE OF sha256 ON parts"
	" WHEN old.sha256 <> new.sha256 BEGIN"
	" INSERT OR IGNORE INTO garbage VALUES(old.sha256); END;"

	"CREATE TABLE applications("
	" id TEXT PRIMARY KEY,"
	" compartment_id TEXT NOT NULL,"
	" display_name TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" etag TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" time_updated INTEGER NOT NULL,"
	" record TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX applications_listed ON applications(compartment_id, time_created, id);"

	"CREATE TABLE runs("
	" id TEXT PRIMARY KEY,"
	" application_id TEXT,"
	" compartment_id TEXT NOT NULL,"
	" display_name TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" etag TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" time_updated INTEGER NOT NULL,"
	" time_started INTEGER,"
	" record TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX runs_listed ON runs(compartment_id, time_created, id);"
	"CREATE INDEX runs_of_state ON runs(state, time_created);"

	/* What a service that was killed left running: a pid counts only with its start time (/proc/PID/stat). */
	"CREATE TABLE run_processes("
	" run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
	" pid INTEGER NOT NULL,"
	" started INTEGER NOT NULL,"
	" PRIMARY KEY(run, pid)) STRICT, WITHOUT ROWID;"

	/* request: SHA-256 of what was asked (hex); resource: what it made. */
	"CREATE TABLE retry_tokens("
	" token TEXT NOT NULL,"
	" operation TEXT NOT NULL,"
	" request TEXT NOT NULL,"
	" resource TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" PRIMARY KEY(token, operation)) STRICT, WITHOUT ROWID;",

	0,
};
