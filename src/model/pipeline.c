#include "model/pipeline.h"

#include "base/text.h"
#include "model/oci_uri.h"

#include <string.h>

const char *const param_type_choices[] = {
	"string", "integer", "number", "boolean", "list", "map", NULL};
const char *const target_type_choices[] = {"oci", "local", NULL};
const char *const target_auth_choices[] = {
	"api_key", "security_token", "instance_principal", "resource_principal", NULL};
static const char *const versioning_choices[] = {
	"enabled", "suspended", "disabled", "Enabled", "Suspended", "Disabled", NULL};

/* Enough for any pipeline that people keep in one file; what is more is a mistake, or an attack. */
#define MANY .min = 0, .max = 20000

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define WORD "ABCDEFGHIJKLMNOPQRSTUVWXYZ_" LOWER
#define OBJECT_NAME_DOC "1 to 1024 bytes of UTF-8 in one line"
#define BUCKET_DOC "a bucket's name: 1 to 256 of letters, digits, . _ and -"

bool pipeline_key_ok(const char *key)
{
	size_t n = strlen(key);
	return n && n <= 40 && strspn(key, LOWER "_-") == n && strspn(key, LOWER);
}

bool param_key_ok(const char *key)
{
	size_t n = strlen(key);
	return n && n <= 64 && strspn(key, WORD "-") == n && strspn(key, WORD);
}

static bool endpoint_ok(const char *url)
{
	const char *host = text_starts(url, "https://") ? url + 8
		: text_starts(url, "http://")           ? url + 7
							: "";
	return *host && !strpbrk(host, "/?#@ \t\r\n");
}

static bool application_id_ok(const char *id)
{
	return text_starts(id, "ocid1.dataflowapplication.") && !strpbrk(id, " /?#\t\r\n");
}

const struct record param_decl_record = RECORD("parameter", struct param_decl,
	ENUM(struct param_decl, type, param_type_choices, NULL, ABSENT_DEFAULT,
		"Type of the value.", .dflt = "string"),
	FIELD_NAMED(struct param_decl, dflt, "default", FIELD_ANY, const struct node *, NULL,
		ABSENT_RESET, "Value when none is given. Without it the parameter is required."),
	FIELD_NAMED(struct param_decl, choices, "enum", FIELD_STRS, struct strs, NULL, ABSENT_RESET,
		"The values allowed.", .min = 1, .max = 1000),
	STR(struct param_decl, pattern, NULL, ABSENT_RESET,
		"Regular expression (PCRE2) that the whole value matches."),
	NUM(struct param_decl, minimum, NULL, ABSENT_RESET, "Least value of a number."),
	NUM(struct param_decl, maximum, NULL, ABSENT_RESET, "Greatest value of a number."),
	BOOL(struct param_decl, sensitive, NULL, ABSENT_RESET,
		"Whether the value is never printed."),
	STR(struct param_decl, description, NULL, ABSENT_RESET, "For people."));

const struct record target_decl_record = RECORD("target", struct target_decl,
	ENUM(struct target_decl, type, target_type_choices, NULL, ABSENT_DEFAULT,
		"oci: the cloud, by a profile of the OCI config file. local: weir-local.",
		.dflt = "oci"),
	FIELD_NAMED(struct target_decl, is_default, "default", FIELD_BOOL, struct opt_bool, NULL,
		ABSENT_RESET, "Whether it is taken when the command line names none."),
	STR(struct target_decl, was, NULL, ABSENT_RESET,
		"The target's key before it was renamed: what is there keeps its identity.",
		.ok = pipeline_key_ok, .ok_doc = PIPELINE_KEY_DOC),
	STR(struct target_decl, profile, NULL, ABSENT_DEFAULT, "Profile of the OCI config file.",
		.dflt = "DEFAULT"),
	STR(struct target_decl, config_file, NULL, ABSENT_DEFAULT, "The OCI config file.",
		.dflt = "~/.oci/config"),
	ENUM(struct target_decl, auth, target_auth_choices, NULL, ABSENT_RESET,
		"As whom requests are signed: an API key or a session of the profile, or the compute instance, "
		"function or run that weir is in, for which no config file is needed. What the profile is, "
		"unless given."),
	STR(struct target_decl, region, NULL, ABSENT_RESET,
		"Region, such as us-ashburn-1; the profile's unless given."),
	STR(struct target_decl, endpoint, NULL, ABSENT_RESET,
		"URL of one endpoint for all services, in place of the region's.",
		.ok = endpoint_ok, .ok_doc = "a URL without a path, such as http://127.0.0.1:8080"),
	STR(struct target_decl, compartment_id, NULL, ABSENT_RESET,
		"OCID of the compartment of runs, and of applications and new buckets that name none."),
	STRS(struct target_decl, also_look_in, NULL, ABSENT_RESET,
		"OCIDs of further compartments where applications of this pipeline may be, such as "
		"one that they were in before.",
		.max = 100),
	STRS(struct target_decl, protect, NULL, ABSENT_RESET,
		"`[delete]`: nothing is deleted at this target, however the file reads.", .max = 1),
	STR(struct target_decl, base_folder, NULL, ABSENT_RESET,
		"Local folder of its runs, in place of the pipeline's."),
	BOOL(struct target_decl, sync, NULL, ABSENT_RESET,
		"false: `weir run` uploads nothing, it takes what was applied. true unless given."),
	ANY(struct target_decl, parameters, NULL, ABSENT_RESET,
		"Values of declared parameters, by name."),
	ANY(struct target_decl, apps, NULL, ABSENT_RESET,
		"Fields by app, merged over those under `apps`."));

