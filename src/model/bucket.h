/* A bucket of Object Storage. Facts: Object Storage API, CreateBucketDetails, Bucket. */
#ifndef MODEL_BUCKET_H
#define MODEL_BUCKET_H

#include "field/field.h"

struct bucket {
	const char *name;
	const char *compartment_id;
	const char *public_access_type; /* NoPublicAccess | ObjectRead | ObjectReadWithoutList */
	const char *storage_tier;       /* Standard | Archive; immutable */
	const char *versioning;         /* Enabled | Suspended | Disabled */
	struct opt_bool object_events_enabled;
	const char *kms_key_id;
	const char *auto_tiering; /* Disabled | InfrequentAccess */
	const char *bucket_scope; /* NAMESPACE | REGION */
	struct pairs metadata;
	struct pairs freeform_tags;
	struct pairs defined_tags;
	/* The service's own. */
	const char *ns; /* API name "namespace" */
	const char *id;
	const char *etag;
	const char *created_by;
	const char *time_created;
	const char *object_lifecycle_policy_etag;
	struct opt_i64 approximate_count;
	struct opt_i64 approximate_size; /* bytes */
	struct opt_bool replication_enabled;
	struct opt_bool is_read_only;
};
extern const struct record bucket_record;
extern const char *const bucket_access_choices[], *const bucket_tier_choices[];

#endif
