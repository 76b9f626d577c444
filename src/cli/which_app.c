#include "cli/which_app.h"

#include "base/text.h"
#include "run/list.h"

bool which_app(struct session *s, const char *address, const char **ret_id, struct err *err)
{
	struct arena *a = &s->cli->arena;
	const char *key = address + strlen("apps.");
	struct list_query q = {.compartments = spec_compartments(s->spec, &s->want, a),
		.owner = s->owner,
		.sort = list_app_sorts[0]};
	struct listed_apps apps = {0};
	const struct resource *want = resources_find(&s->want, address);
	const char *tag = identity_tag(a, s->pipeline, s->target_name, key), *id = NULL;
	if (!list_apps(s->oci, &q, &apps, err))
		return false;
	for (size_t i = 0; i < apps.n; i++) {
		if (!text_equal(identity_tag_of(&apps.v[i].app->freeform_tags), tag))
			continue;
		if (id)
			return err_set(err, ERR_CONFLICT,
				"%s is claimed by more than one live application: %s and %s",
				address, id, apps.v[i].app->id);
		id = apps.v[i].app->id;
	}
	*ret_id = id ? id : want ? want->adopt : NULL;
	if (*ret_id)
		return true;
	err_set(err, ERR_NOT_FOUND, "%s is not there: target %s has no such application", address,
		s->target_name);
	return err_hint(err,
		want ? "`weir apply` makes it" : "`weir list apps` lists those that are there");
}
