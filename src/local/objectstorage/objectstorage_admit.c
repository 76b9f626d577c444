/*
 * Who comes without a signature: by the token of a pre-authenticated request, or to a bucket whose objects all may
 * read. What is let in acts as who made the pre-authenticated request, with the permissions that they have now.
 */
#include "base/clock.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/objectstorage/objectstorage.h"

#include <string.h>

enum par_use { PAR_READ, PAR_WRITE, PAR_LIST };

/* Like an object of any page: nothing that it holds acts in the name of this service's address. */
static bool let_in(struct reply *reply)
{
	reply_field(reply, "x-content-type-options", "nosniff");
	reply_field(reply, "content-security-policy", "sandbox");
	return true;
}

static bool allows(struct request *r, enum par_use use, const char *access, const char *object,
	const char *listing)
{
	const char *name = use == PAR_LIST ? request_query(r, "prefix") : r->args[2];
	if (use == PAR_LIST && strcmp(listing, "ListObjects") != 0)
		return false;
	if (use != PAR_LIST && !strstr(access, use == PAR_READ ? "Read" : "Write"))
		return false;
	if (!text_starts(access, "Any"))
		return text_equal(name, object);
	return !object || (name && text_starts(name, object));
}

/* NULL where the token does not let do this now, whatever the reason. */
static const char *par_user(struct request *r, const char *token, enum par_use use)
{
	const char *user = NULL;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT p.user, p.access, p.object, p.listing FROM pars p JOIN buckets b"
		" ON b.id = p.bucket WHERE p.digest = ? AND b.name = ? AND p.time_expires > ?",
		"ssi", storage_par_digest(r->arena, token), r->args[1],
		clock_wall(r->service->clock));
	if (sqlite3_step(st) == SQLITE_ROW &&
		allows(r, use, (const char *)sqlite3_column_text(st, 1),
			(const char *)sqlite3_column_text(st, 2),
			(const char *)sqlite3_column_text(st, 3)))
		user = store_text(r->arena, st, 0);
	store_done(st);
	return user;
}

/* Nobody has signed: whose request it is, the namespace tells. */
static bool find_tenancy(struct request *r, const struct identity *identity)
{
	const struct identity_tenancy *t = identity_tenancy_of_namespace(identity, r->args[0]);
	if (t)
		r->service = t->service;
	return t;
}

static bool admit(struct request *r, enum par_use use, struct reply *reply)
{
	const struct identity *identity = service_identity(r->service);
	const char *token = r->args++[0], *user = NULL;
	if (!find_tenancy(r, identity))
		return storage_ns_ok(r, reply); /* it is not */
	if (!request_query(r, "versionId"))
		user = par_user(r, token, use);
	const struct identity_user *who = user ? identity_user(identity, user) : NULL;
	if (!who) {
		storage_refuse(reply, r, CHANGE_NO_BUCKET, r->args[1], NULL);
		return false;
	}
	r->caller = (struct caller){
		.identity = identity, .who = who, .user = who->id, .tenancy = who->tenancy->id};
	return let_in(reply);
}

bool storage_par_read(struct request *r, struct reply *reply)
{
	return admit(r, PAR_READ, reply);
}

bool storage_par_write(struct request *r, struct reply *reply)
{
	return admit(r, PAR_WRITE, reply);
}

bool storage_par_list_objects(struct request *r, struct reply *reply)
{
	return admit(r, PAR_LIST, reply);
}

static bool is_public(struct request *r, bool list)
{
	if (!find_tenancy(r, service_identity(r->service)))
		return false;
	sqlite3_stmt *st = store_prepare(store_db(r->service->store),
		"SELECT access = 'ObjectRead' OR (access = 'ObjectReadWithoutList' AND NOT ?2)"
		" FROM buckets WHERE name = ?1",
		"si", r->args[1], (int64_t)list);
	bool yes = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 0);
	store_done(st);
	return yes;
}

bool storage_public_read(struct request *r, struct reply *reply)
{
	return is_public(r, false) && let_in(reply);
}

bool storage_public_list(struct request *r, struct reply *reply)
{
	return is_public(r, true) && let_in(reply);
}
