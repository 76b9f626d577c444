/*
 * An object on its way up: what one PUT (storage_put.c) and an upload in parts (storage_multipart.c) share. It lives
 * from storage_object_put() to its callback, which upload_end() makes.
 */
#ifndef OCI_UPLOAD_H
#define OCI_UPLOAD_H

#include "oci/call.h"
#include "oci/content.h"
#include "oci/objectstorage.h"

struct part;
struct upload {
	struct oci *oci;
	struct arena arena;
	struct storage_put put; /* strings in the arena */
	storage_object_fn *done;
	void *ctx;
	struct content content;
	struct err err; /* of the hashing; of what made it fail */
	/* In parts. */
	const char *id;
	struct part *parts;
	size_t n, next, sent,
		finished; /* hashing, sending has begun up to there; how many are up */
	size_t sending;
	bool cancelled; /* nothing gets through any more */
	bool refused;   /* the beginning was, maybe because our content is there */
	int busy;       /* requests and hashings that have not ended */
	uint64_t bytes_done;
};

/* The conditions, if-match and if-none-match. */
void upload_conditions(const struct upload *u, struct call *c);
/* A file that differs from what was planned is ERR_CONFLICT. */
bool upload_check_hash(const struct upload *u, struct err *err);
/* The service's "this is not the MD5 you told": the file was changed between hashing and sending. */
bool upload_is_changed(const struct http_reply *reply);
/* Compares the MD5 that the service tells of what it got. */
bool upload_check_md5(const struct http_reply *reply, const unsigned char md5[static 16],
	const char *what, struct err *err);
/* The reply is lost, or says that somebody, maybe we, was there before: if the object has our content now, the upload
   has succeeded, else it ends by otherwise(u, lost). */
typedef void upload_fail_fn(struct upload *u, const struct err *err);
/* Whether what is there now may be what was sent: a reply was lost, or a condition failed that our own request may have
   made fail, be it one of an apply that was killed while the service still took its bytes. */
bool upload_may_be_there(const struct upload *u, const struct http_reply *reply);
void upload_look(struct upload *u, const struct err *lost, upload_fail_fn *otherwise);
void upload_succeed(struct upload *u, const char *etag, const char *md5);
void upload_end(struct upload *u, const struct err *err, const struct object *object);

/* Content is hashed meanwhile: before it begins, or, where the plan knows the hash, until it ends. */
void multipart_start(struct upload *u);
/* Bytes of a part: 16 MiB, so that parts go in parallel, more where 10,000 would not hold it. */
uint64_t multipart_part_size(uint64_t size);

#endif
