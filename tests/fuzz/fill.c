/* Records from bytes, by their tables: a new row is filled as soon as it is there. */
#include "fuzz.h"

#include <string.h>

enum { LIST_MAX = 3, DEPTH_MAX = 3 };

const char *fuzz_word(struct fuzz_input *in, struct arena *a)
{
	static const char *const words[] = {"", "a", "b", "oci://b@n", "oci://b@n/",
		"oci://b@n/a.py", "weir", "p/t/a", "1", "1.0", "null", "$<a>", "${a}", "\x1b[31m",
		"a\nb", "\xff", "\xe2\x80\xae" /* bidi override */, "VM.Standard.E4.Flex", "ACTIVE",
		"DELETED"};
	unsigned n = sizeof words / sizeof *words, i = fuzz_below(in, 2 * n);
	return i < n ? words[i] : fuzz_until(in, '\n', a);
}

static const char *str(const struct field *f, struct fuzz_input *in, struct arena *a)
{
	size_t n = 0;
	while (f->choices && f->choices[n])
		n++;
	return n ? f->choices[fuzz_below(in, (unsigned)n)] : fuzz_word(in, a);
}

static void pairs(const struct field *f, struct fuzz_input *in, struct arena *a, struct pairs *out)
{
	static const char *const names[] = {"weir", "team", "a.b", "a.c", "x", "\x1b", "weir-set"};
	unsigned n = fuzz_below(in, LIST_MAX + 1), first = fuzz_byte(in);
	out->v = arena_array(a, n, sizeof *out->v);
	for (unsigned i = 0; i < n; i++) {
		unsigned k = (first + i) % (sizeof names / sizeof *names);
		const char *name = f->kind == FIELD_TAGS ? arena_printf(a, "ns.%u", k) : names[k];
		out->v[out->n++] = (struct pair){name, fuzz_word(in, a)};
	}
}

static void strs(struct fuzz_input *in, struct arena *a, struct strs *out)
{
	unsigned n = fuzz_below(in, LIST_MAX + 1);
	out->v = arena_array(a, n, sizeof *out->v);
	for (unsigned i = 0; i < n; i++)
		out->v[out->n++] = fuzz_word(in, a);
}

struct filling {
	struct fuzz_input *in;
	struct arena *a;
	char *out;
};

static bool fill_field(void *ctx, const struct field *f)
{
	struct filling *x = ctx;
	void *at = x->out + f->at;
	/* Half of what may be absent is. */
	if (!(f->flags & FIELD_REQUIRED) && fuzz_byte(x->in) & 1)
		return true;
	switch (f->kind) {
	case FIELD_STR:
	case FIELD_ENUM:
		*(const char **)at = str(f, x->in, x->a);
		break;
	case FIELD_I64:
		*(struct opt_i64 *)at = (struct opt_i64){true, (int8_t)fuzz_byte(x->in)};
		break;
	case FIELD_NUM:
		*(struct opt_num *)at = (struct opt_num){true, (int8_t)fuzz_byte(x->in) / 4.0};
		break;
	case FIELD_BOOL:
		*(struct opt_bool *)at = (struct opt_bool){true, fuzz_byte(x->in) & 1};
		break;
	case FIELD_OBJ:
		*(void **)at = arena_alloc(x->a, f->of->size);
		fuzz_fill(f->of, x->in, x->a, *(void **)at);
		break;
	case FIELD_STRS:
		strs(x->in, x->a, at);
		break;
	case FIELD_PAIRS:
	case FIELD_PARAMS:
	case FIELD_TAGS:
		pairs(f, x->in, x->a, at);
		break;
	case FIELD_KEYED: /* of files alone: no resource has it */
	case FIELD_ANY:
		break;
	}
	return true;
}

void fuzz_fill(const struct record *r, struct fuzz_input *in, struct arena *a, void *out)
{
	struct filling x = {in, a, out};
	record_each(r, fill_field, &x);
}
