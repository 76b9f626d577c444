#include "model/placeholder.h"

#include <string.h>

static const char name_characters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

bool placeholder_next(const char *s, struct placeholder *ret)
{
	for (const char *at = strstr(s, "${"); at; at = strstr(at + 2, "${")) {
		size_t n = strspn(at + 2, name_characters);
		if (!n || at[2 + n] != '}')
			continue;
		*ret = (struct placeholder){
			.start = at, .end = at + 2 + n + 1, .name = at + 2, .name_n = n};
		return true;
	}
	return false;
}

const char *placeholder_value(const struct placeholder *p, const struct pairs *parameters)
{
	for (size_t i = 0; i < parameters->n; i++) {
		const char *name = parameters->v[i].name;
		if (strlen(name) == p->name_n && memcmp(name, p->name, p->name_n) == 0)
			return parameters->v[i].value;
	}
	return NULL;
}

char *placeholder_expand(struct arena *a, const char *s, const struct pairs *parameters)
{
	buf_auto out = {0};
	struct placeholder p;
	for (; placeholder_next(s, &p); s = p.end) {
		const char *value = placeholder_value(&p, parameters);
		buf_add(&out, s, (size_t)(p.start - s));
		if (value)
			buf_adds(&out, value);
		else
			buf_add(&out, p.start, (size_t)(p.end - p.start));
	}
	buf_adds(&out, s);
	return arena_strdup(a, buf_str(&out));
}
