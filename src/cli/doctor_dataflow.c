#include "base/text.h"
#include "cli/doctor.h"
#include "oci/dataflow.h"
#include "oci/probe.h"

struct dataflow_check {
	struct err list, application, run;
};

static void on_list(void *ctx, const struct err *err, const struct run *run)
{
	struct dataflow_check *c = ctx;
	if (!run)
		c->list = *err;
}

static bool first_page(void *ctx)
{
	(void)ctx;
	return false;
}

static void on_application(void *ctx, const struct err *err)
{
	((struct dataflow_check *)ctx)->application = *err;
}

static void on_run(void *ctx, const struct err *err)
{
	((struct dataflow_check *)ctx)->run = *err;
}

static void tell(struct doctor *d, const char *compartment, const struct dataflow_check *c)
{
	const struct err *err = c->list.kind ? &c->list
		: c->application.kind        ? &c->application
					     : &c->run;
	doctor_need(d, "manage dataflow-family", compartment);
	if (!err->kind) {
		findings_add(&d->found, FINDING_OK, "Data Flow",
			"answers for %s; applications and runs may be made there", compartment);
		return;
	}
	if (!doctor_is_refusal(err)) {
		findings_failed(&d->found, "Data Flow", err);
		return;
	}
	struct finding *f = findings_add(&d->found, FINDING_FAIL, "Data Flow",
		c->list.kind                  ? "compartment %s is not there, or not yours to see"
			: c->application.kind ? "answers, but no application may be made in %s"
					      : "answers, but no run may be launched in %s",
		compartment);
	if (c->list.kind)
		finding_cure(&d->found, f,
			"mend compartment_id if it is wrong, or let an administrator add:");
	finding_policy(&d->found, f, doctor_policy(d, "manage dataflow-family", compartment));
}

bool doctor_dataflow(struct doctor *d, struct err *err)
{
	struct oci *oci = d->s->oci;
	struct dataflow_order order = {
		.sort_by = "timeCreated", .page_size = 1, .more = first_page};
	struct dataflow_check *checks =
		arena_array(oci_arena(oci), d->compartments.n, sizeof *checks);
	for (size_t i = 0; i < d->compartments.n; i++) {
		const char *compartment = d->compartments.v[i];
		dataflow_run_list_by(oci, compartment, &order, on_list, &checks[i]);
		dataflow_create_probe(oci, compartment, false, on_application, &checks[i]);
		dataflow_create_probe(oci, compartment, true, on_run, &checks[i]);
	}
	if (!oci_run(oci, err))
		return false;
	for (size_t i = 0; i < d->compartments.n; i++)
		tell(d, d->compartments.v[i], &checks[i]);
	return true;
}
