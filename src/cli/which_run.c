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

bool which_runs(const struct session *s, const char *what, struct run_find *ret, struct err *err)
{
	if (!check(s, what, err))
		return false;
	*ret = (struct run_find){s->compartment_id, s->pipeline, s->target_name};
	return true;
}

bool which_run(const struct session *s, const char *what, const struct run **ret, struct err *err)
{
	struct run_find q;
	if (!which_runs(s, what, &q, err))
		return false;
	return run_find(s->oci, &q, what, ret, err) || given_ocid_failed(s, what, err);
}
