#include "cli/template.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/text.h"
#include "templates.h"

#include <stdlib.h>

static const char build_it[] =
	"sh @KEY@/build.sh makes @KEY@/@KEY@.jar, which the application runs";

const struct template_kind template_kinds[] = {
	{"pyspark", {{"pyspark.py", "@KEY@.py"}}, "pyspark.entry.yaml", NULL},
	{"sparksql", {{"sparksql.py", "@KEY@.py"}}, "sparksql.entry.yaml", NULL},
	{"sql", {{"sql.sql", "@KEY@.sql"}}, "sql.entry.yaml", NULL},
	{"java", {{"java.java", "@KEY@/@CLASS@.java"}, {"java.build.sh", "@KEY@/build.sh"}},
		"java.entry.yaml", build_it},
	{"scala", {{"scala.scala", "@KEY@/@CLASS@.scala"}, {"scala.build.sh", "@KEY@/build.sh"}},
		"scala.entry.yaml", build_it},
	{"azure-copy", {{"azure-copy.py", "@KEY@.py"}}, "azure-copy.entry.yaml",
		"it runs where it has Azure, the client secret in OCI Vault, and an archive with "
		"hadoop-azure 3.3.4 and the Python package oci"},
	{0},
};

/* A class of Java: letters and digits, each part with a capital. */
static void put_class(struct buf *out, const char *key)
{
	bool capital = true;
	if (*key >= '0' && *key <= '9')
		buf_adds(out, "Job");
	for (; *key; key++) {
		char c = *key;
		if (c == '-' || c == '_') {
			capital = true;
			continue;
		}
		buf_addc(out, capital && c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
		capital = false;
	}
}

const char *template_fill(struct arena *a, const char *text, const char *key)
{
	buf_auto out = {0};
	while (*text) {
		if (text_starts(text, "@KEY@")) {
			buf_adds(&out, key);
			text += strlen("@KEY@");
		} else if (text_starts(text, "@CLASS@")) {
			put_class(&out, key);
			text += strlen("@CLASS@");
		} else {
			buf_addc(&out, *text++);
		}
	}
	return arena_strdup(a, buf_str(&out));
}

const char *template_text(struct arena *a, const char *from, const char *key)
{
	size_t i = 0;
	while (templates[i].name && strcmp(templates[i].name, from) != 0)
		i++;
	if (!templates[i].name)
		abort(); /* the build would lack a file */
	return template_fill(a, templates[i].text, key);
}

bool template_write(const struct folder *f, const char *name, const char *text, struct err *err)
{
	const char *path = fs_join(f->arena, f->aside, name);
	mode_t mask = umask(0);
	umask(mask);
	return fs_mkdirs(fs_dirname(f->arena, path), 0777, err) &&
		fs_write(path, text, strlen(text), (text_ends(name, ".sh") ? 0777 : 0666) & ~mask,
			err);
}
