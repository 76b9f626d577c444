/*
 * A Data Flow private endpoint: the way of runs into a private network. Facts: Data Flow API 20200129,
 * CreatePrivateEndpointDetails, UpdatePrivateEndpointDetails, PrivateEndpoint. INACTIVE is ready, and idle.
 */
#ifndef MODEL_PRIVATE_ENDPOINT_H
#define MODEL_PRIVATE_ENDPOINT_H

#include "field/field.h"

struct scan {
	const char *fqdn, *port;
};
struct private_endpoint {
	const char *compartment_id;
	const char *display_name;
	const char *description;
	struct strs dns_zones;
	const char *subnet_id;
	struct opt_i64 max_host_count; /* the service rounds it up to a multiple of 256 */
	struct strs nsg_ids;
	const struct node *scan_details; /* a list of struct scan */
	const struct node *security_attributes;
	struct pairs freeform_tags;
	struct pairs defined_tags;
	/* The service's own. */
	const char *id;
	const char *lifecycle_state;
	const char *lifecycle_details;
	const char *owner_principal_id;
	const char *owner_user_name;
	const char *time_created;
	const char *time_updated;
};
extern const struct record scan_record, private_endpoint_record;
extern const char *const private_endpoint_state_choices[];

#endif
