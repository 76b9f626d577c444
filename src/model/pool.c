#include "model/pool.h"

const char *const pool_state_choices[] = {"ACCEPTED", "SCHEDULED", "CREATING", "ACTIVE", "STOPPING",
	"STOPPED", "UPDATING", "DELETING", "DELETED", "FAILED", NULL};
static const char *const days[] = {
	"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", NULL};

static bool not_empty(const char *s)
{
	return *s;
}

const struct record pool_config_record = RECORD("pool_config", struct pool_config,
	STR(struct pool_config, shape, "shape", ABSENT_SERVER, "Shape of the machines."),
	OBJ(struct pool_config, shape_config, shape_config, "shapeConfig", ABSENT_SERVER,
		"Size of a machine, for a Flex shape."),
	I64(struct pool_config, min, "min", ABSENT_SERVER, "Machines that are there at least.",
		.min = 0, .max = 10000),
	I64(struct pool_config, max, "max", ABSENT_SERVER, "Machines that are there at most.",
		.min = 1, .max = 10000));

const struct record pool_schedule_record = RECORD("pool_schedule", struct pool_schedule,
	ENUM(struct pool_schedule, day_of_week, days, "dayOfWeek", ABSENT_SERVER, "Day."),
	I64(struct pool_schedule, start_time, "startTime", ABSENT_SERVER, "Hour of the start.",
		.min = 0, .max = 23),
	I64(struct pool_schedule, stop_time, "stopTime", ABSENT_SERVER, "Hour of the end.",
		.min = 0, .max = 23));

const struct record pool_record = RECORD("pool", struct pool,
	STR(struct pool, compartment_id, "compartmentId", ABSENT_REQUIRED,
		"OCID of the compartment.", .flags = FIELD_REQUIRED | FIELD_IMMUTABLE),
	STR(struct pool, display_name, "displayName", ABSENT_REQUIRED, "Name, not unique.",
		.flags = FIELD_REQUIRED, .ok = not_empty, .ok_doc = "at least one character"),
	STR(struct pool, description, "description", ABSENT_RESET, "For people."),
	ANY(struct pool, configurations, "configurations", ABSENT_REQUIRED,
		"Machines, by their shapes.", .flags = FIELD_REQUIRED),
	ANY(struct pool, schedules, "schedules", ABSENT_SERVER, "When it starts and stops."),
	I64(struct pool, idle_timeout_in_minutes, "idleTimeoutInMinutes", ABSENT_SERVER,
		"Idle minutes after which it stops.", .min = 1, .max = APPLICATION_MINUTES_MAX),
	PAIRS(struct pool, freeform_tags, "freeformTags", ABSENT_SERVER, "Freeform tags.",
		.flags = FIELD_MERGED),
	TAGS(struct pool, defined_tags, "definedTags", ABSENT_SERVER, "Defined tags."),
	STR(struct pool, id, "id", ABSENT_REQUIRED, "OCID.", .flags = FIELD_COMPUTED),
	ENUM(struct pool, lifecycle_state, pool_state_choices, "lifecycleState", ABSENT_REQUIRED,
		"How far it is.", .flags = FIELD_COMPUTED | FIELD_OPEN),
	STR(struct pool, lifecycle_details, "lifecycleDetails", ABSENT_REQUIRED, "Why it FAILED.",
		.flags = FIELD_COMPUTED),
	ANY(struct pool, pool_metrics, "poolMetrics", ABSENT_REQUIRED,
		"When it was started and stopped, and what uses it.", .flags = FIELD_COMPUTED),
	STR(struct pool, owner_principal_id, "ownerPrincipalId", ABSENT_REQUIRED,
		"OCID of who made it.", .flags = FIELD_COMPUTED),
	STR(struct pool, owner_user_name, "ownerUserName", ABSENT_REQUIRED, "Name of who made it.",
		.flags = FIELD_COMPUTED),
	STR(struct pool, time_created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED),
	STR(struct pool, time_updated, "timeUpdated", ABSENT_REQUIRED, "When it was changed last.",
		.flags = FIELD_COMPUTED));
