#include "oci/checksum.h"

#include "base/digest.h"
#include "base/text.h"

#include <stdlib.h>

#define MIB ((uint64_t)1 << 20)
enum { GUESSES_MAX = 3 };

/* weir's own, Oracle's command line and SDKs, and what people set. */
static const uint64_t part_sizes[] = {16 * MIB, 128 * MIB, 10 * MIB, 64 * MIB, 32 * MIB, 100 * MIB,
	256 * MIB, 512 * MIB, 8 * MIB, 20 * MIB, 50 * MIB, 1024 * MIB, 5 * MIB, 200 * MIB,
	500 * MIB, 1 * MIB, 2 * MIB, 4 * MIB, 25 * MIB, 40 * MIB, 2048 * MIB};

/* A size of parts that may have been used. */
struct guess {
	uint64_t part_size, in_part; /* bytes of the part so far */
	size_t parts;
	struct digest part, all;
};
struct checksum {
	const struct object *object;
	const char *parts_md5; /* NULL: none is told */
	uint64_t size;
	struct digest whole;
	bool has_whole;
	struct guess guesses[GUESSES_MAX];
	size_t guesses_n;
};

static void add_guess(struct checksum *c, uint64_t part_size)
{
	struct guess *g = &c->guesses[c->guesses_n++];
	g->part_size = part_size;
	digest_init(&g->part, DIGEST_MD5);
	digest_init(&g->all, DIGEST_MD5);
}

/* Of "BASE64-N" that many parts. */
static void guess(struct checksum *c, uint64_t size, int64_t parts)
{
	uint64_t n = (uint64_t)parts;
	if (n == 1) {
		add_guess(c, size ? size : 1);
		return;
	}
	for (size_t i = 0; i < sizeof part_sizes / sizeof *part_sizes; i++) {
		uint64_t p = part_sizes[i];
		if (c->guesses_n < GUESSES_MAX && (size + p - 1) / p == n)
			add_guess(c, p);
	}
}

bool checksum_is_of_parts(const char *md5)
{
	return md5 && strchr(md5, '-');
}

struct checksum *checksum_new(const struct object *object)
{
	struct checksum *c = xalloc(sizeof *c);
	c->parts_md5 = checksum_is_of_parts(object->md5) ? object->md5 : object->multipart_md5;
	const char *dash = c->parts_md5 ? strrchr(c->parts_md5, '-') : NULL;
	int64_t parts;
	c->object = object;
	c->has_whole = object->sha256 || (object->md5 && !checksum_is_of_parts(object->md5));
	if (c->has_whole)
		digest_init(&c->whole, object->sha256 ? DIGEST_SHA256 : DIGEST_MD5);
	else if (dash && object->size.set && text_i64(dash + 1, &parts) && parts > 0)
		guess(c, (uint64_t)object->size.v, parts);
	return c;
}

static void end_part(struct guess *g)
{
	unsigned char md5[DIGEST_MAX];
	digest_add(&g->all, md5, digest_final(&g->part, md5));
	digest_init(&g->part, DIGEST_MD5);
	g->in_part = 0;
	g->parts++;
}

static void add_to_guess(struct guess *g, const char *bytes, size_t n)
{
	while (n) {
		uint64_t room = g->part_size - g->in_part;
		size_t some = n < room ? n : (size_t)room;
		digest_add(&g->part, bytes, some);
		g->in_part += some;
		bytes += some;
		n -= some;
		if (g->in_part == g->part_size)
			end_part(g);
	}
}

void checksum_add(struct checksum *c, const void *bytes, size_t n)
{
	c->size += n;
	if (c->has_whole)
		digest_add(&c->whole, bytes, n);
	for (size_t i = 0; i < c->guesses_n; i++)
		add_to_guess(&c->guesses[i], bytes, n);
}

static enum checksum_verdict whole_verdict(struct checksum *c)
{
	arena_auto a = {0};
	unsigned char got[DIGEST_MAX];
	const struct object *o = c->object;
	size_t n = digest_final(&c->whole, got);
	bool same = o->sha256 ? text_equal(o->sha256, text_hex(&a, got, n))
			      : text_equal(o->md5, text_base64(&a, got, n));
	return same ? CHECKSUM_SAME : CHECKSUM_OTHER;
}

/* A guess that is wrong proves nothing; but with one part there is nothing to guess. */
static enum checksum_verdict guesses_verdict(struct checksum *c)
{
	arena_auto a = {0};
	bool same = false, sure = false;
	for (size_t i = 0; i < c->guesses_n; i++) {
		struct guess *g = &c->guesses[i];
		unsigned char md5[DIGEST_MAX];
		if (g->in_part || !g->parts)
			end_part(g);
		digest_abort(&g->part);
		digest_final(&g->all, md5);
		sure = g->parts == 1;
		same = same ||
			text_equal(c->parts_md5,
				arena_printf(&a, "%s-%zu", text_base64(&a, md5, 16), g->parts));
	}
	return same ? CHECKSUM_SAME : sure ? CHECKSUM_OTHER : CHECKSUM_UNKNOWN;
}

enum checksum_verdict checksum_end(struct checksum *c)
{
	enum checksum_verdict v = c->has_whole ? whole_verdict(c) : guesses_verdict(c);
	if (c->object->size.set && (uint64_t)c->object->size.v != c->size)
		v = CHECKSUM_OTHER;
	free(c);
	return v;
}
