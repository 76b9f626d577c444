/* What the two ways of a fetch share: one request (fetch.c), ranges (fetch_ranges.c). */
#ifndef OCI_FETCH_INSIDE_H
#define OCI_FETCH_INSIDE_H

#include "oci/checksum.h"
#include "oci/fetch.h"
#include "oci/storage_call.h"

struct range;
struct fetch {
	struct oci *oci;
	struct arena arena;
	struct storage_fetch f;
	struct object object; /* as a HEAD tells it, where there was one */
	const char *what;     /* "download object x in bucket y" */
	int fd;               /* of the file aside; -1: none */
	const char *aside;    /* its name; NULL: none */
	struct err err;
	struct storage_fetched told;
	enum checksum_verdict verdict;
	storage_fetch_fn *done;
	void *ctx;
	/* A small one. */
	struct buf body;
	/* In ranges. */
	struct range *ranges;
	size_t n, next, hashed; /* begun; known to the checksum */
	int busy;               /* requests and hashings that have not ended */
	bool hashing;
	struct checksum *checksum;
};
void fetch_ranges(struct fetch *k);
/* Gives the file aside its name. */
bool fetch_publish(struct fetch *k);
/* keep: the file aside stays, to be gone on with. */
void fetch_end(struct fetch *k, bool keep);
bool fetch_judge(struct fetch *k);
/* pwrite until all is out. */
bool fetch_write(int fd, const void *bytes, size_t n, uint64_t offset, struct err *err);

#endif
