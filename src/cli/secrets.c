#include "cli/secrets.h"

#include "base/text.h"
#include "oci/secrets.h"

#include <string.h>

struct asked {
	struct session *s;
	const char *reference, *id, *step;
	const struct check_decl *check; /* the first that names it */
	const char *value;
	struct err err;
};
struct list {
	struct asked *v;
	size_t n, cap;
};

static bool is_asked(const struct list *l, const char *reference)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].reference, reference))
			return true;
	return false;
}

static void collect(
	struct session *s, const char *step, const struct check_decl *check, struct list *l)
{
	struct arena *a = &s->cli->arena;
	for (size_t i = 0; i < check->not_logged.n; i++) {
		const char *text = check->not_logged.v[i], *id = spec_secret_named(text, a);
		if (!id || is_asked(l, text))
			continue;
		l->v = arena_grow(a, l->v, l->n, &l->cap, sizeof *l->v);
		l->v[l->n++] = (struct asked){s, text, id, step, check, NULL, {0}};
	}
}

/* Whether it is a text that can be found and left out. */
static bool check_value(const char *id, const char *value, size_t len, struct err *err)
{
	if (!len)
		return err_set(err, ERR_INVALID, "secret %s is empty", id);
	if (memchr(value, '\0', len) || !text_is_utf8(value, len)) {
		err_set(err, ERR_INVALID, "secret %s is binary", id);
		return err_hint(err, "`not_logged` looks for a text");
	}
	if (len < SPEC_SECRET_MIN)
		return err_set(err, ERR_INVALID,
			"secret %s is too short to be kept out of what is printed: a value has at "
			"least %d characters",
			id, SPEC_SECRET_MIN);
	return true;
}

/* As it is, and as it is shown where characters are escaped. */
static void leave_out(struct session *s, const char *text, size_t len)
{
	struct buf shown = {0};
	const char *kept = arena_strndup(&s->cli->fetched, text, len);
	text_escape(&shown, text, len, false);
	spec_add_secret(s->spec, kept);
	if (strcmp(buf_str(&shown), kept) != 0)
		spec_add_secret(s->spec, arena_strdup(&s->cli->fetched, buf_str(&shown)));
	buf_wipe(&shown);
}

/* Of several lines each too: what jobs print is told line by line. */
static void leave_out_lines(struct session *s, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\r\n");
		if (n >= SPEC_SECRET_MIN)
			leave_out(s, text, n);
		text += n + strspn(text + n, "\r\n");
	}
}

static void on_value(void *ctx, const struct err *err, const char *value, size_t len)
{
	struct asked *k = ctx;
	struct cli *cli = k->s->cli;
	k->err = *err;
	if (err->kind || !check_value(k->id, value, len, &k->err))
		return;
	k->value = arena_strndup(&cli->fetched, value, len);
	leave_out(k->s, value, len);
	if (strpbrk(value, "\r\n"))
		leave_out_lines(k->s, value);
}

static bool fail(const struct asked *k, struct err *err)
{
	const struct mark *at = &k->check->head.mark;
	*err = k->err;
	if (err->kind != ERR_INTERRUPTED)
		err_wrap(err, "%s: check %s", k->step, k->check->head.key);
	return err_hint(err, "it is at %s:%u:%u", at->file ? at->file : "", at->line, at->col);
}

static bool ask_all(struct session *s, struct list *l, struct err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (!secrets_are_here(s->oci, l->v[i].id, &l->v[i].err))
			return fail(&l->v[i], err);
	for (size_t i = 0; i < l->n; i++)
		secrets_get(s->oci, l->v[i].id, on_value, &l->v[i]);
	if (!oci_run(s->oci, err))
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].err.kind)
			return fail(&l->v[i], err);
	return true;
}

bool secrets_fetch(
	struct session *s, const struct spec_steps *steps, struct pairs *ret, struct err *err)
{
	struct list l = {0};
	*ret = (struct pairs){0};
	if (s->cli->detach)
		return true;
	for (size_t i = 0; i < steps->n; i++) {
		const struct check_decl *checks = steps->v[i].checks.v;
		for (size_t k = 0; k < steps->v[i].checks.n; k++)
			collect(s, steps->v[i].name, &checks[k], &l);
	}
	if (!ask_all(s, &l, err))
		return false;
	ret->v = arena_array(&s->cli->arena, l.n, sizeof *ret->v);
	for (size_t i = 0; i < l.n; i++)
		ret->v[ret->n++] = (struct pair){l.v[i].reference, l.v[i].value};
	return true;
}
