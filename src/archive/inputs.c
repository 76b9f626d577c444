#include "archive/inputs.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1 << 20 };

static const char FORM[] = "a line is GROUP:ARTIFACT:VERSION, perhaps followed by !GROUP:ARTIFACT";

struct reading {
	struct archive_inputs *in;
	struct arena *arena;
	struct buf said; /* what is hashed */
	struct err *err;
};

static bool wrong(
	struct reading *r, unsigned line, const char *cure, const char *what, const char *word)
{
	buf_auto shown = {.max = 300};
	text_escape(&shown, word, strlen(word), false);
	err_set(r->err, ERR_SPEC, "%s:%u: `%s` %s", r->in->packages_file, line, buf_str(&shown),
		what);
	return err_hint(r->err, "%s", cure);
}

static bool part_ok(const char *s)
{
	return *s && !s[strspn(s, ARCHIVE_NAME_CHARACTERS)];
}

/* Which versions Maven would choose from, or choose anew. */
static bool is_open(const char *version)
{
	return strpbrk(version, "[](),+*") || text_equal(version, "LATEST") ||
		text_equal(version, "RELEASE") || text_ends(version, "-SNAPSHOT");
}

static bool add_exclusion(
	struct reading *r, struct archive_package *p, const char *word, unsigned line)
{
	const char *colon = strchr(word + 1, ':');
	const char **v = arena_array(r->arena, p->without.n + 1, sizeof *v);
	if (!colon || strchr(colon + 1, ':') || !colon[1] || colon == word + 1)
		return wrong(r, line, FORM, "leaves out no GROUP:ARTIFACT", word);
	for (size_t i = 0; i < p->without.n; i++)
		v[i] = p->without.v[i];
	v[p->without.n] = arena_strdup(r->arena, word + 1);
	p->without = (struct strs){v, p->without.n + 1};
	return true;
}

static bool read_coordinate(
	struct reading *r, struct archive_package *p, const char *word, unsigned line)
{
	char *group = arena_strdup(r->arena, word);
	char *artifact = strchr(group, ':');
	char *version = artifact ? strchr(artifact + 1, ':') : NULL;
	if (!version)
		return wrong(r, line, FORM, "is no coordinate", word);
	*artifact++ = *version++ = '\0';
	if (is_open(version))
		return wrong(r, line, "name one version", "asks for a range of versions", word);
	if (!part_ok(group) || !part_ok(artifact) || !part_ok(version))
		return wrong(r, line, FORM, "is no coordinate", word);
	*p = (struct archive_package){
		.group = group, .artifact = artifact, .version = version, .line = line};
	return true;
}

static bool is_doubled(struct reading *r, const struct archive_package *p)
{
	for (size_t i = 0; i < r->in->packages_n; i++) {
		const struct archive_package *o = &r->in->packages[i];
		if (!text_equal(o->group, p->group) || !text_equal(o->artifact, p->artifact))
			continue;
		wrong(r, p->line, "leave one of them out",
			arena_printf(r->arena, "is asked for in version %s on line %u", o->version,
				o->line),
			arena_printf(r->arena, "%s:%s:%s", p->group, p->artifact, p->version));
		return true;
	}
	return false;
}

static bool read_line(struct reading *r, char *line, unsigned number, size_t *cap)
{
	struct archive_package p;
	char *rest = NULL, *word;
	line[strcspn(line, "#\r")] = '\0';
	if (!(word = strtok_r(line, " \t", &rest)))
		return true;
	if (!read_coordinate(r, &p, word, number) || is_doubled(r, &p))
		return false;
	while ((word = strtok_r(NULL, " \t", &rest)))
		if (*word != '!' ? !wrong(r, number, FORM, "is one word too many", word)
				 : !add_exclusion(r, &p, word, number))
			return false;
	struct archive_inputs *in = r->in;
	in->packages = arena_grow(r->arena, in->packages, in->packages_n, cap, sizeof p);
	in->packages[in->packages_n++] = p;
	return true;
}

