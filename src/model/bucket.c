#include "model/bucket.h"

#include "model/oci_uri.h"

const char *const bucket_access_choices[] = {
	"NoPublicAccess", "ObjectRead", "ObjectReadWithoutList", NULL};
const char *const bucket_tier_choices[] = {"Standard", "Archive", NULL};
static const char *const versioning_choices[] = {"Enabled", "Suspended", "Disabled", NULL};
static const char *const tiering_choices[] = {"Disabled", "InfrequentAccess", NULL};
static const char *const scope_choices[] = {"NAMESPACE", "REGION", NULL};

const struct record bucket_record = RECORD("bucket", struct bucket,
	STR(struct bucket, name, "name", ABSENT_REQUIRED, "Name, unique in the namespace.",
		.flags = FIELD_REQUIRED | FIELD_IMMUTABLE, .ok = bucket_name_ok,
		.ok_doc = "1 to 256 of letters, digits, . _ and -"),
	STR(struct bucket, compartment_id, "compartmentId", ABSENT_REQUIRED,
		"OCID of the compartment.", .flags = FIELD_REQUIRED),
	ENUM(struct bucket, public_access_type, bucket_access_choices, "publicAccessType",
		ABSENT_SERVER, "What may be read without a signature.", .dflt = "NoPublicAccess"),
	ENUM(struct bucket, storage_tier, bucket_tier_choices, "storageTier", ABSENT_SERVER,
		"Tier of new objects.", .flags = FIELD_IMMUTABLE, .dflt = "Standard"),
	ENUM(struct bucket, versioning, versioning_choices, "versioning", ABSENT_SERVER,
		"Whether overwritten objects are kept.", .dflt = "Disabled"),
	BOOL(struct bucket, object_events_enabled, "objectEventsEnabled", ABSENT_SERVER,
		"Whether changes of objects emit events.", .dflt = "false"),
	STR(struct bucket, kms_key_id, "kmsKeyId", ABSENT_SERVER, "OCID of the encryption key."),
	ENUM(struct bucket, auto_tiering, tiering_choices, "autoTiering", ABSENT_SERVER,
		"Whether cold objects move to a cheaper tier.", .dflt = "Disabled"),
	ENUM(struct bucket, bucket_scope, scope_choices, "bucketScope", ABSENT_SERVER,
		"Within what the name is unique.", .flags = FIELD_OPEN, .dflt = "NAMESPACE"),
	PAIRS(struct bucket, metadata, "metadata", ABSENT_SERVER, "Metadata, up to 4 KB."),
	PAIRS(struct bucket, freeform_tags, "freeformTags", ABSENT_SERVER,
		"Freeform tags; only those named are managed.", .flags = FIELD_MERGED),
	TAGS(struct bucket, defined_tags, "definedTags", ABSENT_SERVER,
		"Defined tags, as namespace.key; only those named are managed."),
	STR(struct bucket, ns, "namespace", ABSENT_REQUIRED, "Namespace.", .flags = FIELD_COMPUTED),
	STR(struct bucket, id, "id", ABSENT_REQUIRED, "OCID.", .flags = FIELD_COMPUTED),
	STR(struct bucket, etag, "etag", ABSENT_REQUIRED, "Version.", .flags = FIELD_COMPUTED),
	STR(struct bucket, created_by, "createdBy", ABSENT_REQUIRED, "OCID of who made it.",
		.flags = FIELD_COMPUTED),
	STR(struct bucket, time_created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED),
	STR(struct bucket, object_lifecycle_policy_etag, "objectLifecyclePolicyEtag",
		ABSENT_REQUIRED, "Version of the lifecycle policy.", .flags = FIELD_COMPUTED),
	I64(struct bucket, approximate_count, "approximateCount", ABSENT_REQUIRED,
		"About how many objects.", .flags = FIELD_COMPUTED),
	I64(struct bucket, approximate_size, "approximateSize", ABSENT_REQUIRED,
		"About how many bytes.", .flags = FIELD_COMPUTED),
	BOOL(struct bucket, replication_enabled, "replicationEnabled", ABSENT_REQUIRED,
		"Whether it is copied to another region.", .flags = FIELD_COMPUTED),
	BOOL(struct bucket, is_read_only, "isReadOnly", ABSENT_REQUIRED,
		"Whether it is the target of such copies.", .flags = FIELD_COMPUTED));
