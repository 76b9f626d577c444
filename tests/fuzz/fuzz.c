#include "fuzz.h"

#include "base/fs.h"
#include "base/text.h"

#include <jansson.h>
#include <string.h>

unsigned fuzz_byte(struct fuzz_input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

unsigned fuzz_below(struct fuzz_input *in, unsigned n)
{
	return n ? fuzz_byte(in) % n : 0;
}

char *fuzz_until(struct fuzz_input *in, char stop, struct arena *a)
{
	const uint8_t *from = in->at, *to = from;
	while (to < in->end && *to != (uint8_t)stop)
		to++;
	in->at = to < in->end ? to + 1 : to;
	return arena_strndup(a, (const char *)from, (size_t)(to - from));
}

char *fuzz_rest(struct fuzz_input *in, struct arena *a, size_t *ret_n)
{
	*ret_n = (size_t)(in->end - in->at);
	char *text = arena_strndup(a, (const char *)in->at, *ret_n);
	in->at = in->end;
	return text;
}

static char folder[128];

static void remove_folder(void)
{
	struct err err;
	if (!fs_remove_tree(folder, &err))
		fprintf(stderr, "%s\n", err.text);
}

const char *fuzz_folder(void)
{
	if (*folder)
		return folder;
	snprintf(folder, sizeof folder, "%s/weir-fuzz-XXXXXX",
		fs_is_dir("/dev/shm") ? "/dev/shm" : "/tmp");
	FUZZ_CHECK(mkdtemp(folder));
	atexit(remove_folder);
	return folder;
}

void fuzz_write(const char *name, const void *bytes, size_t n)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
	FILE *f = fopen(path, "w");
	FUZZ_CHECK(f, "%s", path);
	FUZZ_CHECK(fwrite(bytes, 1, n, f) == n, "%s", path);
	FUZZ_CHECK(!fclose(f), "%s", path);
}

void fuzz_check_shown(const char *text, size_t n)
{
	FUZZ_CHECK(text_is_utf8(text, n));
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		FUZZ_CHECK((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t',
			"byte %02x at %zu of: %s", c, i, text);
	}
}

void fuzz_check_err(const struct err *err)
{
	FUZZ_CHECK(err->kind != ERR_NONE && err->kind != ERR_BUG, "%s", err->text);
	FUZZ_CHECK(*err->text);
	FUZZ_CHECK(strnlen(err->text, sizeof err->text) < sizeof err->text);
	FUZZ_CHECK(strnlen(err->code, sizeof err->code) < sizeof err->code);
}

void fuzz_check_json(const char *text, size_t n)
{
	json_error_t err;
	json_auto_t *value = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &err);
	FUZZ_CHECK(value, "%s in: %s", err.text, text);
}
