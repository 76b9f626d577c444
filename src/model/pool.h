/*
 * A Data Flow pool: machines that are kept ready for runs. Facts: Data Flow API 20200129, CreatePoolDetails,
 * UpdatePoolDetails, Pool. Hours of schedules are 0 to 23, in UTC; times RFC 3339.
 */
#ifndef MODEL_POOL_H
#define MODEL_POOL_H

#include "model/application.h"

struct pool_config {
	const char *shape;
	struct shape_config *shape_config;
	struct opt_i64 min, max;
};
struct pool_schedule {
	const char *day_of_week;
	struct opt_i64 start_time, stop_time;
};
struct pool {
	const char *compartment_id;
	const char *display_name;
	const char *description;
	const struct node *configurations; /* a list of struct pool_config */
	const struct node *schedules;      /* a list of struct pool_schedule */
	struct opt_i64 idle_timeout_in_minutes;
	struct pairs freeform_tags;
	struct pairs defined_tags;
	/* The service's own. */
	const char *id;
	const char *lifecycle_state;
	const char *lifecycle_details;
	const struct node *pool_metrics;
	const char *owner_principal_id;
	const char *owner_user_name;
	const char *time_created;
	const char *time_updated;
};
extern const struct record pool_config_record, pool_schedule_record, pool_record;
extern const char *const pool_state_choices[];

#endif