const struct record app_fields_record = RECORD_ON("app", struct app_fields, &application_record,
	STR(struct app_fields, script, NULL, ABSENT_RESET,
		"Local file: the program, uploaded to `script_bucket` when its content differs."),
	STR(struct app_fields, script_object, NULL, ABSENT_RESET,
		"Name of the script's object; `weir/PIPELINE/TARGET/scripts/SCRIPT` unless given.",
		.ok = object_name_ok, .ok_doc = OBJECT_NAME_DOC),
	BOOL(struct app_fields, overwrite, NULL, ABSENT_RESET,
		"Whether the object named by `script_object` may be written over if weir did not put it "
		"there."),
	STR(struct app_fields, archive, NULL, ABSENT_RESET, "One of `archives`: its dependencies.",
		.ok = pipeline_key_ok, .ok_doc = "a key of `archives`"),
	STR(struct app_fields, script_bucket, NULL, ABSENT_RESET,
		"Bucket of the script and the archive.", .ok = bucket_name_ok,
		.ok_doc = BUCKET_DOC),
	STR(struct app_fields, logs_bucket, NULL, ABSENT_RESET,
		"Bucket of the runs' logs; short for `logs_bucket_uri`.", .ok = bucket_name_ok,
		.ok_doc = BUCKET_DOC),
	STR(struct app_fields, warehouse_bucket, NULL, ABSENT_RESET,
		"Bucket of the warehouse; short for `warehouse_bucket_uri`.", .ok = bucket_name_ok,
		.ok_doc = BUCKET_DOC));

const struct record app_decl_record = {.name = "app",
	.size = sizeof(struct app_decl),
	.base = &app_fields_record,
	.fields = (const struct field[]){
		STR(struct app_decl, was, NULL, ABSENT_RESET,
			"The app's key before it was renamed: the application stays, with its OCID and "
			"runs.",
			.ok = pipeline_key_ok, .ok_doc = PIPELINE_KEY_DOC),
		STR(struct app_decl, adopt, NULL, ABSENT_RESET,
			"OCID of an application that is there and becomes this one.",
			.ok = application_id_ok,
			.ok_doc = "the OCID of an application: ocid1.dataflowapplication..."),
		{0}}};

const struct record bucket_decl_record = RECORD("bucket", struct bucket_decl,
	STR(struct bucket_decl, compartment_id, NULL, ABSENT_RESET,
		"OCID of the compartment to create it in; the target's unless given."),
	ENUM(struct bucket_decl, public_access_type, bucket_access_choices, NULL, ABSENT_SERVER,
		"What may be read without a signature.", .dflt = "NoPublicAccess"),
	ENUM(struct bucket_decl, storage_tier, bucket_tier_choices, NULL, ABSENT_SERVER,
		"Tier of new objects; fixed once the bucket is there.", .dflt = "Standard"),
	ENUM(struct bucket_decl, versioning, versioning_choices, NULL, ABSENT_SERVER,
		"Whether overwritten objects are kept.", .dflt = "disabled"),
	PAIRS(struct bucket_decl, freeform_tags, NULL, ABSENT_SERVER,
		"Freeform tags; only those named are managed.", .flags = FIELD_MERGED),
	TAGS(struct bucket_decl, defined_tags, NULL, ABSENT_SERVER,
		"Defined tags, as namespace.key; only those named are managed."));

const struct record object_decl_record = RECORD("object", struct object_decl,
	STR(struct object_decl, path, NULL, ABSENT_REQUIRED, "The local file.",
		.flags = FIELD_REQUIRED),
	STR(struct object_decl, bucket, NULL, ABSENT_REQUIRED, "Bucket to put it in.",
		.flags = FIELD_REQUIRED, .ok = bucket_name_ok, .ok_doc = BUCKET_DOC),
	STR(struct object_decl, object, NULL, ABSENT_RESET,
		"Name of the object; `weir/PIPELINE/TARGET/objects/KEY/FILE` unless given.",
		.ok = object_name_ok, .ok_doc = OBJECT_NAME_DOC),
	STR(struct object_decl, content_type, NULL, ABSENT_RESET,
		"Media type; application/octet-stream unless given."),
	BOOL(struct object_decl, overwrite, NULL, ABSENT_RESET,
		"Whether an object of that name may be written over that weir did not put there."),
	BOOL(struct object_decl, prevent_delete, NULL, ABSENT_RESET,
		"Whether the object is kept by `weir destroy`."));

