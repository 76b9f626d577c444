#include "local/runner/conda.h"

#include "base/buf.h"
#include "base/text.h"

#include <string.h>

static const char MARK[] = "#" CONDA_FOLDER;

static char *archives(struct arena *a, const struct run *run)
{
	for (size_t i = 0; i < run->configuration.n; i++)
		if (text_equal(run->configuration.v[i].name, "spark.archives"))
			return arena_strdup(a, run->configuration.v[i].value);
	return NULL;
}

char *conda_address(struct arena *a, const struct run *run)
{
	char *rest = archives(a, run);
	for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
		one += strspn(one, " ");
		if (text_ends(one, MARK))
			return arena_strndup(a, one, strlen(one) - strlen(MARK));
	}
	return NULL;
}

char *conda_other_archives(struct arena *a, const struct run *run)
{
	buf_auto others = {0};
	char *rest = archives(a, run);
	for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
		one += strspn(one, " ");
		if (!text_ends(one, MARK))
			buf_printf(&others, "%s%s", others.len ? "," : "", one);
	}
	return arena_strdup(a, buf_str(&others));
}
