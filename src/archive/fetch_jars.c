/* Jars by Maven: a POM of the coordinates, and what its dependency plugin makes of it. */
#include "archive/fetch.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"

#include <string.h>

#define GOAL(name) "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:" name
enum { LIST_MAX = 4 << 20, PARTS = 6 };

static const char HEAD[] =
	"<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n<modelVersion>4.0.0</modelVersion>\n"
	"<groupId>weir</groupId><artifactId>archive</artifactId><version>1</version><packaging>pom</"
	"packaging>\n"
	"<dependencies>\n";
static const char TAIL[] = "</dependencies>\n</project>\n";

static bool is_complaint(const char *line)
{
	return text_starts(line, "[ERROR]");
}

static void put_dependency(struct buf *out, const char *group, const char *artifact,
	const char *version, const char *classifier)
{
	buf_printf(out,
		"<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>",
		group, artifact, version);
	if (classifier)
		buf_printf(out, "<classifier>%s</classifier>", classifier);
	buf_adds(out, "<exclusions>");
}

static void put_exclusion(struct buf *out, const char *group, const char *artifact)
{
	buf_printf(out, "<exclusion><groupId>%s</groupId><artifactId>%s</artifactId></exclusion>",
		group, artifact);
}

static void put_end(struct buf *out)
{
	buf_adds(out, "</exclusions></dependency>\n");
}

/* Which line of packages.txt a complaint is about: that whose coordinate it names. */
static bool blame(struct archive_fetch *f, struct err *err)
{
	const struct archive_inputs *in = f->in;
	if (err->kind != ERR_NETWORK)
		return false;
	for (size_t i = 0; i < in->packages_n; i++) {
		const struct archive_package *p = &in->packages[i];
		const char *colons = arena_printf(f->arena, "%s:%s:", p->group, p->artifact);
		const char *at = strstr(f->complaint, colons);
		bool network = strstr(f->complaint, "transfer artifact") ||
			strstr(f->complaint, "Connection refused");
		if (!at || network)
			continue;
		err_set(err, ERR_SPEC, "%s:%u: Maven has no %s:%s:%s: %s", in->packages_file,
			p->line, p->group, p->artifact, p->version, f->complaint);
		return err_hint(err, "look the coordinate up in the repository");
	}
	return false;
}

static bool run_maven(struct archive_fetch *f, const struct buf *pom, struct err *err)
{
	struct arena *a = f->arena;
	static const char copy[] = GOAL("copy-dependencies"), list[] = GOAL("list");
	const char *file = fs_join(a, f->work, "pom.xml");
	const char *const argv[] = {"mvn", "-B", "-ntp", "-f", file, copy, list,
		"-DincludeScope=runtime", "-DincludeTypes=jar",
		arena_printf(a, "-DoutputDirectory=%s/jars", f->work),
		arena_printf(a, "-DoutputFile=%s/list.txt", f->work), NULL};
	if (!fs_write(file, pom->data, pom->len, 0600, err))
		return false;
	return archive_run(f, argv, is_complaint, "jars by Maven", err) || blame(f, err);
}

/* "   org.example:one:jar:1.0:compile", with a classifier behind `jar`; and perhaps a module's name. */
static bool read_entry(
	struct archive_fetch *f, char *line, struct archive_lock *ret, struct err *err)
{
	char *w[PARTS + 1], *rest = NULL;
	struct arena *a = f->arena;
	size_t n = 0;
	line += strspn(line, " \t");
	line[strcspn(line, " \x1b\r")] = '\0';
	for (char *word = strtok_r(line, ":", &rest); word && n <= PARTS;
		word = strtok_r(NULL, ":", &rest))
		w[n++] = word;
	if (n < 5 || n > 6 || strcmp(w[2], "jar"))
		return true;
	const char *classifier = n == 6 ? w[3] : NULL, *version = w[n - 2];
	struct archive_part p = {.kind = PART_JAR,
		.name = arena_printf(a, "%s:%s:%s%s%s", w[0], w[1], version, classifier ? ":" : "",
			classifier ? classifier : ""),
		.file = arena_printf(a, "%s-%s%s%s.jar", w[1], version, classifier ? "-" : "",
			classifier ? classifier : "")};
	unsigned char sum[DIGEST_MAX];
	p.path = arena_printf(a, "%s/jars/%s", f->work, p.file);
	if (!digest_of_file(DIGEST_SHA256, p.path, sum, err))
		return err_wrap(err, "Maven told of %s, and did not bring it", p.name);
	p.sha256 = text_hex(a, sum, sizeof sum);
	archive_lock_add(ret, a, &p);
	return true;
}

static bool read_list(struct archive_fetch *f, struct archive_lock *ret, struct err *err)
{
	buf_auto text = {.max = LIST_MAX};
	if (!fs_read(fs_join(f->arena, f->work, "list.txt"), &text, err))
		return false;
	char *rest = arena_strdup(f->arena, buf_str(&text));
	while (rest)
		if (!read_entry(f, strsep(&rest, "\n"), ret, err))
			return false;
	return true;
}

bool archive_fetch_jars(struct archive_fetch *f, struct archive_lock *ret, struct err *err)
{
	buf_auto pom = {0};
	if (!f->in->packages_n)
		return true;
	buf_adds(&pom, HEAD);
	for (size_t i = 0; i < f->in->packages_n; i++) {
		const struct archive_package *p = &f->in->packages[i];
		put_dependency(&pom, p->group, p->artifact, p->version, NULL);
		for (size_t k = 0; k < p->without.n; k++) {
			const char *one = p->without.v[k], *colon = strchr(one, ':');
			put_exclusion(&pom, arena_strndup(f->arena, one, (size_t)(colon - one)),
				colon + 1);
		}
		put_end(&pom);
	}
	buf_adds(&pom, TAIL);
	return run_maven(f, &pom, err) && read_list(f, ret, err);
}

/* Each by itself: nothing is resolved. */
static void put_locked(struct archive_fetch *f, struct buf *pom, const char *name)
{
	char *group = arena_strdup(f->arena, name), *rest = NULL;
	group = strtok_r(group, ":", &rest);
	const char *artifact = strtok_r(NULL, ":", &rest), *version = strtok_r(NULL, ":", &rest);
	put_dependency(pom, group, artifact ? artifact : "", version ? version : "",
		strtok_r(NULL, ":", &rest));
	put_exclusion(pom, "*", "*");
	put_end(pom);
}

bool archive_fetch_locked_jars(struct archive_fetch *f, struct archive_lock *lock, struct err *err)
{
	buf_auto pom = {0};
	size_t n = 0;
	buf_adds(&pom, HEAD);
	for (size_t i = 0; i < lock->n; i++) {
		struct archive_part *p = &lock->v[i];
		if (p->kind != PART_JAR || p->path)
			continue;
		put_locked(f, &pom, p->name);
		p->path = arena_printf(f->arena, "%s/jars/%s", f->work, p->file);
		n++;
	}
	buf_adds(&pom, TAIL);
	return !n || run_maven(f, &pom, err);
}
