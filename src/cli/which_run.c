#include "cli/which_run.h"

#include "base/text.h"
#include "cli/given_ocid.h"

static bool check(const struct session *s, const char *what, struct err *err)
{
	if (!what)
		return session_need_file(s, "the last launch", err);
	if (text_starts(what, "ocid1."))
		return given_ocid_check(what, OCID_RUN, err);
	if (text_equal(what, "last"))
		return session_need_file(s, "`last`", err);
	if (session_need_compartment(s, err))
		return true;
	return err_wrap(err, "a run called `%s`", what);
}

static void add_once(struct strs *to, const char *s)
{
	for (size_t i = 0; i < to->n; i++)
		if (text_equal(to->v[i], s))
			return;
	to->v[to->n++] = s;
}

struct strs which_compartments(const struct session *s)
{
	struct arena *a = &s->cli->arena;
	struct spec_builtins b = {.region = oci_region(s->oci),
		.tenancy = oci_tenancy(s->oci),
		.compartment_id = s->compartment_id};
	struct strs steps = {0};
	if (s->spec)
		steps = spec_run_compartments(s->spec, &b, a);
	struct strs all = {arena_array(a, steps.n + 1, sizeof *all.v), 0};
	if (s->compartment_id)
		add_once(&all, s->compartment_id);
	for (size_t i = 0; i < steps.n && !s->cli->compartment_id; i++)
		add_once(&all, steps.v[i]);
	return all;
}

struct strs which_others(const struct strs *of, const struct strs *known, struct arena *a)
{
	struct strs all = {arena_array(a, of->n + known->n, sizeof *all.v), 0};
	for (size_t i = 0; i < known->n; i++)
		add_once(&all, known->v[i]);
	for (size_t i = 0; i < of->n; i++)
		add_once(&all, of->v[i]);
	return (struct strs){all.v + known->n, all.n - known->n};
}

bool which_runs(const struct session *s, const char *what, struct run_find *ret, struct err *err)
{
	if (!check(s, what, err))
		return false;
	*ret = (struct run_find){which_compartments(s), s->pipeline, s->target_name};
	return true;
}

bool which_run(const struct session *s, const char *what, const struct run **ret, struct err *err)
{
	struct run_find q;
	if (!which_runs(s, what, &q, err))
		return false;
	return run_find(s->oci, &q, what, ret, err) || given_ocid_failed(s, what, err);
}
