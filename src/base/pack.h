/*
 * Values as bytes, for files that only this program reads (base/keep.h): integers as they lie in memory, texts with
 * their length in front and a NUL behind, so that a reader may point into the bytes instead of copying.
 *
 * A reader is given bytes that may be anything: what is not there reads as 0 or NULL, and `bad` is set for good.
 *
 *	pack_u32(&out, 7);
 *	pack_str(&out, "seven");
 *
 *	struct unpack in = {bytes, n};
 *	uint32_t n = unpack_u32(&in);
 *	const char *s = unpack_str(&in);         lives as long as the bytes
 *	bool ok = unpack_ended(&in);
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/buf.h"

#include <stdint.h>

void pack_u32(struct buf *out, uint32_t v);
void pack_i64(struct buf *out, int64_t v);
void pack_num(struct buf *out, double v);
void pack_str(struct buf *out, const char *s); /* NULL is kept as such */

struct unpack {
	const char *at;
	size_t left;
	bool bad;
};
uint32_t unpack_u32(struct unpack *in);
int64_t unpack_i64(struct unpack *in);
double unpack_num(struct unpack *in);
const char *unpack_str(struct unpack *in);
/* A number of things that follow, each of at least one byte: more than there are bytes is bad, and 0. */
uint32_t unpack_count(struct unpack *in);
/* Everything was read, and nothing was bad. */
bool unpack_ended(const struct unpack *in);

#endif
