#include "field/memory.h"

#include "base/digest.h"
#include "base/text.h"
#include "field/rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char FORMAT = '1';
enum { ENTRY_KEY = MEMORY_DIGEST + MEMORY_VALUE };

static void put_digest(const struct buf *of, size_t n, char *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char sum[DIGEST_MAX];
	digest_bytes(DIGEST_SHA256, buf_str(of), of->len, sum);
	unsigned long bits = (unsigned long)sum[0] << 24 | (unsigned long)sum[1] << 16 |
		(unsigned long)sum[2] << 8 | sum[3];
	for (size_t i = 0; i < n; i++)
		out[i] = letters[bits >> (26 - 6 * i) & 63];
}

static bool is_digest(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= 'a' && s[i] <= 'z') ||
			    (s[i] >= '0' && s[i] <= '9') || s[i] == '-' || s[i] == '_'))
			return false;
	return true;
}

static int by_key(const void *x, const void *y)
{
	const struct node_pair *const *a = x, *const *b = y;
	return strcmp((*a)->key, (*b)->key);
}

static void put_canonical(struct buf *out, const struct node *n);

static void put_map(struct buf *out, const struct node *n)
{
	arena_auto a = {0};
	const struct node_pair **v = arena_array(&a, n->u.map.n, sizeof *v);
	for (size_t i = 0; i < n->u.map.n; i++)
		v[i] = &n->u.map.v[i];
	if (n->u.map.n)
		qsort(v, n->u.map.n, sizeof *v, by_key);
	buf_addc(out, '{');
	for (size_t i = 0; i < n->u.map.n; i++) {
		buf_adds(out, i ? "," : "");
		text_json(out, v[i]->key, strlen(v[i]->key));
		buf_addc(out, ':');
		put_canonical(out, v[i]->value);
	}
	buf_addc(out, '}');
}

/* 1 and 1.0 are one number. */
static void put_number(struct buf *out, double d)
{
	char number[32];
	buf_adds(out, text_number(d, number));
}

static void put_int(struct buf *out, int64_t i)
{
	const int64_t exact = INT64_C(1) << 53;
	if (i > -exact && i < exact)
		put_number(out, (double)i);
	else
		buf_printf(out, "%" PRId64, i);
}

/* JSON with sorted keys. */
static void put_canonical(struct buf *out, const struct node *n)
{
	switch (n->kind) {
	case NODE_NULL:
		buf_adds(out, "null");
		break;
	case NODE_BOOL:
		buf_adds(out, n->u.b ? "true" : "false");
		break;
	case NODE_INT:
		put_int(out, n->u.i);
		break;
	case NODE_FLOAT:
		put_number(out, n->u.d);
		break;
	case NODE_STR:
		text_json(out, n->text, n->len);
		break;
	case NODE_SEQ:
		buf_addc(out, '[');
		for (size_t i = 0; i < n->u.seq.n; i++) {
			buf_adds(out, i ? "," : "");
			put_canonical(out, n->u.seq.v[i]);
		}
		buf_addc(out, ']');
		break;
	case NODE_MAP:
		put_map(out, n);
		break;
	}
}

void memory_digest(const struct field *f, const struct node *n, char out[static MEMORY_DIGEST + 1])
{
	buf_auto text = {0};
	arena_auto a = {0};
	if (!node_is_empty(n) && f->canon && n->kind == NODE_STR)
		n = node_str(&a, f->canon(&a, n->text));
	if (!node_is_empty(n))
		put_canonical(&text, n);
	put_digest(&text, MEMORY_DIGEST, out);
	out[MEMORY_DIGEST] = '\0';
}

/* The API's name of the row is as permanent as a letter. */
static void put_key(const struct field *f, const char *key, const char *value, char out[ENTRY_KEY])
{
	buf_auto text = {0};
	buf_printf(&text, "%s\n%s", f->api, key);
	put_digest(&text, MEMORY_DIGEST, out);
	buf_clear(&text);
	buf_adds(&text, value);
	put_digest(&text, MEMORY_VALUE, out + MEMORY_DIGEST);
}

