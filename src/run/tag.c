#include "run/tag.h"

#include "base/text.h"
#include "model/resource.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

char *run_tag_format(struct arena *a, const struct run_tag *t)
{
	return arena_printf(
		a, "%s/%s/%s/%s/%s", t->pipeline, t->target, t->sequence, t->invocation, t->step);
}

bool run_tag_parse(struct arena *a, const struct pairs *tags, struct run_tag *ret)
{
	const char *value = identity_tag_of(tags);
	if (!value)
		return false;
	const char *parts[5];
	char *at = arena_strdup(a, value);
	for (size_t i = 0; i < 5; i++) {
		parts[i] = strsep(&at, "/");
		if (text_empty(parts[i]))
			return false;
	}
	if (at)
		return false;
	*ret = (struct run_tag){parts[0], parts[1], parts[2], parts[3], parts[4]};
	return true;
}

char *run_stamp(struct arena *a, int64_t now_ms)
{
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm tm;
	char text[32];
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm);
	return arena_strdup(a, text);
}

char *run_invocation(struct arena *a, int64_t now_ms)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char random[4] = {0};
	(void)!getrandom(random, sizeof random, 0);
	char end[5] = {0};
	for (size_t i = 0; i < 4; i++)
		end[i] = letters[random[i] % 32];
	return arena_printf(a, "%s-%s", run_stamp(a, now_ms), end);
}
