#include "archive/describe.h"

#include "archive/inputs.h"
#include "base/buf.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { MEMBER_MAX = 1 << 20, LINE_MAX_BYTES = 60 };

/* The first member whose name begins and ends so, as text; NULL. */
static char *read_member(zip_t *zip, const char *begin, const char *end, struct arena *a)
{
	for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0); i++) {
		zip_stat_t st;
		if (zip_stat_index(zip, (zip_uint64_t)i, 0, &st) || st.size > MEMBER_MAX ||
			!text_starts(st.name, begin) || !text_ends(st.name, end))
			continue;
		zip_file_t *f = zip_fopen_index(zip, (zip_uint64_t)i, 0);
		char *text = arena_alloc(a, st.size + 1);
		zip_int64_t n = f ? zip_fread(f, text, st.size) : -1;
		if (f)
			zip_fclose(f);
		text[n > 0 ? n : 0] = '\0';
		return text;
	}
	return NULL;
}

static const char *short_line(struct arena *a, const char *s, size_t n)
{
	buf_auto out = {.max = 512};
	while (n && (*s == ' ' || *s == '\t'))
		s++, n--;
	n = strcspn(s, "\r\n") < n ? strcspn(s, "\r\n") : n;
	text_escape(&out, s, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES, false);
	return out.len ? arena_strdup(a, buf_str(&out)) : NULL;
}

/* What follows the first line that begins so; NULL. */
static const char *field(struct arena *a, const char *text, const char *name)
{
	size_t n = strlen(name);
	for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (!strncmp(at, name, n))
			return short_line(a, at + n, strlen(at + n));
	return NULL;
}

static const char *of_wheel(zip_t *zip, struct arena *a)
{
	const char *text = read_member(zip, "", ".dist-info/METADATA", a);
	if (!text)
		return NULL;
	const char *found = field(a, text, "License-Expression:");
	if (!found)
		found = field(a, text, "Classifier: License :: OSI Approved ::");
	return found ? found : field(a, text, "License:");
}

static const char *of_pom(struct arena *a, const char *text)
{
	const char *licence = strstr(text, "<license>");
	const char *name = licence ? strstr(licence, "<name>") : NULL;
	const char *end = name ? strstr(name, "</name>") : NULL;
	return end ? short_line(a, name + 6, (size_t)(end - name - 6)) : NULL;
}

static const char *of_jar(zip_t *zip, struct arena *a)
{
	const char *text = read_member(zip, "META-INF/maven/", "/pom.xml", a);
	const char *found = text ? of_pom(a, text) : NULL;
	text = found ? NULL : read_member(zip, "META-INF/MANIFEST.MF", "", a);
	return text ? field(a, text, "Bundle-License:") : found;
}

const char *describe_licence(const char *path, struct arena *a)
{
	int code;
	zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
	if (!zip)
		return NULL;
	const char *found = text_ends(path, ".whl") ? of_wheel(zip, a) : of_jar(zip, a);
	zip_discard(zip);
	return found;
}

struct strs describe_needs(const char *path, struct arena *a)
{
	static const char name[] = "Requires-Dist:";
	int code;
	size_t cap = 0;
	struct strs needs = {0};
	zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
	char *rest = zip ? read_member(zip, "", ".dist-info/METADATA", a) : NULL;
	while (rest) {
		const char *line = strsep(&rest, "\n");
		if (!text_starts(line, name) || strchr(line, ';'))
			continue; /* with a marker: for another machine, or an extra */
		line += strlen(name);
		line += strspn(line, " ");
		needs.v = arena_grow(a, needs.v, needs.n, &cap, sizeof *needs.v);
		needs.v[needs.n++] = arena_strndup(a, line, strspn(line, ARCHIVE_NAME_CHARACTERS));
	}
	if (zip)
		zip_discard(zip);
	return needs;
}
