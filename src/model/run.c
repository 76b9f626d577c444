#include "model/run.h"

#include "base/text.h"
#include "model/oci_uri.h"

const char *const run_state_choices[] = {"ACCEPTED", "IN_PROGRESS", "CANCELING", "CANCELED",
	"FAILED", "SUCCEEDED", "STOPPING", "STOPPED", NULL};
static const char *const log_source_choices[] = {"APPLICATION", "DRIVER", "EXECUTOR", NULL};
static const char *const log_type_choices[] = {"STDOUT", "STDERR", NULL};

/* UpdateRunDetails has the tags and the two durations alone: the rest is immutable. What a run
   leaves out is the application's. */
const struct record run_given_record = RECORD("run", struct run,
	STR(struct run, display_name, "displayName", ABSENT_SERVER, "Name in the console.",
		.flags = FIELD_IMMUTABLE),
	ENUM(struct run, type, application_type_choices, "type", ABSENT_SERVER, "Kind of run.",
		.flags = FIELD_IMMUTABLE),
	STRS(struct run, arguments, "arguments", ABSENT_SERVER,
		"Arguments of the program; they replace the application's.",
		.flags = FIELD_IMMUTABLE),
	PARAMS(struct run, parameters, "parameters", ABSENT_SERVER,
		"Data Flow parameters, over the application's.", .flags = FIELD_IMMUTABLE,
		.key_ok = parameter_name_ok, .key_pattern_doc = PARAMETER_NAME_DOC),
	PAIRS(struct run, configuration, "configuration", ABSENT_SERVER,
		"Spark properties, over the application's.", .flags = FIELD_IMMUTABLE,
		.key_ok = configuration_key_ok, .key_pattern_doc = CONFIGURATION_KEY_DOC),
	STR(struct run, archive_uri, "archiveUri", ABSENT_SERVER,
		"Address of the dependency archive.", .flags = FIELD_IMMUTABLE,
		.ok = oci_uri_list_ok, .ok_doc = OCI_URI_DOC),
	STR(struct run, driver_shape, "driverShape", ABSENT_SERVER, "Shape of the driver.",
		.flags = FIELD_IMMUTABLE),
	OBJ(struct run, driver_shape_config, shape_config, "driverShapeConfig", ABSENT_SERVER,
		"Size of the driver.", .flags = FIELD_IMMUTABLE),
	STR(struct run, executor_shape, "executorShape", ABSENT_SERVER, "Shape of the executors.",
		.flags = FIELD_IMMUTABLE),
	OBJ(struct run, executor_shape_config, shape_config, "executorShapeConfig", ABSENT_SERVER,
		"Size of an executor.", .flags = FIELD_IMMUTABLE),
	I64(struct run, num_executors, "numExecutors", ABSENT_SERVER, "Number of executors.",
		.flags = FIELD_IMMUTABLE, .min = 1, .max = APPLICATION_EXECUTORS_MAX),
	STR(struct run, logs_bucket_uri, "logsBucketUri", ABSENT_SERVER, "Where the logs go.",
		.flags = FIELD_IMMUTABLE, .ok = oci_uri_bucket_ok, .ok_doc = OCI_URI_BUCKET_DOC,
		.canon = oci_uri_canon),
	STR(struct run, warehouse_bucket_uri, "warehouseBucketUri", ABSENT_SERVER,
		"Default warehouse of BATCH SQL runs.", .flags = FIELD_IMMUTABLE,
		.ok = oci_uri_bucket_ok, .ok_doc = OCI_URI_BUCKET_DOC, .canon = oci_uri_canon),
	STR(struct run, metastore_id, "metastoreId", ABSENT_SERVER, "OCID of the Hive metastore.",
		.flags = FIELD_IMMUTABLE),
	STR(struct run, pool_id, "poolId", ABSENT_SERVER, "OCID of the pool.",
		.flags = FIELD_IMMUTABLE),
	OBJ(struct run, application_log_config, log_config, "applicationLogConfig", ABSENT_SERVER,
		"OCI Logging.", .flags = FIELD_IMMUTABLE),
	I64(struct run, max_duration_in_minutes, "maxDurationInMinutes", ABSENT_SERVER,
		"Minutes, from IN_PROGRESS on, after which it is stopped.", .min = 1,
		.max = APPLICATION_MINUTES_MAX),
	I64(struct run, idle_timeout_in_minutes, "idleTimeoutInMinutes", ABSENT_SERVER,
		"Idle minutes after which a SESSION run is stopped.", .min = 1,
		.max = APPLICATION_MINUTES_MAX),
	PAIRS(struct run, freeform_tags, "freeformTags", ABSENT_SERVER,
		"Freeform tags, beside the application's.", .flags = FIELD_MERGED),
	TAGS(struct run, defined_tags, "definedTags", ABSENT_SERVER, "Defined tags."));

