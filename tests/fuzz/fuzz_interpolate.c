/*
 * References in a text, beside a second reading of their rules, by hand. The input is a line for the parameter `a`, one
 * for `b`, and the text; `c` is null. The text is the pipeline's description.
 */
#include "fuzz.h"

#include "base/fs.h"
#include "base/text.h"
#include "spec/spec.h"
#include "spec/yaml.h"

#include <string.h>

enum { TEXT_MAX = 1 << 20 };

struct model {
	const char *a, *b;
	struct buf out;
	bool wrong; /* must be refused */
	bool other; /* names something that is not modelled: weir's own */
	bool null;  /* the whole becomes nothing */
};

/* `$<key>` or `$<key|otherwise>`, its end at `end`. */
static void reference(struct model *m, const char *key, const char *end, bool whole)
{
	const char *bar = memchr(key, '|', (size_t)(end - key));
	size_t n = (size_t)((bar ? bar : end) - key);
	if (n == 1 && (*key == 'a' || *key == 'b')) {
		buf_adds(&m->out, *key == 'a' ? m->a : m->b);
		return;
	}
	if (memchr(key, '.', n) || (n == 4 && !memcmp(key, "date", 4))) {
		m->other = true;
		return;
	}
	if (n != 1 || *key != 'c' || !bar) {
		/* `$<c>` alone is null, which a description may be. */
		m->null = n == 1 && *key == 'c' && whole;
		m->wrong = m->wrong || !m->null;
		return;
	}
	size_t len = (size_t)(end - bar - 1);
	arena_auto scratch = {0};
	if (whole && len)
		m->null = yaml_plain(&scratch, bar + 1, len)->kind == NODE_NULL;
	buf_add(&m->out, bar + 1, len);
}

static void expand(struct model *m, const char *text, size_t n)
{
	const char *end = text + n;
	for (const char *at = text; at < end;) {
		if (end - at >= 3 && !memcmp(at, "$$<", 3)) {
			buf_adds(&m->out, "$<");
			at += 3;
		} else if (end - at >= 2 && !memcmp(at, "$<", 2)) {
			const char *close = memchr(at, '>', (size_t)(end - at));
			if (!close) {
				m->wrong = true;
				return;
			}
			reference(m, at + 2, close, at == text && close + 1 == end);
			at = close + 1;
		} else {
			buf_addc(&m->out, *at++);
		}
	}
}

/* U+0085, U+2028 and U+2029: libyaml takes these for line breaks, as YAML 1.1 has it, and folds them even in quotes. */
static bool has_odd_break(const char *text)
{
	return strstr(text, "\xc2\x85") || strstr(text, "\xe2\x80\xa8") ||
		strstr(text, "\xe2\x80\xa9");
}

/* False: the text has characters that no YAML file has, even in quotes, or that do not come through. */
static bool write_pipeline(const char *text, size_t n)
{
	struct mark at;
	const char *why;
	buf_auto yaml = {0};
	buf_adds(&yaml,
		"{\"pipeline\":\"p\",\"parameters\":{\"a\":{},\"b\":{},\"c\":{\"default\":null}},"
		"\"description\":");
	text_json(&yaml, text, n);
	buf_addc(&yaml, '}');
	fuzz_write("pipeline.yaml", buf_str(&yaml), yaml.len);
	return !has_odd_break(text) && yaml_is_text(buf_str(&yaml), yaml.len, &at, &why);
}

static void compare(const struct model *m, const struct pipeline *p, const struct diags *d)
{
	bool large = m->out.overflow || m->out.len > TEXT_MAX;
	if (m->wrong || large) {
		FUZZ_CHECK(!p && d->errors);
		return;
	}
	FUZZ_CHECK(p, "%s", d->n ? d->v[0].text : "");
	if (m->null)
		FUZZ_CHECK(!p->description);
	else
		FUZZ_CHECK(text_equal(p->description, buf_str(&m->out)), "%s, not %s",
			p->description, buf_str(&m->out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct fuzz_input in = {data, data + n};
	struct model m = {.out = {.max = 2 * TEXT_MAX}};
	m.a = fuzz_until(&in, '\n', &a);
	m.b = fuzz_until(&in, '\n', &a);
	size_t len;
	const char *text = fuzz_rest(&in, &a, &len);
	if (memchr(data, 0, n) || !text_is_utf8((const char *)data, n))
		return 0;
	/* Whoever gives a secret's value for a parameter is told, though nothing would be resolved. */
	m.wrong = strstr(m.a, "$<vault.") || strstr(m.b, "$<vault.");
	expand(&m, text, len);

	struct diags d = {.arena = &a};
	const struct spec_param params[] = {{"a", m.a}, {"b", m.b}};
	const struct spec_options o = {
		.dir = fuzz_folder(), .now_ms = 1700000000000, .params = params, .params_n = 2};
	const struct spec_builtins nothing = {0};
	bool is_text = write_pipeline(text, len);
	struct spec *s = spec_open(&o, &a, &d);
	const struct pipeline *p = s ? spec_resolve(s, &nothing, &d) : NULL;
	FUZZ_CHECK(a.bytes < 64u << 20, "%zu bytes", a.bytes);
	if (is_text && !m.other)
		compare(&m, p, &d);
	buf_clear(&m.out);
	return 0;
}