static void put_check(const char *bound, const char *rest, char out[MEMORY_DIGEST])
{
	buf_auto text = {0};
	buf_printf(&text, "%s\n%s", bound ? bound : "", rest);
	put_digest(&text, MEMORY_DIGEST, out);
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Length of the field's entry at s; 0 where there is none. Needs no table, so that what a later weir remembers is
   passed over. */
static size_t entry_length(const char *s, size_t left)
{
	size_t letters = left && is_upper(*s) ? 2 : 1;
	if (left < letters + MEMORY_DIGEST || !is_letter(s[letters - 1]) ||
		!is_digest(s + letters, MEMORY_DIGEST))
		return 0;
	return letters + MEMORY_DIGEST;
}

static bool has_form(const struct memory *m)
{
	for (size_t at = 0, n; at < m->fields_len; at += n)
		if (!(n = entry_length(m->fields + at, m->fields_len - at)))
			return false;
	return m->keys_len % ENTRY_KEY == 0 && is_digest(m->keys, m->keys_len);
}

void memory_read(const char *text, const char *bound, struct memory *ret)
{
	*ret = (struct memory){.state = text ? MEMORY_GARBLED : MEMORY_NONE};
	if (text && *text > FORMAT && *text <= '9')
		ret->state = MEMORY_NEWER;
	if (!text || *text != FORMAT || strnlen(text, MEMORY_MAX + 1) > MEMORY_MAX ||
		strlen(text) < 1 + MEMORY_DIGEST)
		return;
	const char *rest = text + 1 + MEMORY_DIGEST, *dot = strchrnul(rest, '.');
	struct memory m = {.state = MEMORY_KNOWN,
		.fields = rest,
		.fields_len = (size_t)(dot - rest),
		.keys = *dot ? dot + 1 : dot};
	m.keys_len = strlen(m.keys);
	char check[MEMORY_DIGEST];
	put_check(bound, rest, check);
	if (!memcmp(check, text + 1, MEMORY_DIGEST) && has_form(&m))
		*ret = m;
}

static bool find_entry(const struct memory *m, const char *letters, size_t n, char *ret)
{
	for (size_t at = 0, len; at < m->fields_len; at += len) {
		len = entry_length(m->fields + at, m->fields_len - at);
		if (len != n + MEMORY_DIGEST || memcmp(m->fields + at, letters, n) != 0)
			continue;
		memcpy(ret, m->fields + at + n, MEMORY_DIGEST);
		ret[MEMORY_DIGEST] = '\0';
		return true;
	}
	return false;
}

bool memory_field(const struct memory *m, const struct field *outer, const struct field *f,
	char ret[static MEMORY_DIGEST + 1])
{
	const char letters[] = {outer ? outer->letter : f->letter, f->letter};
	return f->letter && letters[0] && find_entry(m, letters, outer ? 2 : 1, ret);
}

bool memory_key(const struct memory *m, const struct field *f, const char *key, const char *value,
	bool *ret_same)
{
	char entry[ENTRY_KEY];
	if (!m->keys_len)
		return false;
	put_key(f, key, value, entry);
	for (size_t at = 0; at < m->keys_len; at += ENTRY_KEY) {
		if (memcmp(m->keys + at, entry, MEMORY_DIGEST) != 0)
			continue;
		*ret_same = !memcmp(m->keys + at, entry, ENTRY_KEY);
		return true;
	}
	return false;
}

struct writer {
	struct buf text; /* behind the check */
	struct arena *a;
	size_t left_out;
};

/* What a record sets of a row; NULL where nothing is to be remembered. That a RESET row is empty needs no words. */
static const struct node *set_value(struct writer *w, const struct field *f, const void *record)
{
	if (field_is_set(f, record)) {
		const struct node *n = rows_encode(f, record, FORM_YAML, false, w->a);
		return f->absent == ABSENT_RESET && node_is_empty(n) ? NULL : n;
	}
	return f->absent == ABSENT_DEFAULT ? rows_default(f, w->a) : NULL;
}

static void write_field(
	struct writer *w, const struct field *outer, const struct field *f, const void *record)
{
	const struct node *n = f->letter ? set_value(w, f, record) : NULL;
	if (!n)
		return;
	char digest[MEMORY_DIGEST + 1];
	memory_digest(f, n, digest);
	if (outer)
		buf_addc(&w->text, outer->letter);
	buf_addc(&w->text, f->letter);
	buf_adds(&w->text, digest);
}

static void write_inside(struct writer *w, const struct field *f, const void *record)
{
	const struct field *g;
	if (!f->letter || !field_is_set(f, record))
		return;
	const void *inner = rows_inner(w->a, f, record);
	for (struct rows i = rows_of(f->of); (g = rows_next(&i));)
		if (rows_compared(g))
			write_field(w, f, g, inner);
}

static int by_name(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	return strcmp(a->name, b->name);
}

static void write_keys(struct writer *w, const struct field *f, const void *record)
{
	const struct pairs *p = rows_const_member(f, record);
	struct pair *v = arena_array(w->a, p->n, sizeof *v);
	if (p->n) {
		memcpy(v, p->v, p->n * sizeof *v);
		qsort(v, p->n, sizeof *v, by_name);
	}
	for (size_t i = 0; i < p->n; i++) {
		char entry[ENTRY_KEY];
		put_key(f, v[i].name, v[i].value, entry);
		if (1 + MEMORY_DIGEST + w->text.len + ENTRY_KEY > MEMORY_MAX)
			w->left_out++;
		else
			buf_add(&w->text, entry, ENTRY_KEY);
	}
}

char *memory_write(const struct record *r, const void *want, const char *bound, struct arena *a,
	size_t *ret_left_out)
{
	arena_auto scratch = {0};
	struct writer w = {.a = &scratch};
	const struct field *f;
	for (struct rows i = rows_of(r); (f = rows_next(&i));) {
		if (!rows_compared(f) || rows_merged(f))
			continue;
		if (f->kind == FIELD_OBJ)
			write_inside(&w, f, want);
		else
			write_field(&w, NULL, f, want);
	}
	buf_addc(&w.text, '.');
	for (struct rows i = rows_of(r); (f = rows_next(&i));)
		if (rows_compared(f) && rows_merged(f))
			write_keys(&w, f, want);
	if (buf_str(&w.text)[w.text.len - 1] == '.')
		buf_truncate(&w.text, w.text.len - 1);
	char check[MEMORY_DIGEST];
	put_check(bound, buf_str(&w.text), check);
	char *text = arena_printf(a, "%c%.*s%s", FORMAT, MEMORY_DIGEST, check, buf_str(&w.text));
	if (ret_left_out)
		*ret_left_out = w.left_out;
	buf_clear(&w.text);
	return text;
}