/* What is the application's for good where there is one, and what the service adds. */
const struct record run_record = RECORD_ON("run", struct run, &run_given_record,
	STR(struct run, application_id, "applicationId", ABSENT_SERVER,
		"OCID of the application; or `execute`.", .flags = FIELD_IMMUTABLE),
	STR(struct run, compartment_id, "compartmentId", ABSENT_REQUIRED,
		"OCID of the compartment.", .flags = FIELD_REQUIRED | FIELD_IMMUTABLE),
	STR(struct run, execute, "execute", ABSENT_SERVER, "A spark-submit command line.",
		.flags = FIELD_IMMUTABLE),
	STR(struct run, spark_version, "sparkVersion", ABSENT_SERVER,
		"Spark version, for runs without an application.", .flags = FIELD_IMMUTABLE),
	STR(struct run, id, "id", ABSENT_REQUIRED, "OCID.", .flags = FIELD_COMPUTED),
	ENUM(struct run, lifecycle_state, run_state_choices, "lifecycleState", ABSENT_REQUIRED,
		"How far it is.", .flags = FIELD_COMPUTED | FIELD_OPEN),
	STR(struct run, lifecycle_details, "lifecycleDetails", ABSENT_REQUIRED,
		"Why it FAILED or STOPPED.", .flags = FIELD_COMPUTED),
	STR(struct run, language, "language", ABSENT_REQUIRED, "Language of the program.",
		.flags = FIELD_COMPUTED),
	STR(struct run, file_uri, "fileUri", ABSENT_REQUIRED, "Address of the program.",
		.flags = FIELD_COMPUTED),
	STR(struct run, class_name, "className", ABSENT_REQUIRED, "Main class.",
		.flags = FIELD_COMPUTED),
	STR(struct run, opc_request_id, "opcRequestId", ABSENT_REQUIRED,
		"Request that made it; the logs' folder.", .flags = FIELD_COMPUTED),
	STR(struct run, owner_principal_id, "ownerPrincipalId", ABSENT_REQUIRED,
		"OCID of who made it.", .flags = FIELD_COMPUTED),
	STR(struct run, owner_user_name, "ownerUserName", ABSENT_REQUIRED, "Name of who made it.",
		.flags = FIELD_COMPUTED),
	STR(struct run, private_endpoint_id, "privateEndpointId", ABSENT_REQUIRED,
		"OCID of the private endpoint.", .flags = FIELD_COMPUTED),
	STRS(struct run, private_endpoint_dns_zones, "privateEndpointDnsZones", ABSENT_REQUIRED,
		"DNS zones of the private endpoint.", .flags = FIELD_COMPUTED),
	I64(struct run, private_endpoint_max_host_count, "privateEndpointMaxHostCount",
		ABSENT_REQUIRED, "Hosts that the private endpoint may reach.",
		.flags = FIELD_COMPUTED),
	STRS(struct run, private_endpoint_nsg_ids, "privateEndpointNsgIds", ABSENT_REQUIRED,
		"Network security groups of the private endpoint.", .flags = FIELD_COMPUTED),
	STR(struct run, private_endpoint_subnet_id, "privateEndpointSubnetId", ABSENT_REQUIRED,
		"Subnet of the private endpoint.", .flags = FIELD_COMPUTED),
	I64(struct run, data_read_in_bytes, "dataReadInBytes", ABSENT_REQUIRED, "Bytes read.",
		.flags = FIELD_COMPUTED),
	I64(struct run, data_written_in_bytes, "dataWrittenInBytes", ABSENT_REQUIRED,
		"Bytes written.", .flags = FIELD_COMPUTED),
	I64(struct run, run_duration_in_milliseconds, "runDurationInMilliseconds", ABSENT_REQUIRED,
		"How long it took.", .flags = FIELD_COMPUTED),
	I64(struct run, total_o_cpu, "totalOCpu", ABSENT_REQUIRED, "OCPUs of driver and executors.",
		.flags = FIELD_COMPUTED),
	STR(struct run, time_created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED),
	STR(struct run, time_updated, "timeUpdated", ABSENT_REQUIRED, "When it was changed last.",
		.flags = FIELD_COMPUTED));

const struct record run_log_record = RECORD("run_log", struct run_log,
	STR(struct run_log, name, "name", ABSENT_REQUIRED, "Name of the log.",
		.flags = FIELD_COMPUTED),
	STR(struct run_log, run_id, "runId", ABSENT_REQUIRED, "OCID of the run.",
		.flags = FIELD_COMPUTED),
	ENUM(struct run_log, source, log_source_choices, "source", ABSENT_REQUIRED,
		"What wrote it.", .flags = FIELD_COMPUTED | FIELD_OPEN),
	ENUM(struct run_log, type, log_type_choices, "type", ABSENT_REQUIRED, "Which stream.",
		.flags = FIELD_COMPUTED | FIELD_OPEN),
	I64(struct run_log, size_in_bytes, "sizeInBytes", ABSENT_REQUIRED, "Size in bytes.",
		.flags = FIELD_COMPUTED),
	STR(struct run_log, time_created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED));

bool run_state_is_terminal(const char *state)
{
	return run_state_exit_status(state) >= 0;
}

int run_state_exit_status(const char *state)
{
	if (text_equal(state, "SUCCEEDED"))
		return 0;
	if (text_equal(state, "FAILED"))
		return 6;
	return text_equal(state, "CANCELED") || text_equal(state, "STOPPED") ? 7 : -1;
}
