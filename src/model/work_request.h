/*
 * A Data Flow work request: a change that goes on after its reply. Facts: Data Flow API 20200129, WorkRequest,
 * WorkRequestLog, WorkRequestError ("workRequestid" is spelled so). Its operations are more than those of the
 * contract's list, which has only private endpoints'.
 */
#ifndef MODEL_WORK_REQUEST_H
#define MODEL_WORK_REQUEST_H

#include "field/field.h"

struct work_request {
	const char *id, *compartment_id, *operation, *status;
	struct opt_num percent_complete;
	const struct node *resources; /* [{actionType, resourceId, resourceType, resourceUri}] */
	const char *time_accepted, *time_started, *time_finished;
};
struct work_request_log {
	struct opt_i64 id;
	const char *work_request_id, *message, *timestamp;
	const char *code; /* of errors */
};
extern const struct record work_request_record, work_request_log_record, work_request_error_record;

#endif
