/*
 * A run of an application. What a create request leaves out is the application's (Data Flow API 20200129,
 * CreateRunDetails: "inherits"); overriding one parameter means sending all, since the list is replaced.
 * Units as in application.h; runDurationInMilliseconds in ms, data in bytes.
 */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include "model/application.h"

struct run {
	const char *application_id;
	const char *compartment_id;
	const char *display_name;
	const char *type;
	struct strs arguments;
	struct pairs parameters;
	const char *execute;
	struct pairs configuration;
	const char *archive_uri;
	const char *driver_shape;
	struct shape_config *driver_shape_config;
	const char *executor_shape;
	struct shape_config *executor_shape_config;
	struct opt_i64 num_executors;
	const char *spark_version;
	const char *logs_bucket_uri;
	const char *warehouse_bucket_uri;
	const char *metastore_id;
	const char *pool_id;
	struct log_config *application_log_config;
	struct opt_i64 max_duration_in_minutes;
	struct opt_i64 idle_timeout_in_minutes;
	struct pairs freeform_tags;
	struct pairs defined_tags;
	/* The service's own. */
	const char *id;
	const char *lifecycle_state;
	const char *lifecycle_details;
	const char *language;
	const char *file_uri;
	const char *class_name;
	const char *opc_request_id; /* the logs are in the logs bucket under <this>/<log name> */
	const char *owner_principal_id;
	const char *owner_user_name;
	const char *private_endpoint_id;
	struct strs private_endpoint_dns_zones;
	struct opt_i64 private_endpoint_max_host_count;
	struct strs private_endpoint_nsg_ids;
	const char *private_endpoint_subnet_id;
	struct opt_i64 data_read_in_bytes;
	struct opt_i64 data_written_in_bytes;
	struct opt_i64 run_duration_in_milliseconds;
	struct opt_i64 total_o_cpu;
	const char *time_created;
	const char *time_updated;
};
struct run_log {
	const char *name, *run_id, *source, *type;
	struct opt_i64 size_in_bytes;
	const char *time_created;
};

/* run_given_record: what each run of an application may have otherwise than its application; the contract lets
   no run have another file, class, language or Spark version. */
extern const struct record run_record, run_given_record, run_log_record;
extern const char *const run_state_choices[];

/* SUCCEEDED, FAILED, CANCELED, STOPPED. */
bool run_state_is_terminal(const char *state);
/* 0 SUCCEEDED, 6 FAILED, 7 CANCELED or STOPPED; -1 while it goes on. */
int run_state_exit_status(const char *state);

#endif
