#include "local/command/setup_pins.h"

#include "base/digest.h"
#include "base/text.h"

#include "azure_pins.h"
#include "sdk_requirements.h"
#include "spark_pins.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 6 };

/* Splits at spaces and tabs; returns how many, at most WORDS_MAX. */
static size_t words(char *line, const char *out[WORDS_MAX])
{
	size_t n = 0;
	char *rest = NULL;
	for (char *w = strtok_r(line, " \t\r", &rest); w && n < WORDS_MAX;
		w = strtok_r(NULL, " \t\r", &rest))
		out[n++] = w;
	return n;
}

static bool is_sha256(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

/* pip NAME VERSION SHA256 build|run */
static bool read_pip(const char *const *w, size_t n, struct setup_pin *pin)
{
	if (n != 5)
		return false;
	*pin = (struct setup_pin){.name = w[1], .version = w[2], .sha256 = w[3]};
	pin->early = text_equal(w[4], "build");
	return pin->early || text_equal(w[4], "run");
}

/* maven GROUP:ARTIFACT:VERSION SHA256 first|jars */
static bool read_maven(struct arena *a, const char *const *w, size_t n, struct setup_pin *pin)
{
	if (n != 4)
		return false;
	char *group = arena_strdup(a, w[1]);
	char *artifact = strchr(group, ':');
	char *version = artifact ? strchr(artifact + 1, ':') : NULL;
	if (!version || strchr(version + 1, ':'))
		return false;
	*artifact++ = *version++ = '\0';
	*pin = (struct setup_pin){
		.maven = true, .group = group, .name = artifact, .version = version};
	pin->sha256 = w[2];
	pin->early = text_equal(w[3], "first");
	return pin->early || text_equal(w[3], "jars");
}

static bool read_line(struct arena *a, char *line, struct setup_pins *pins)
{
	const char *w[WORDS_MAX];
	size_t n = words(line, w);
	if (n == 0 || w[0][0] == '#')
		return true;
	struct setup_pin pin;
	bool ok = text_equal(w[0], "pip")   ? read_pip(w, n, &pin)
		: text_equal(w[0], "maven") ? read_maven(a, w, n, &pin)
					    : false;
	if (!ok || !is_sha256(pin.sha256))
		return false;
	pins->v = arena_grow(a, pins->v, pins->n, &pins->cap, sizeof *pins->v);
	pins->v[pins->n++] = pin;
	return true;
}

static void put_digest(const char *text, struct arena *a, struct setup_pins *pins)
{
	unsigned char sum[DIGEST_MAX];
	size_t len = digest_bytes(DIGEST_SHA256, text, strlen(text), sum);
	memcpy(pins->digest, text_hex(a, sum, len), sizeof pins->digest);
}

bool setup_pins_parse(const char *text, struct arena *a, struct setup_pins *ret, struct err *err)
{
	struct setup_pins pins = {0};
	put_digest(text, a, &pins);

	char *rest = arena_strdup(a, text);
	for (unsigned number = 1; rest; number++) {
		char *line = strsep(&rest, "\n");
		if (!read_line(a, line, &pins))
			return err_set(err, ERR_SPEC,
				"pins: line %u is not `pip NAME VERSION SHA256 build|run` "
				"or `maven GROUP:ARTIFACT:VERSION SHA256 first|jars`",
				number);
	}
	*ret = pins;
	return true;
}

static void load(const char *text, struct arena *a, struct setup_pins *ret)
{
	struct err err;
	if (!setup_pins_parse(text, a, ret, &err))
		abort();
}

void setup_pins_load(struct arena *a, struct setup_pins *ret)
{
	load(spark_pins, a, ret);
}

void setup_pins_load_azure(struct arena *a, struct setup_pins *ret)
{
	load(azure_pins, a, ret);
}

const char *setup_pins_load_sdk(struct arena *a, struct setup_pins *ret)
{
	*ret = (struct setup_pins){0};
	put_digest(sdk_requirements, a, ret);
	return sdk_requirements;
}

char *setup_pin_jar(struct arena *a, const struct setup_pin *pin)
{
	return arena_printf(a, "%s-%s.jar", pin->name, pin->version);
}
