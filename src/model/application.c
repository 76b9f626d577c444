#include "model/application.h"

#include "base/text.h"
#include "model/oci_uri.h"

#include <string.h>

const char *const language_choices[] = {"PYTHON", "SQL", "JAVA", "SCALA", NULL};
const char *const application_type_choices[] = {"BATCH", "STREAMING", "SESSION", NULL};

bool parameter_name_ok(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	return n && !name[n];
}

bool configuration_key_ok(const char *key)
{
	return *key && strcmp(key, "spark.master") && !strpbrk(key, " \t\r\n=");
}

bool shape_is_flex(const char *shape)
{
	return text_ends(shape, "Flex");
}

static bool not_empty(const char *s)
{
	return *s;
}

/* Bounds that no shape exceeds; which shape takes how much is for the service to say. */
const struct record shape_config_record = RECORD("shape_config", struct shape_config,
	NUM(struct shape_config, ocpus, "ocpus", ABSENT_SERVER, "Number of OCPUs.", .min = 1,
		.max = 256, .letter = 'o'),
	NUM(struct shape_config, memory_in_gbs, "memoryInGBs", ABSENT_SERVER, "Memory in GB.",
		.min = 1, .max = 4096, .letter = 'm'));

const struct record log_config_record = RECORD("log_config", struct log_config,
	STR(struct log_config, log_group_id, "logGroupId", ABSENT_REQUIRED,
		"OCID of the log group.", .flags = FIELD_REQUIRED, .letter = 'g'),
	STR(struct log_config, log_id, "logId", ABSENT_REQUIRED, "OCID of the log.",
		.flags = FIELD_REQUIRED, .letter = 'l'));

/*
 * What absence means. The definition of an application is the file's alone: a description,
 * argument, parameter, property, class or archive that the file leaves out is cleared (RESET). What
 * it is attached to or sized by is often set by others, in the console or as the service's default,
 * and numbers cannot be cleared at all: left out, it is the service's (SERVER; STAYS where the API cannot
 * clear what weir set before).
 */
