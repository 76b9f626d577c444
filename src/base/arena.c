#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Blocks grow with the arena: many small ones are alive at once, one for each request that waits. */
enum { BLOCK_MIN = 1024, BLOCK_MAX = 16 * 1024 };

/* Under AddressSanitizer every allocation has a block of its own, of just its size, so that a look behind it is seen. */
#ifdef __SANITIZE_ADDRESS__
#define ONE_EACH true
#elif defined(__has_feature)
#define ONE_EACH __has_feature(address_sanitizer)
#else
#define ONE_EACH false
#endif

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

static void out_of_memory(void)
{
	/* Not by stderr, which may be buffered: abort does not write that. */
	static const char text[] = "error: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
	(void)ignored;
	abort();
}

void *xalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);
	if (!q)
		out_of_memory();
	return q;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	return memcpy(xalloc(n), s, n);
}

static size_t next_block(const struct arena *a)
{
	if (a->bytes <= BLOCK_MIN)
		return BLOCK_MIN;
	return a->bytes < BLOCK_MAX ? a->bytes : BLOCK_MAX;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = _Alignof(max_align_t);
	if (size > SIZE_MAX - align - sizeof(struct arena_block))
		out_of_memory();
	size_t need = ONE_EACH ? size : (size + align - 1) / align * align;
	struct arena_block *b = a->blocks;
	if (ONE_EACH || !b || b->size - b->used < need) {
		/* A large one gets a block of its own, behind the current one, which stays open. */
		size_t block = next_block(a), room = ONE_EACH || need > block / 4 ? need : block;
		struct arena_block *made = xalloc(sizeof *made + room);
		made->size = room;
		if (b && room == need && b->size > b->used) {
			made->next = b->next;
			b->next = made;
		} else {
			made->next = b;
			a->blocks = made;
		}
		b = made;
	}
	void *p = b->data + b->used;
	b->used += need;
	a->bytes += need;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(n, size, &total))
		out_of_memory();
	return arena_alloc(a, total);
}

void *arena_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	size_t more = *cap ? *cap * 2 : 8;
	void *made = arena_array(a, more, size);
	if (n)
		memcpy(made, v, n * size);
	*cap = more;
	return made;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	if (n)
		memcpy(p, s, n);
	return p;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char text[256]; /* most fit, and are formatted once */
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(text, sizeof text, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	if ((size_t)n < sizeof text)
		return arena_strndup(a, text, (size_t)n);
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void arena_clear(struct arena *a)
{
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){0};
}

void arena_wipe(struct arena *a)
{
	for (struct arena_block *b = a->blocks; b; b = b->next)
		explicit_bzero(b->data, b->used);
	arena_clear(a);
}
