/*
 * The pins: what `weir local setup` installs, each thing at one version with the SHA-256 of its file. The text
 * is src/local/command/spark.pins, which is embedded into the program; its comment gives the format.
 *
 *	struct setup_pins pins;
 *	setup_pins_load(&arena, &pins);
 *
 * Order is kept: it is the order of installation and of the class path.
 */
#ifndef LOCAL_SETUP_PINS_H
#define LOCAL_SETUP_PINS_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct setup_pin {
	bool maven;        /* else pip */
	bool early;        /* pip: a build tool, installed first. maven: before Spark's own jars */
	const char *name;  /* pip: the package. maven: the artifact */
	const char *group; /* maven */
	const char *version;
	const char *sha256; /* 64 hex digits, of the file */
};
struct setup_pins {
	struct setup_pin *v;
	size_t n, cap;
	char digest[65]; /* SHA-256 of the text, hex: the stamp of a complete installation */
};

/* ERR_SPEC with the line number where a line is not as the format says. */
bool setup_pins_parse(const char *text, struct arena *a, struct setup_pins *ret, struct err *err);
/* Those of this program; aborts if they do not parse (a unit test reads them). */
void setup_pins_load(struct arena *a, struct setup_pins *ret);
/* Those of `weir local setup --azure`: azure.pins, in the same format. */
void setup_pins_load_azure(struct arena *a, struct setup_pins *ret);
/* OCI's Python SDK: sdk.requirements, pip's own format, which is returned; only the digest of *ret is set. */
const char *setup_pins_load_sdk(struct arena *a, struct setup_pins *ret);
/* "artifact-version.jar". */
char *setup_pin_jar(struct arena *a, const struct setup_pin *pin);

#endif