char *archive_built_path(struct arena *a, const char *key)
{
	return arena_printf(a, ".weir/%s.zip", key);
}

/* "3.11" */
static bool python_ok(const char *s)
{
	size_t n = strspn(s + (s[0] == '3' && s[1] == '.' ? 2 : 0), "0123456789");
	return text_starts(s, "3.") && n > 0 && n <= 2 && !s[2 + n];
}

const struct record archive_decl_record = RECORD("archive", struct archive_decl,
	STR(struct archive_decl, path, NULL, ABSENT_RESET,
		"A zip file, in the form that Data Flow takes. Without it the archive is built, by `weir archive build`."),
	STR(struct archive_decl, packages, NULL, ABSENT_RESET,
		"A file of Maven coordinates, GROUP:ARTIFACT:VERSION a line, each perhaps followed by `!GROUP:ARTIFACT` for what is "
		"left out of its dependencies."),
	STR(struct archive_decl, requirements, NULL, ABSENT_RESET,
		"A file of Python requirements, as pip takes it."),
	STRS(struct archive_decl, files, NULL, ABSENT_RESET,
		"Files that go in as they are: jars into java/, others beside it."),
	STR(struct archive_decl, python, NULL, ABSENT_RESET,
		"The Python that the archive is for, that of the run. Default: 3.11.",
		.ok = python_ok, .ok_doc = "a version of Python such as 3.11"),
	STR(struct archive_decl, object, NULL, ABSENT_RESET,
		"Name of the object; `weir/PIPELINE/TARGET/archives/KEY.zip` unless given.",
		.ok = object_name_ok, .ok_doc = OBJECT_NAME_DOC),
	BOOL(struct archive_decl, overwrite, NULL, ABSENT_RESET,
		"Whether an object of that name may be written over that weir did not put there."));

const struct record printed_check_record = RECORD("printed", struct printed_check,
	STR(struct printed_check, contains, NULL, ABSENT_RESET, "A text that is in it."),
	STR(struct printed_check, matches, NULL, ABSENT_RESET,
		"Regular expression (PCRE2) that matches somewhere in it; `^` and `$` are those of a line."),
	PAIRS(struct printed_check, json, NULL, ABSENT_RESET,
		"Values in the last line that is JSON, by their paths: `rows.difference: 0`; a number in a "
		"path is an index."));

const struct record check_decl_record = RECORD("check", struct check_decl,
	OBJ(struct check_decl, printed, printed_check, NULL, ABSENT_RESET,
		"What the program printed, without what was logged around it."),
	STR(struct check_decl, objects, NULL, ABSENT_RESET,
		"The objects whose names begin so: at least one is there, unless the fields below say else.",
		.ok = oci_uri_bucket_ok,
		.ok_doc = "an address of objects: oci://bucket@namespace/PREFIX"),
	BOOL(struct check_decl, exists, NULL, ABSENT_RESET, "Of `objects`. false: there is none."),
	I64(struct check_decl, count, NULL, ABSENT_RESET, "Of `objects`: how many there are.",
		.min = 0, .max = -1),
	I64(struct check_decl, min_count, NULL, ABSENT_RESET, "Of `objects`: at least so many.",
		.min = 0, .max = -1),
	I64(struct check_decl, max_count, NULL, ABSENT_RESET, "Of `objects`: at most so many.",
		.min = 0, .max = -1),
	I64(struct check_decl, min_bytes, NULL, ABSENT_RESET,
		"Of `objects`: their sizes come to at least so many bytes.", .min = 0, .max = -1),
	I64(struct check_decl, max_bytes, NULL, ABSENT_RESET,
		"Of `objects`: their sizes come to at most so many bytes.", .min = 0, .max = -1),
	STR(struct check_decl, manifest, NULL, ABSENT_RESET,
		"An object of JSON lines, `{\"name\", \"size\", \"md5\"}`, beside the objects that they name: "
		"each is there, with that size and MD5 (base64).",
		.ok = oci_uri_ok, .ok_doc = OCI_URI_DOC),
	STRS(struct check_decl, not_logged, NULL, ABSENT_RESET,
		"Texts that are in none of the run's logs. `$<vault.OCID>`, or `$<vault.PARAMETER>` where that has "
		"the OCID, is the value of a secret, which `weir run` fetches; elsewhere it is an error.",
		.min = 1, .max = 100));