/* Bytes of a file of the pipeline, which are hashed too; NULL. */
static char *read_file(struct reading *r, const char *what, const char *path)
{
	buf_auto text = {.max = FILE_MAX_BYTES};
	if (!fs_read(fs_join(r->arena, r->in->dir, path), &text, r->err))
		return NULL;
	buf_printf(&r->said, "%s %zu\n%s\n", what, text.len, buf_str(&text));
	if (memchr(buf_str(&text), '\0', text.len)) {
		err_set(r->err, ERR_SPEC, "%s is no text", path);
		return NULL;
	}
	return arena_strdup(r->arena, buf_str(&text));
}

static bool read_packages(struct reading *r)
{
	size_t cap = 0;
	char *rest = r->in->packages_file ? read_file(r, "packages", r->in->packages_file) : NULL;
	if (!rest)
		return !r->in->packages_file;
	for (unsigned number = 1; rest; number++)
		if (!read_line(r, strsep(&rest, "\n"), number, &cap))
			return false;
	return true;
}

static bool read_requirements(struct reading *r)
{
	size_t n = 0, cap = 0;
	const char **v = NULL;
	const char *file = r->in->requirements_file;
	char *rest = file ? read_file(r, "requirements", file) : NULL;
	if (file && !rest)
		return false;
	while (rest) {
		v = arena_grow(r->arena, v, n, &cap, sizeof *v);
		v[n++] = strsep(&rest, "\n");
	}
	v = arena_grow(r->arena, v, n, &cap, sizeof *v);
	v[n] = NULL;
	r->in->requirements = v;
	return true;
}

static bool hash_files(struct reading *r)
{
	for (size_t i = 0; i < r->in->files.n; i++) {
		unsigned char sum[DIGEST_MAX];
		const char *name = r->in->files.v[i];
		if (!digest_of_file(
			    DIGEST_SHA256, fs_join(r->arena, r->in->dir, name), sum, r->err))
			return false;
		buf_printf(&r->said, "file %s %s\n", name, text_hex(r->arena, sum, sizeof sum));
	}
	return true;
}

bool archive_inputs_read(const struct archive_decl *decl, const char *dir, struct arena *a,
	struct archive_inputs *ret, struct err *err)
{
	*ret = (struct archive_inputs){.key = decl->head.key,
		.dir = dir,
		.packages_file = decl->packages,
		.requirements_file = decl->requirements,
		.files = decl->files,
		.python = decl->python ? decl->python : ARCHIVE_PYTHON};
	struct reading r = {.in = ret, .arena = a, .err = err};
	buf_printf(&r.said, "python %s\n", ret->python);
	bool ok = read_packages(&r) && read_requirements(&r) && hash_files(&r);
	unsigned char sum[DIGEST_MAX];
	size_t n = digest_bytes(DIGEST_SHA256, r.said.data, r.said.len, sum);
	memcpy(ret->digest, text_hex(a, sum, n), sizeof ret->digest);
	buf_clear(&r.said);
	return ok;
}

char *archive_lock_name(const struct archive_inputs *in, struct arena *a)
{
	const char *first = in->packages_file ? in->packages_file
		: in->requirements_file       ? in->requirements_file
					      : in->files.v[0];
	const char *slash = strrchr(first, '/');
	return arena_printf(a, "%.*s%s.lock", slash ? (int)(slash - first + 1) : 0, first, in->key);
}

bool archive_same_package(const char *s, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		int x = strchr("-_.", s[i]) ? '-' : tolower((unsigned char)s[i]);
		int y = name[i] && strchr("-_.", name[i]) ? '-' : tolower((unsigned char)name[i]);
		if (x != y)
			return false;
	}
	return !name[n];
}

unsigned archive_requirement_line(const struct archive_inputs *in, const char *name)
{
	for (unsigned i = 0; in->requirements && in->requirements[i]; i++) {
		const char *line = in->requirements[i] + strspn(in->requirements[i], " \t");
		size_t n = strspn(line, ARCHIVE_NAME_CHARACTERS);
		if (n && archive_same_package(line, n, name))
			return i + 1;
	}
	return 0;
}
