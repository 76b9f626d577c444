/* A bucket of Object Storage. Facts: Object Storage API, CreateBucketDetails, Bucket. */
#ifndef MODEL_BUCKET_H
#define MODEL_BUCKET_H

#include "field/field.h"

struct bucket {
	const char *name;
	const char *compartment_id;
	const char *public_access_type; /* NoPublicAccess | ObjectRead | ObjectReadWithoutList */
	const char *storage_tier;       /* Standard | Archive; immutable */
	const char *versioning;         /* Enabled | Suspended | Disabled; YAML takes lower case too */
	struct pairs freeform_tags;
	struct pairs defined_tags;
	/* The service's own. */
	const char *ns; /* API name "namespace" */
	const char *id;
	const char *etag;
	const char *created_by;
	const char *time_created;
};
extern const struct record bucket_record;

#endif
