#include "model/private_endpoint.h"

const char *const private_endpoint_state_choices[] = {
	"CREATING", "ACTIVE", "INACTIVE", "UPDATING", "DELETING", "DELETED", "FAILED", NULL};

static bool not_empty(const char *s)
{
	return *s;
}

const struct record scan_record = RECORD("scan", struct scan,
	STR(struct scan, fqdn, "fqdn", ABSENT_SERVER, "Name of the database's scan listener."),
	STR(struct scan, port, "port", ABSENT_SERVER, "Its port."));

const struct record private_endpoint_record = RECORD("private_endpoint", struct private_endpoint,
	STR(struct private_endpoint, compartment_id, "compartmentId", ABSENT_REQUIRED,
		"OCID of the compartment.", .flags = FIELD_REQUIRED | FIELD_IMMUTABLE),
	STR(struct private_endpoint, display_name, "displayName", ABSENT_SERVER,
		"Name, not unique."),
	STR(struct private_endpoint, description, "description", ABSENT_RESET, "For people."),
	STRS(struct private_endpoint, dns_zones, "dnsZones", ABSENT_REQUIRED,
		"DNS zones that are looked up in the network.", .flags = FIELD_REQUIRED, .min = 1,
		.max = 1000),
	STR(struct private_endpoint, subnet_id, "subnetId", ABSENT_REQUIRED, "OCID of the subnet.",
		.flags = FIELD_REQUIRED | FIELD_IMMUTABLE, .ok = not_empty,
		.ok_doc = "the OCID of a subnet"),
	I64(struct private_endpoint, max_host_count, "maxHostCount", ABSENT_SERVER,
		"Hosts that can be reached; rounded up to a multiple of 256.", .min = 1,
		.max = 1 << 20),
	STRS(struct private_endpoint, nsg_ids, "nsgIds", ABSENT_SERVER,
		"OCIDs of network security groups.", .min = 0, .max = 100),
	ANY(struct private_endpoint, scan_details, "scanDetails", ABSENT_SERVER,
		"Scan listeners of databases."),
	ANY(struct private_endpoint, security_attributes, "securityAttributes", ABSENT_SERVER,
		"Labels of zero trust packet routing."),
	PAIRS(struct private_endpoint, freeform_tags, "freeformTags", ABSENT_SERVER,
		"Freeform tags.", .flags = FIELD_MERGED),
	TAGS(struct private_endpoint, defined_tags, "definedTags", ABSENT_SERVER, "Defined tags."),
	STR(struct private_endpoint, id, "id", ABSENT_REQUIRED, "OCID.", .flags = FIELD_COMPUTED),
	ENUM(struct private_endpoint, lifecycle_state, private_endpoint_state_choices,
		"lifecycleState", ABSENT_REQUIRED, "How far it is.",
		.flags = FIELD_COMPUTED | FIELD_OPEN),
	STR(struct private_endpoint, lifecycle_details, "lifecycleDetails", ABSENT_REQUIRED,
		"Why it FAILED.", .flags = FIELD_COMPUTED),
	STR(struct private_endpoint, owner_principal_id, "ownerPrincipalId", ABSENT_REQUIRED,
		"OCID of who made it.", .flags = FIELD_COMPUTED),
	STR(struct private_endpoint, owner_user_name, "ownerUserName", ABSENT_REQUIRED,
		"Name of who made it.", .flags = FIELD_COMPUTED),
	STR(struct private_endpoint, time_created, "timeCreated", ABSENT_REQUIRED,
		"When it was made.", .flags = FIELD_COMPUTED),
	STR(struct private_endpoint, time_updated, "timeUpdated", ABSENT_REQUIRED,
		"When it was changed last.", .flags = FIELD_COMPUTED));
