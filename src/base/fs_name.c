/* Names that become one part of a path. */
#include "base/fs.h"
#include "base/text.h"

/* Of a character: what may neither be in a name, nor move a terminal's cursor. */
static bool is_unsafe(const char *s, size_t n, uint32_t code)
{
	buf_auto shown = {0};
	text_escape(&shown, s, n, false);
	return code == '/' || code == '\\' || shown.len != n;
}

char *fs_safe_name(struct arena *a, const char *name, size_t max)
{
	size_t len = strlen(name);
	buf_auto out = {0};
	for (size_t at = 0, n; at < len; at += n) {
		uint32_t code;
		n = text_utf8(name + at, len - at, &code);
		bool bad = !n || is_unsafe(name + at, n, code) || (!at && *name == '.');
		n = n ? n : 1;
		if (out.len + (bad ? 1 : n) > max)
			break;
		buf_add(&out, bad ? "_" : name + at, bad ? 1 : n);
	}
	return arena_strdup(a, out.len ? buf_str(&out) : "_");
}
