/*
 * What the fuzz targets share. A target is LLVMFuzzerTestOneInput in fuzz_X.c: bytes that somebody else made, given
 * to the real code, and what must hold whatever they are. libFuzzer feeds it (preset `fuzz`), or the main of
 * replay.c, which gives it each file of corpus/X (every other build, label `fuzz`).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/buf.h"
#include "base/err.h"
#include "field/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold. Says what did not, and where; then aborts, which is a finding. */
#define FUZZ_CHECK(holds, ...)                                                             \
	do {                                                                               \
		if (!(holds)) {                                                            \
			fprintf(stderr, "%s:%d: not so: %s:", __FILE__, __LINE__, #holds); \
			fprintf(stderr, " " __VA_ARGS__);                                  \
			fputc('\n', stderr);                                               \
			abort();                                                           \
		}                                                                          \
	} while (0)

/* The input, taken from its front. At its end numbers are 0 and texts are empty. */
struct fuzz_input {
	const uint8_t *at, *end;
};
unsigned fuzz_byte(struct fuzz_input *in);
/* A number below n; 0 for n = 0. */
unsigned fuzz_below(struct fuzz_input *in, unsigned n);
/* What comes before the next `stop`, or the end; NUL-terminated, and shorter where it has a NUL. */
char *fuzz_until(struct fuzz_input *in, char stop, struct arena *a);
char *fuzz_rest(struct fuzz_input *in, struct arena *a, size_t *ret_n);

/* A folder of the program's own, in memory where the system has that, removed at its end. */
const char *fuzz_folder(void);
/* A file in it. */
void fuzz_write(const char *name, const void *bytes, size_t n);

/* Text that goes to a terminal: UTF-8, no control characters but line ends and tabs. */
void fuzz_check_shown(const char *text, size_t n);
void fuzz_check_err(const struct err *err);
/* Is JSON, one value. */
void fuzz_check_json(const char *text, size_t n);

/* Fills a record by its rows. Required fields always have a value. */
void fuzz_fill(const struct record *r, struct fuzz_input *in, struct arena *a, void *out);
/* A short text: of a few that mean something, or as it comes. */
const char *fuzz_word(struct fuzz_input *in, struct arena *a);

#endif
