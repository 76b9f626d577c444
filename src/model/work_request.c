#include "model/work_request.h"

static const char *const statuses[] = {
	"ACCEPTED", "INPROGRESS", "FAILED", "SUCCEEDED", "CANCELLING", "CANCELLED", NULL};

#define TOLD(m, a, d) STR(struct work_request, m, a, ABSENT_REQUIRED, d, .flags = FIELD_COMPUTED)
const struct record work_request_record = RECORD("work_request", struct work_request,
	TOLD(id, "id", "OCID."), TOLD(compartment_id, "compartmentId", "OCID of the compartment."),
	TOLD(operation, "operation", "What is done."),
	ENUM(struct work_request, status, statuses, "status", ABSENT_REQUIRED, "How far it is.",
		.flags = FIELD_COMPUTED | FIELD_OPEN),
	NUM(struct work_request, percent_complete, "percentComplete", ABSENT_REQUIRED,
		"How much is done.", .flags = FIELD_COMPUTED),
	ANY(struct work_request, resources, "resources", ABSENT_REQUIRED, "What is changed.",
		.flags = FIELD_COMPUTED),
	TOLD(time_accepted, "timeAccepted", "When it was asked for."),
	TOLD(time_started, "timeStarted", "When it began."),
	TOLD(time_finished, "timeFinished", "When it ended."));

#define LOGGED(m, a, d) \
	STR(struct work_request_log, m, a, ABSENT_REQUIRED, d, .flags = FIELD_COMPUTED)
#define LOG_ROWS                                                                       \
	I64(struct work_request_log, id, "id", ABSENT_REQUIRED, "Number, from 1.",     \
		.flags = FIELD_COMPUTED),                                              \
		LOGGED(work_request_id, "workRequestid", "OCID of the work request."), \
		LOGGED(message, "message", "What happened."),                          \
		LOGGED(timestamp, "timestamp", "When.")
const struct record work_request_log_record =
	RECORD("work_request_log", struct work_request_log, LOG_ROWS);
const struct record work_request_error_record = RECORD("work_request_error",
	struct work_request_log, LOGGED(code, "code", "Kind of error."), LOG_ROWS);
