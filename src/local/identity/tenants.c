#include "local/identity/tenants.h"

#include "base/fs.h"
#include "local/dataflow/stepper.h"
#include "local/home.h"
#include "local/objectstorage/copier.h"
#include "local/runner/runner.h"
#include "local/store/store.h"

#include <string.h>

static struct service *find(const struct tenants *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->names[i], name))
			return t->v[i];
	return NULL;
}

bool tenant_begin(struct service *s, int max_runs, struct err *err)
{
	s->runner = runner_start(s, max_runs, err);
	s->copier = s->runner ? copier_start(s, err) : NULL;
	s->stepper = s->copier ? stepper_start(s, err) : NULL;
	return s->stepper;
}

void tenant_end(struct service *s)
{
	stepper_stop(s->stepper);
	copier_stop(s->copier);
	if (s->runner)
		runner_stop(s->runner);
	store_close(s->store);
}

static bool open_parts(struct tenants *t, struct service *s, struct err *err)
{
	if (!fs_mkdirs(s->home, 0700, err))
		return false;
	s->store = store_open(s->home, err);
	if (!s->store)
		return false;
	store_identify(s->store, s->tenancy, s->user, s->ns, HOME_REALM_REGION);
	return tenant_begin(s, t->max_runs, err);
}

static struct service *open_one(struct tenants *t, const struct identity *identity,
	const struct identity_tenancy *tenancy, struct err *err)
{
	struct arena *a = &t->arena;
	struct service *s = arena_new(a, struct service);
	if (t->n == TENANTS_MAX) {
		err_set(err, ERR_LIMIT, "%d tenancies were opened; start the service anew",
			TENANTS_MAX);
		return NULL;
	}
	*s = *t->home;
	s->identity = arena_new(a, struct identity_box);
	atomic_store(&s->identity->now, identity);
	s->store = NULL;
	s->runner = NULL;
	s->copier = NULL;
	s->stepper = NULL;
	s->home = arena_printf(a, "%s/tenancies/%s", t->home->home, tenancy->name);
	s->tenancy = arena_strdup(a, tenancy->id);
	s->user = s->tenancy; /* who makes what the service itself makes */
	s->fingerprint = "";
	s->ns = arena_strdup(a, tenancy->ns);
	if (!open_parts(t, s, err)) {
		tenant_end(s);
		return NULL;
	}
	t->names[t->n] = arena_strdup(a, tenancy->name);
	return t->v[t->n++] = s;
}

bool tenants_open(struct tenants *t, struct identity *identity, struct err *err)
{
	identity->tenancies[0].service = t->home;
	for (size_t i = 1; i < identity->tenancies_n; i++) {
		struct identity_tenancy *tenancy = &identity->tenancies[i];
		struct service *s = find(t, tenancy->name);
		if (!s && !(s = open_one(t, identity, tenancy, err)))
			return err_wrap(err, "tenancy %s", tenancy->name);
		if (strcmp(s->ns, tenancy->ns))
			return err_set(err, ERR_CONFIG,
				"tenancy %s: its namespace is `%s` until the service is started anew",
				tenancy->name, s->ns);
		atomic_store(&s->identity->now, identity);
		tenancy->service = s;
	}
	return true;
}

bool tenants_are_busy(const struct tenants *t)
{
	bool busy = false;
	for (size_t i = 0; i < t->n; i++)
		busy = busy || runner_is_busy(t->v[i]->runner);
	return busy;
}

void tenants_close(struct tenants *t)
{
	for (size_t i = 0; i < t->n; i++)
		tenant_end(t->v[i]);
	arena_clear(&t->arena);
}