const struct record step_decl_record = RECORD_ON("step", struct step_decl, &run_given_record,
	STR(struct step_decl, app, NULL, ABSENT_REQUIRED, "The app it runs.",
		.flags = FIELD_REQUIRED),
	STRS(struct step_decl, needs, NULL, ABSENT_RESET,
		"Steps that must have succeeded before it starts."),
	FIELD_NAMED(struct step_decl, run.compartment_id, "compartment_id", FIELD_STR, const char *,
		NULL, ABSENT_RESET, "OCID of the run's compartment; the target's unless given."),
	STR(struct step_decl, logs_bucket, NULL, ABSENT_RESET,
		"Bucket of the run's logs; short for `logs_bucket_uri`.", .ok = bucket_name_ok,
		.ok_doc = BUCKET_DOC),
	STR(struct step_decl, warehouse_bucket, NULL, ABSENT_RESET,
		"Bucket of the run's warehouse; short for `warehouse_bucket_uri`.",
		.ok = bucket_name_ok, .ok_doc = BUCKET_DOC),
	KEYED(struct step_decl, checks, check_decl, ABSENT_RESET,
		"What must hold when its run has succeeded, by name; where one does not, the step has failed.",
		.max = 100, .key_ok = pipeline_key_ok, .key_pattern_doc = PIPELINE_KEY_DOC));

const struct record sequence_decl_record = RECORD("sequence", struct sequence_decl,
	STR(struct sequence_decl, description, NULL, ABSENT_RESET, "For people."),
	KEYED(struct sequence_decl, parameters, param_decl, ABSENT_RESET,
		"What `$<key>` can name in the steps, beside the pipeline's own.",
		.key_ok = param_key_ok, .key_pattern_doc = PARAM_KEY_DOC),
	KEYED(struct sequence_decl, steps, step_decl, ABSENT_REQUIRED,
		"The runs, by name; those that do not need each other run side by side.",
		.flags = FIELD_REQUIRED, .min = 1, .max = 1000, .key_ok = pipeline_key_ok,
		.key_pattern_doc = PIPELINE_KEY_DOC));

const struct record pipeline_record = RECORD("pipeline", struct pipeline,
	FIELD_NAMED(struct pipeline, name, "pipeline", FIELD_STR, const char *, NULL,
		ABSENT_REQUIRED, "Name of the pipeline: its identity in the live service.",
		.flags = FIELD_REQUIRED, .ok = pipeline_key_ok, .ok_doc = PIPELINE_KEY_DOC),
	STR(struct pipeline, was, NULL, ABSENT_RESET,
		"The pipeline's name before it was renamed: what is live keeps its identity.",
		.ok = pipeline_key_ok, .ok_doc = PIPELINE_KEY_DOC),
	STR(struct pipeline, description, NULL, ABSENT_RESET, "For people."),
	STR(struct pipeline, base_folder, NULL, ABSENT_RESET,
		"Local folder, beside the file, in which each run gets a folder of its own; `~/dataflow` "
		"unless given."),
	KEYED(struct pipeline, parameters, param_decl, ABSENT_RESET, "What `$<key>` can name.",
		MANY, .key_ok = param_key_ok, .key_pattern_doc = PARAM_KEY_DOC),
	KEYED(struct pipeline, targets, target_decl, ABSENT_RESET,
		"Where to; chosen with -t. None at all means `local: {type: local}`.", MANY,
		.key_ok = pipeline_key_ok, .key_pattern_doc = PIPELINE_KEY_DOC),
	OBJ(struct pipeline, defaults, app_fields, NULL, ABSENT_RESET,
		"Fields for every app below that does not have them.", .flags = FIELD_PARTIAL),
	KEYED(struct pipeline, buckets, bucket_decl, ABSENT_RESET,
		"Buckets by name: created when missing, never deleted.", MANY,
		.key_ok = bucket_name_ok, .key_pattern_doc = BUCKET_DOC),
	KEYED(struct pipeline, objects, object_decl, ABSENT_RESET, "Local files to upload.", MANY,
		.key_ok = pipeline_key_ok, .key_pattern_doc = PIPELINE_KEY_DOC),
	KEYED(struct pipeline, archives, archive_decl, ABSENT_RESET, "Dependency archives.", MANY,
		.key_ok = pipeline_key_ok, .key_pattern_doc = PIPELINE_KEY_DOC),
	KEYED(struct pipeline, apps, app_decl, ABSENT_RESET, "Data Flow applications.",
		.flags = FIELD_PARTIAL, MANY, .key_ok = pipeline_key_ok,
		.key_pattern_doc = PIPELINE_KEY_DOC),
	KEYED(struct pipeline, sequences, sequence_decl, ABSENT_RESET,
		"Runs of applications, in order.", MANY, .key_ok = pipeline_key_ok,
		.key_pattern_doc = PIPELINE_KEY_DOC));
