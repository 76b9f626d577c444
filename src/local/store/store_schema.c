#include "local/store/store_schema.h"

#include <stddef.h>

/* OR IGNORE would not do: the conflict policy of the statement that fires a trigger goes before the trigger's. */
#define NOTE_CONTENT                                              \
	" INSERT INTO garbage SELECT old.sha256 WHERE NOT EXISTS" \
	" (SELECT 1 FROM garbage WHERE sha256 = old.sha256); END;"

#define RESOURCE(table)                                                                 \
	"CREATE TABLE " table "("                                                       \
	" seq INTEGER PRIMARY KEY,"                                                     \
	" id TEXT NOT NULL UNIQUE,"                                                     \
	" etag TEXT NOT NULL,"                                                          \
	" record TEXT NOT NULL,"                                                        \
	" summary TEXT NOT NULL,"                                                       \
	" compartment_id TEXT NOT NULL AS (record->>'$.compartmentId') STORED,"         \
	" display_name TEXT NOT NULL AS (ifnull(record->>'$.displayName', '')) STORED," \
	" owner TEXT NOT NULL AS (record->>'$.ownerPrincipalId') STORED,"               \
	" state TEXT NOT NULL AS (record->>'$.lifecycleState') STORED,"                 \
	" time_updated TEXT NOT NULL AS (record->>'$.timeUpdated') STORED) STRICT;"     \
	"CREATE INDEX " table "_listed ON " table "(compartment_id, seq);"              \
	"CREATE INDEX " table "_deleted ON " table "(time_updated) WHERE state = 'DELETED';"

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
	"CREATE TRIGGER objects_deleted AFTER DELETE ON objects BEGIN" NOTE_CONTENT
	"CREATE TRIGGER objects_replaced AFTER UPDATE OF sha256 ON objects"
	" WHEN old.sha256 <> new.sha256 BEGIN" NOTE_CONTENT
	"CREATE TRIGGER parts_deleted AFTER DELETE ON parts BEGIN" NOTE_CONTENT
	"CREATE TRIGGER parts_replaced AFTER UPDATE OF sha256 ON parts"
	" WHEN old.sha256 <> new.sha256 BEGIN" NOTE_CONTENT

	/* Of applications and runs the record is the truth: the other columns are taken from it, for queries.
	   summary is what lists show of it. seq is the order of creation. */
	"CREATE TABLE applications("
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL UNIQUE,"
	" etag TEXT NOT NULL,"
	" record TEXT NOT NULL,"
	" summary TEXT NOT NULL,"
	" compartment_id TEXT NOT NULL AS (record->>'$.compartmentId') STORED,"
	" display_name TEXT NOT NULL AS (record->>'$.displayName') STORED,"
	" language TEXT NOT NULL AS (record->>'$.language') STORED,"
	" spark_version TEXT NOT NULL AS (record->>'$.sparkVersion') STORED,"
	" owner TEXT NOT NULL AS (record->>'$.ownerPrincipalId') STORED,"
	" state TEXT NOT NULL AS (record->>'$.lifecycleState') STORED,"
	" time_updated TEXT NOT NULL AS (record->>'$.timeUpdated') STORED) STRICT;"
	"CREATE INDEX applications_listed ON applications(compartment_id, seq);"
	"CREATE INDEX applications_deleted ON applications(time_updated) WHERE state = 'DELETED';"

	/* time_started: when the run became IN_PROGRESS. */
	"CREATE TABLE runs("
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL UNIQUE,"
	" etag TEXT NOT NULL,"
	" record TEXT NOT NULL,"
	" summary TEXT NOT NULL,"
	" time_started INTEGER,"
	" compartment_id TEXT NOT NULL AS (record->>'$.compartmentId') STORED,"
	" application_id TEXT AS (record->>'$.applicationId') STORED,"
	" display_name TEXT NOT NULL AS (record->>'$.displayName') STORED,"
	" language TEXT NOT NULL AS (record->>'$.language') STORED,"
	" pool_id TEXT AS (record->>'$.poolId') STORED,"
	" owner TEXT NOT NULL AS (record->>'$.ownerPrincipalId') STORED,"
	" state TEXT NOT NULL AS (record->>'$.lifecycleState') STORED,"
	" time_created TEXT NOT NULL AS (record->>'$.timeCreated') STORED,"
	" duration INTEGER NOT NULL AS (record->>'$.runDurationInMilliseconds') STORED,"
	" ocpu INTEGER NOT NULL AS (record->>'$.totalOCpu') STORED,"
	" data_read INTEGER NOT NULL AS (record->>'$.dataReadInBytes') STORED,"
	" data_written INTEGER NOT NULL AS (record->>'$.dataWrittenInBytes') STORED) STRICT;"
	"CREATE INDEX runs_listed ON runs(compartment_id, seq);"
	"CREATE INDEX runs_of_state ON runs(state, seq);"

	/* request: SHA-256 of what was asked (hex); resource: what it made. */
	"CREATE TABLE retry_tokens("
	" token TEXT NOT NULL,"
	" operation TEXT NOT NULL,"
	" request TEXT NOT NULL,"
	" resource TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" PRIMARY KEY(token, operation)) STRICT, WITHOUT ROWID;",

	/* Columns of buckets beside the record: what changes of objects ask for. retained: it has retention rules. */
	"ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT 'Disabled';"
	"ALTER TABLE buckets ADD COLUMN access TEXT NOT NULL DEFAULT 'NoPublicAccess';"
	"ALTER TABLE buckets ADD COLUMN tier TEXT NOT NULL DEFAULT 'Standard';"
	"ALTER TABLE buckets ADD COLUMN retained INTEGER NOT NULL DEFAULT 0;"
	"UPDATE buckets SET versioning = ifnull(record->>'$.versioning', versioning),"
	" access = ifnull(record->>'$.publicAccessType', access),"
	" tier = ifnull(record->>'$.storageTier', tier);"

	/* restored_until: of an archived object that was restored. */
	"ALTER TABLE objects ADD COLUMN version TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE objects ADD COLUMN tier TEXT NOT NULL DEFAULT 'Standard';"
	"ALTER TABLE objects ADD COLUMN restored_until INTEGER;"
	"UPDATE objects SET version = lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||"
	" substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' ||"
	" hex(randomblob(6)));"
	"ALTER TABLE uploads ADD COLUMN tier TEXT NOT NULL DEFAULT 'Standard';"

	/* Previous versions, and delete markers (no sha256). Of two of an object the one with the higher seq is the
	   newer; the latest version is the row of objects, and where there is none, a delete marker that is newest. */
	"CREATE TABLE versions("
	" seq INTEGER PRIMARY KEY,"
	" bucket INTEGER NOT NULL REFERENCES buckets(id),"
	" name TEXT NOT NULL,"
	" version TEXT NOT NULL,"
	" sha256 TEXT,"
	" size INTEGER NOT NULL,"
	" md5 TEXT NOT NULL,"
	" etag TEXT NOT NULL,"
	" headers TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" time_modified INTEGER NOT NULL,"
	" tier TEXT NOT NULL,"
	" restored_until INTEGER) STRICT;"
	"CREATE INDEX versions_listed ON versions(bucket, name, seq DESC);"
	"CREATE UNIQUE INDEX versions_by_id ON versions(bucket, name, version);"
	"CREATE INDEX versions_content ON versions(sha256) WHERE sha256 IS NOT NULL;"
	"CREATE TRIGGER versions_deleted AFTER DELETE ON versions WHEN old.sha256 IS NOT NULL"
	" BEGIN" NOTE_CONTENT

	/* Copies of objects and their work requests. details: the request and what it found, as JSON. */
	"CREATE TABLE copies("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" compartment_id TEXT NOT NULL,"
	" status TEXT NOT NULL,"
	" details TEXT NOT NULL,"
	" time_accepted INTEGER NOT NULL,"
	" time_started INTEGER,"
	" time_finished INTEGER,"
	" error_code TEXT,"
	" error_message TEXT) STRICT;"
	"CREATE INDEX copies_listed ON copies(compartment_id, seq);"
	"CREATE INDEX copies_open ON copies(seq) WHERE time_finished IS NULL;"

	/* Pre-authenticated requests. digest: SHA-256 of the token (hex). tenancy, user: who made it. */
	"CREATE TABLE pars("
	" id TEXT PRIMARY KEY,"
	" bucket INTEGER NOT NULL REFERENCES buckets(id),"
	" digest TEXT NOT NULL UNIQUE,"
	" name TEXT NOT NULL,"
	" access TEXT NOT NULL,"
	" object TEXT,"
	" listing TEXT NOT NULL,"
	" tenancy TEXT NOT NULL,"
	" user TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" time_expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX pars_listed ON pars(bucket, id);"

	"CREATE TABLE lifecycle_policies("
	" bucket INTEGER PRIMARY KEY REFERENCES buckets(id) ON DELETE CASCADE,"
	" etag TEXT NOT NULL,"
	" record TEXT NOT NULL) STRICT;"

	/* amount: NULL for ever. */
	"CREATE TABLE retention_rules("
	" id TEXT PRIMARY KEY,"
	" bucket INTEGER NOT NULL REFERENCES buckets(id) ON DELETE CASCADE,"
	" etag TEXT NOT NULL,"
	" display_name TEXT NOT NULL,"
	" amount INTEGER,"
	" unit TEXT,"
	" time_created INTEGER NOT NULL,"
	" time_modified INTEGER NOT NULL,"
	" time_locked INTEGER) STRICT, WITHOUT ROWID;"
	"CREATE INDEX retention_rules_listed ON retention_rules(bucket, id);"

	"CREATE TABLE namespaces("
	" name TEXT PRIMARY KEY,"
	" s3_compartment_id TEXT NOT NULL,"
	" swift_compartment_id TEXT NOT NULL) STRICT, WITHOUT ROWID;",

	/* As of applications, the record is the truth. */
	RESOURCE("pools") RESOURCE("private_endpoints")
	/* logs, errors: JSON lists of what there is to tell. */
	"CREATE TABLE work_requests("
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL UNIQUE,"
	" etag TEXT NOT NULL,"
	" record TEXT NOT NULL,"
	" summary TEXT NOT NULL,"
	" logs TEXT NOT NULL DEFAULT '[]',"
	" errors TEXT NOT NULL DEFAULT '[]',"
	" compartment_id TEXT NOT NULL AS (record->>'$.compartmentId') STORED,"
	" time_accepted TEXT NOT NULL AS (record->>'$.timeAccepted') STORED) STRICT;"
	"CREATE INDEX work_requests_listed ON work_requests(compartment_id, seq);"
	"CREATE INDEX work_requests_old ON work_requests(time_accepted);"
	/* What is on its way: the states that a resource has yet to go through, the next one when it is due. */
	"CREATE TABLE steps("
	" seq INTEGER PRIMARY KEY,"
	" kind TEXT NOT NULL,"
	" resource TEXT NOT NULL,"
	" states TEXT NOT NULL,"
	" work_request TEXT,"
	" due INTEGER NOT NULL) STRICT;"
	"CREATE INDEX steps_due ON steps(due);",

	/* Which states a run went through, and when. Of a run of before what its columns tell: when it began and when it was
	   changed last. */
	"CREATE TABLE run_states("
	" seq INTEGER PRIMARY KEY,"
	" run INTEGER NOT NULL REFERENCES runs(seq) ON DELETE CASCADE,"
	" state TEXT NOT NULL,"
	" time TEXT NOT NULL) STRICT;"
	"CREATE INDEX run_states_of_run ON run_states(run, seq);"
	"INSERT INTO run_states(run, state, time) SELECT seq, 'ACCEPTED', time_created FROM runs;"
	"INSERT INTO run_states(run, state, time) SELECT seq, 'IN_PROGRESS',"
	" strftime('%Y-%m-%dT%H:%M:%fZ', time_started / 1000.0, 'unixepoch') FROM runs"
	" WHERE time_started IS NOT NULL;"
	"INSERT INTO run_states(run, state, time) SELECT seq, state, record->>'$.timeUpdated' FROM runs"
	" WHERE state NOT IN ('ACCEPTED', 'IN_PROGRESS');"
	"CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN"
	" INSERT INTO run_states(run, state, time) VALUES(new.seq, new.state, new.time_created); END;"
	"CREATE TRIGGER runs_changed AFTER UPDATE OF record ON runs WHEN old.state <> new.state BEGIN"
	" INSERT INTO run_states(run, state, time)"
	" VALUES(new.seq, new.state, new.record->>'$.timeUpdated'); END;"
	"CREATE INDEX runs_of_application ON runs(application_id, seq);",

	/* Secrets; current, previous: numbers of versions. sealed: what vault_seal.h makes of the value. */
	"CREATE TABLE secrets("
	" id TEXT PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" compartment_id TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" current INTEGER NOT NULL,"
	" previous INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE secret_versions("
	" secret TEXT NOT NULL REFERENCES secrets(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"
	" name TEXT,"
	" sealed TEXT NOT NULL,"
	" time_created INTEGER NOT NULL,"
	" PRIMARY KEY(secret, number)) STRICT, WITHOUT ROWID;",

	0,
};
