/*
 * A growing byte buffer, always ended by a NUL that len does not count. It never grows past max bytes
 * (0 means 1 GiB): what would not fit is dropped and `overflow` is set, which callers that take bytes
 * from elsewhere must look at.
 *
 *	buf_auto b = {.max = 1 << 20};
 *	buf_printf(&b, "%s=%d", k, v);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL while empty and never written */
	size_t len, cap, max;
	bool overflow;
};

bool buf_add(struct buf *b, const void *bytes, size_t n); /* false: would exceed max */
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Cuts to n bytes; keeps the memory. */
void buf_truncate(struct buf *b, size_t n);
const char *buf_str(const struct buf *b); /* "" while empty */
void buf_clear(struct buf *b);            /* frees; max stays */
/* As buf_clear, after wiping the bytes: for secrets. */
void buf_wipe(struct buf *b);

static inline void buf_cleanup(struct buf *b)
{
	buf_clear(b);
}
#define buf_auto __attribute__((cleanup(buf_cleanup))) struct buf

#endif
