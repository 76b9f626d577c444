#include "local/identity/permit.h"

#include "base/text.h"
#include "local/dataflow/dataflow.h"
#include "local/identity/identity.h"
#include "local/objectstorage/bucket_row.h"
#include "local/objectstorage/objectstorage.h"
#include "local/vault/vault_row.h"

#include <string.h>

bool permit_in(const struct request *r, enum permit_verb verb, enum permit_type type,
	const char *compartment)
{
	const struct identity_user *who = r->caller.who;
	const struct identity_compartment *c =
		identity_compartment(r->caller.identity, who->tenancy, compartment);
	return c && identity_allows(who, verb, type, c);
}

static bool is_of_bucket(enum permit_of of)
{
	return of == OF_BUCKET || of == OF_OBJECT_PUT;
}

/* The refusal of what has no compartment, has none that the caller knows, or lies where he may not. */
static bool refuse(struct request *r, const struct permit *needs, struct reply *reply)
{
	if (is_of_bucket(needs->of))
		storage_refuse(reply, r, CHANGE_NO_BUCKET, r->args[1], NULL);
	else
		dataflow_not_found(reply);
	return false;
}

/* NULL if it is not there. */
static const char *compartment_of(struct request *r, enum permit_of of)
{
	sqlite3 *db = store_db(r->service->store);
	if (is_of_bucket(of))
		return bucket_row_compartment(db, r->arena, r->args[1]);
	if (of == OF_SECRET)
		return vault_row_compartment(db, r->arena, r->args[0]);
	const struct dataflow_table *table = of == OF_APPLICATION ? &dataflow_application_table
		: of == OF_RUN                                    ? &dataflow_run_table
		: of == OF_POOL                                   ? &dataflow_pool_table
		: of == OF_PRIVATE_ENDPOINT                       ? &dataflow_private_endpoint_table
								  : &dataflow_work_request_table;
	return dataflow_row_compartment(db, table, r->args[0], r->arena);
}

/* Where all that could be there is the caller's to manage, nothing needs to be looked up: this is the way of most
   requests. What is not there the handler refuses then. */
static bool owns_all(const struct request *r)
{
	return r->caller.who->administrator;
}

static bool is_home_user(const struct request *r)
{
	return r->caller.who->home && !r->caller.run_id;
}

/* What is there already is only used. */
static enum permit_verb verb_for(struct request *r, const struct permit *needs)
{
	struct object_row row;
	bool there = needs->of == OF_OBJECT_PUT &&
		object_row_get(store_db(r->service->store), r->arena, r->args[1], r->args[2], &row);
	return there ? VERB_USE : needs->verb;
}

bool permit_head(struct request *r, const struct permit *needs, struct reply *reply)
{
	const char *compartment;
	switch (needs->of) {
	case OF_UNSAID:
		return refuse(r, needs, reply);
	case OF_ANYONE:
	case OF_BODY:
		return true;
	case OF_HOME:
		return is_home_user(r) || refuse(r, needs, reply);
	case OF_QUERY:
		compartment = request_query(r, "compartmentId");
		/* That it is missing is the handler's to tell. */
		return text_empty(compartment) ||
			permit_in(r, needs->verb, needs->type, compartment) ||
			refuse(r, needs, reply);
	case OF_TENANCY:
		return permit_in(r, needs->verb, needs->type, r->caller.tenancy) ||
			refuse(r, needs, reply);
	case OF_BUCKET:
	case OF_OBJECT_PUT:
		if (strcmp(r->args[0], r->service->ns))
			return true; /* the handler knows no such namespace */
		break;
	case OF_APPLICATION:
	case OF_RUN:
	case OF_POOL:
	case OF_PRIVATE_ENDPOINT:
	case OF_WORK_REQUEST:
	case OF_SECRET:
		break;
	}
	if (owns_all(r))
		return true;
	compartment = compartment_of(r, needs->of);
	return (compartment && permit_in(r, verb_for(r, needs), needs->type, compartment)) ||
		refuse(r, needs, reply);
}

bool permit_body(struct request *r, const struct permit *needs, struct reply *reply)
{
	struct err err;
	if (needs->of != OF_BODY && needs->to != OF_BODY)
		return true;
	const struct node *body = node_from_json(r->arena, buf_str(&r->body), r->body.len, &err);
	const char *compartment = body ? node_get_str(body, "compartmentId") : NULL;
	/* What is wrong with it is the handler's to tell. */
	if (text_empty(compartment))
		return true;
	if (needs->of == OF_BODY)
		return permit_in(r, needs->verb, needs->type, compartment) ||
			refuse(r, needs, reply);
	return text_equal(compartment, compartment_of(r, needs->of)) ||
		permit_in(r, VERB_MANAGE, needs->type, compartment) || refuse(r, needs, reply);
}
