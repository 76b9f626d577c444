/*
 * A Data Flow application: every field that create and update take, and what the service adds. Facts:
 * Data Flow API 20200129, CreateApplicationDetails, UpdateApplicationDetails, Application.
 * Units: memory in GB, durations in minutes, times RFC 3339 in UTC.
 */
#ifndef MODEL_APPLICATION_H
#define MODEL_APPLICATION_H

#include "field/field.h"

struct shape_config {
	struct opt_num ocpus;
	struct opt_num memory_in_gbs;
};
struct log_config {
	const char *log_group_id, *log_id;
};
struct application {
	const char *compartment_id;
	const char *display_name;
	const char *description;
	const char *language;
	const char *type;
	const char *spark_version;
	const char *file_uri;
	const char *class_name;
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
	const char *logs_bucket_uri;
	const char *warehouse_bucket_uri;
	const char *metastore_id;
	const char *pool_id;
	const char *private_endpoint_id;
	struct log_config *application_log_config;
	struct opt_i64 max_duration_in_minutes;
	struct opt_i64 idle_timeout_in_minutes;
	struct pairs freeform_tags;
	struct pairs defined_tags;
	struct opt_bool
		prevent_delete; /* weir's own: of a live one as `weir-set` remembers it (remember.h) */
	/* The service's own. */
	const char *id;
	const char *lifecycle_state;
	const char *owner_principal_id;
	const char *owner_user_name;
	const char *time_created;
	const char *time_updated;
};

/* Sanity bounds, of applications and runs: none is documented (a year of minutes). */
enum { APPLICATION_EXECUTORS_MAX = 10000, APPLICATION_MINUTES_MAX = 525600 };
/* Of any resource. */
enum { FREEFORM_TAGS_MAX = 10 };

extern const struct record shape_config_record, log_config_record, application_record;
extern const char *const language_choices[], *const application_type_choices[];

/* Names of Data Flow parameters: [A-Za-z0-9_]+. */
bool parameter_name_ok(const char *name);
/* Spark properties that an application may set: any but spark.master, which is the service's. */
bool configuration_key_ok(const char *key);
#define PARAMETER_NAME_DOC "a parameter's name: letters, digits and _"
#define CONFIGURATION_KEY_DOC "a Spark property, and not spark.master, which is the service's"

/* Deleted, or about to be: it can be seen for a while, and is nobody's any more. */
bool application_is_gone(const struct application *app);

/* From `execute` the service derives file, class, language, arguments, parameters and configuration, and ignores
   what a request says of them: where want has `execute`, these are taken from live, so that they are no
   difference. To be called before field_diff. */
void application_take_derived(struct application *want, const struct application *live);

/* Whether the field of that name is one of them. */
bool application_derives(const char *name);

/* Whether a shape takes a shape config: its name ends in "Flex". */
bool shape_is_flex(const char *shape);

#endif
