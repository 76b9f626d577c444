/*
 * Memory of one graph (a spec, a model, a plan): everything in it lives as long as the arena, nothing is
 * freed singly. Allocations are zeroed and aligned for any type. Out of memory aborts.
 *
 *	struct arena arena = {0};
 *	char *name = arena_printf(&arena, "%s-%d", base, i);
 *	arena_clear(&arena);
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t bytes; /* asked for so far */
};

void *arena_alloc(struct arena *a, size_t size);
/* Room for n elements of size bytes; aborts on overflow. Never NULL, also for n = 0. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* Grows an array to hold at least n + 1 elements: doubles, copies. Start with v = NULL, n = *cap = 0. */
void *arena_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size);
char *arena_strdup(struct arena *a, const char *s); /* NULL for NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void arena_clear(struct arena *a);
/* As arena_clear, after wiping the bytes: for secrets. */
void arena_wipe(struct arena *a);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

static inline void arena_cleanup(struct arena *a)
{
	arena_clear(a);
}
/* An arena that clears itself at the end of its scope. */
#define arena_auto __attribute__((cleanup(arena_cleanup))) struct arena

static inline void arena_cleanup_wipe(struct arena *a)
{
	arena_wipe(a);
}
/* The same for secrets. */
#define arena_wipe_auto __attribute__((cleanup(arena_cleanup_wipe))) struct arena

/* malloc and realloc that abort when there is no memory. */
void *xalloc(size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

#endif
