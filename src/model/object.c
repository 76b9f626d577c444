#include "model/object.h"

#include "base/text.h"
#include "model/oci_uri.h"

/* Content is compared by object_same_content, since which digest decides depends on what is known.
 */
#define NOT_DIFFED .flags = FIELD_READ_ONLY_DIFF

const struct record object_record = RECORD("object", struct object,
	STR(struct object, bucket, NULL, ABSENT_SERVER, "Bucket it lies in.", NOT_DIFFED),
	STR(struct object, name, "name", ABSENT_REQUIRED, "Name.",
		.flags = FIELD_REQUIRED | FIELD_READ_ONLY_DIFF, .ok = object_name_ok,
		.ok_doc = "1 to 1024 bytes of UTF-8 in one line"),
	I64(struct object, size, "size", ABSENT_SERVER, "Size in bytes.", NOT_DIFFED),
	STR(struct object, md5, "md5", ABSENT_SERVER, "MD5, base64.", NOT_DIFFED),
	STR(struct object, sha256, NULL, ABSENT_SERVER, "SHA-256, hex.", NOT_DIFFED),
	STR(struct object, owner, NULL, ABSENT_SERVER, "Whose it is: <pipeline>/<target>.",
		NOT_DIFFED),
	STR(struct object, content_type, NULL, ABSENT_SERVER, "Media type.", NOT_DIFFED),
	STR(struct object, etag, "etag", ABSENT_REQUIRED, "Version.", .flags = FIELD_COMPUTED),
	STR(struct object, version_id, NULL, ABSENT_SERVER, "Version in a bucket that keeps them.",
		NOT_DIFFED),
	STR(struct object, storage_tier, "storageTier", ABSENT_REQUIRED, "Tier.",
		.flags = FIELD_COMPUTED),
	STR(struct object, archival_state, "archivalState", ABSENT_REQUIRED,
		"Archived, Restoring or Restored.", .flags = FIELD_COMPUTED),
	STR(struct object, time_created, "timeCreated", ABSENT_REQUIRED, "When it was made.",
		.flags = FIELD_COMPUTED),
	STR(struct object, time_modified, "timeModified", ABSENT_REQUIRED,
		"When it was changed last.", .flags = FIELD_COMPUTED),
	STR(struct object, path, NULL, ABSENT_SERVER, "Local file it comes from.", NOT_DIFFED));

bool object_same_content(const struct object *a, const struct object *b)
{
	if (a->size.set && b->size.set && a->size.v != b->size.v)
		return false;
	if (a->sha256 && b->sha256)
		return text_equal(a->sha256, b->sha256);
	return a->md5 && b->md5 && text_equal(a->md5, b->md5);
}
