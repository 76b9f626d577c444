#include "base/pack.h"

#include <string.h>

void pack_u32(struct buf *out, uint32_t v)
{
	buf_add(out, &v, sizeof v);
}

void pack_i64(struct buf *out, int64_t v)
{
	buf_add(out, &v, sizeof v);
}

void pack_num(struct buf *out, double v)
{
	buf_add(out, &v, sizeof v);
}

void pack_str(struct buf *out, const char *s)
{
	if (!s) {
		pack_u32(out, UINT32_MAX);
		return;
	}
	size_t n = strlen(s);
	pack_u32(out, (uint32_t)n);
	buf_add(out, s, n + 1);
}

static const char *take(struct unpack *in, size_t n)
{
	if (in->bad || n > in->left) {
		in->bad = true;
		return NULL;
	}
	const char *at = in->at;
	in->at += n;
	in->left -= n;
	return at;
}

static void take_into(struct unpack *in, void *v, size_t n)
{
	const char *at = take(in, n);
	if (at)
		memcpy(v, at, n);
}

uint32_t unpack_u32(struct unpack *in)
{
	uint32_t v = 0;
	take_into(in, &v, sizeof v);
	return v;
}

int64_t unpack_i64(struct unpack *in)
{
	int64_t v = 0;
	take_into(in, &v, sizeof v);
	return v;
}

double unpack_num(struct unpack *in)
{
	double v = 0;
	take_into(in, &v, sizeof v);
	return v;
}

const char *unpack_str(struct unpack *in)
{
	uint32_t n = unpack_u32(in);
	if (n == UINT32_MAX)
		return NULL;
	const char *s = take(in, (size_t)n + 1);
	if (s && (s[n] || memchr(s, 0, n)))
		in->bad = true;
	return in->bad ? NULL : s;
}

uint32_t unpack_count(struct unpack *in)
{
	uint32_t n = unpack_u32(in);
	if (n > in->left)
		in->bad = true;
	return in->bad ? 0 : n;
}

bool unpack_ended(const struct unpack *in)
{
	return !in->bad && !in->left;
}