const struct record application_record = RECORD("application", struct application,
	STR(struct application, compartment_id, "compartmentId", ABSENT_REQUIRED,
		"OCID of the compartment. In a pipeline: the target's unless given; a change moves "
		"the application.",
		.flags = FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_MOVED),
	STR(struct application, display_name, "displayName", ABSENT_REQUIRED,
		"Name in the console and in lists. In a pipeline: `PIPELINE-APP` unless given.",
		.flags = FIELD_REQUIRED, .ok = not_empty, .ok_doc = "at least one character",
		.letter = 'n'),
	STR(struct application, description, "description", ABSENT_RESET, "For people.",
		.letter = 'd'),
	ENUM(struct application, language, language_choices, "language", ABSENT_REQUIRED,
		"Language of the program. In a pipeline: by the script's name (.py, .sql) unless "
		"given.",
		.flags = FIELD_REQUIRED, .letter = 'l'),
	ENUM(struct application, type, application_type_choices, "type", ABSENT_STAYS,
		"Kind of runs. A change re-creates the application.", .flags = FIELD_IMMUTABLE,
		.dflt = "BATCH", .letter = 't'),
	STR(struct application, spark_version, "sparkVersion", ABSENT_REQUIRED,
		"Spark version, such as 3.5.0.", .flags = FIELD_REQUIRED, .letter = 'v'),
	STR(struct application, file_uri, "fileUri", ABSENT_STAYS,
		"Address of the program. In a pipeline: made from `script` and `script_bucket`.",
		.ok = oci_uri_ok, .ok_doc = OCI_URI_DOC, .letter = 'f'),
	STR(struct application, class_name, "className", ABSENT_RESET,
		"Main class, for JAVA and SCALA.", .letter = 'k'),
	STRS(struct application, arguments, "arguments", ABSENT_RESET,
		"Arguments of the program. `${name}` in one stands for the parameter of that name.",
		.letter = 'a'),
	PARAMS(struct application, parameters, "parameters", ABSENT_RESET,
		"Data Flow parameters: what `${name}` stands for, unless a run says otherwise.",
		.key_ok = parameter_name_ok, .key_pattern_doc = PARAMETER_NAME_DOC, .letter = 'p'),
	STR(struct application, execute, "execute", ABSENT_RESET,
		"A spark-submit command line, in place of script, class, arguments and "
		"parameters.",
		.letter = 'x'),
	PAIRS(struct application, configuration, "configuration", ABSENT_RESET, "Spark properties.",
		.key_ok = configuration_key_ok, .key_pattern_doc = CONFIGURATION_KEY_DOC,
		.letter = 's'),
	STR(struct application, archive_uri, "archiveUri", ABSENT_RESET,
		"Address of the dependency archive; several are joined by commas. In a pipeline: "
		"made from "
		"`archive`.",
		.ok = oci_uri_list_ok, .ok_doc = OCI_URI_DOC, .letter = 'z'),
	STR(struct application, driver_shape, "driverShape", ABSENT_REQUIRED,
		"Shape of the driver, such as VM.Standard.E4.Flex.", .flags = FIELD_REQUIRED,
		.letter = 'q'),
	OBJ(struct application, driver_shape_config, shape_config, "driverShapeConfig",
		ABSENT_SERVER, "Size of the driver, for a Flex shape.", .letter = 'D'),
	STR(struct application, executor_shape, "executorShape", ABSENT_REQUIRED,
		"Shape of the executors, of the same family as the driver's. In a pipeline: the "
		"driver's unless given.",
		.flags = FIELD_REQUIRED, .letter = 'r'),
	OBJ(struct application, executor_shape_config, shape_config, "executorShapeConfig",
		ABSENT_SERVER,
		"Size of an executor, for a Flex shape. In a pipeline: the driver's where the "
		"shape is.",
		.letter = 'E'),
	I64(struct application, num_executors, "numExecutors", ABSENT_REQUIRED,
		"Number of executors. In a pipeline: 1 unless given.", .flags = FIELD_REQUIRED,
		.min = 1, .max = APPLICATION_EXECUTORS_MAX, .letter = 'e'),
	STR(struct application, logs_bucket_uri, "logsBucketUri", ABSENT_SERVER,
		"Where runs put their logs. In a pipeline: made from `logs_bucket`.",
		.flags = FIELD_FILLED, .ok = oci_uri_bucket_ok, .ok_doc = OCI_URI_BUCKET_DOC,
		.canon = oci_uri_canon, .letter = 'b'),
	STR(struct application, warehouse_bucket_uri, "warehouseBucketUri", ABSENT_SERVER,
		"Default warehouse of BATCH SQL runs. In a pipeline: made from `warehouse_bucket`.",
		.ok = oci_uri_bucket_ok, .ok_doc = OCI_URI_BUCKET_DOC, .canon = oci_uri_canon,
		.letter = 'w'),
	STR(struct application, metastore_id, "metastoreId", ABSENT_SERVER,
		"OCID of the Hive metastore.", .letter = 'h'),
	STR(struct application, pool_id, "poolId", ABSENT_SERVER, "OCID of the pool.",
		.letter = 'o'),
	STR(struct application, private_endpoint_id, "privateEndpointId", ABSENT_SERVER,
		"OCID of the private endpoint.", .letter = 'i'),
	OBJ(struct application, application_log_config, log_config, "applicationLogConfig",
		ABSENT_SERVER, "OCI Logging, for the driver's and executors' logs.", .letter = 'L'),
	I64(struct application, max_duration_in_minutes, "maxDurationInMinutes", ABSENT_STAYS,
		"Minutes after which a run is stopped.", .min = 1, .max = APPLICATION_MINUTES_MAX,
		.letter = 'm'),
	I64(struct application, idle_timeout_in_minutes, "idleTimeoutInMinutes", ABSENT_STAYS,
		"Idle minutes after which a SESSION run is stopped; the service's default is 2880.",
		.min = 1, .max = APPLICATION_MINUTES_MAX, .letter = 'y'),
	PAIRS(struct application, freeform_tags, "freeformTags", ABSENT_SERVER,
		"Freeform tags; only those named are managed.", .flags = FIELD_MERGED),
	TAGS(struct application, defined_tags, "definedTags", ABSENT_SERVER,
		"Defined tags, as namespace.key; only those named are managed."),
	BOOL(struct application, prevent_delete, NULL, ABSENT_RESET,
		"Whether the application is kept, also when the file no longer has it, and never "
		"re-created.",
		.letter = 'u'),
	STR(struct application, id, "id", ABSENT_REQUIRED, "OCID.", .flags = FIELD_COMPUTED),
	STR(struct application, lifecycle_state, "lifecycleState", ABSENT_REQUIRED,
		"ACTIVE, INACTIVE, DELETING or DELETED.", .flags = FIELD_COMPUTED),
	STR(struct application, owner_principal_id, "ownerPrincipalId", ABSENT_REQUIRED,
		"OCID of who made it.", .flags = FIELD_COMPUTED),
	STR(struct application, owner_user_name, "ownerUserName", ABSENT_REQUIRED,
		"Name of who made it.", .flags = FIELD_COMPUTED),
	STR(struct application, time_created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED),
	STR(struct application, time_updated, "timeUpdated", ABSENT_REQUIRED,
		"When it was changed last.", .flags = FIELD_COMPUTED));

bool application_derives(const char *name)
{
	static const char *const names[] = {
		"file_uri", "class_name", "language", "arguments", "parameters", "configuration"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

void application_take_derived(struct application *want, const struct application *live)
{
	if (text_empty(want->execute))
		return;
	want->file_uri = live->file_uri;
	want->class_name = live->class_name;
	want->language = live->language;
	want->arguments = live->arguments;
	want->parameters = live->parameters;
	want->configuration = live->configuration;
}

bool application_is_gone(const struct application *app)
{
	return text_equal(app->lifecycle_state, "DELETED") ||
		text_equal(app->lifecycle_state, "DELETING");
}
