#include "local/identity/identity.h"

#include "base/digest.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char *const default_compartments[IDENTITY_DEFAULTS] = {"dev", "test", "prod"};

const char *identity_unique(struct arena *a, const char *what, const char *from)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	const char *seed = arena_printf(a, "%s %s", what, from);
	unsigned char hash[DIGEST_MAX + 1] = {0};
	char *out = arena_alloc(a, 53);
	digest_bytes(DIGEST_SHA256, seed, strlen(seed), hash);
	for (int i = 0; i < 52; i++) {
		int bit = i * 5;
		int pair = hash[bit / 8] << 8 | hash[bit / 8 + 1];
		out[i] = digits[pair >> (11 - bit % 8) & 31];
	}
	return out;
}

struct identity *identity_new(size_t tenancies)
{
	struct identity *identity = xalloc(sizeof *identity);
	struct arena *a = &identity->arena;
	identity->compartments.arena = identity->users.arena = identity->keys.arena = a;
	identity->tenancies = arena_array(a, tenancies, sizeof *identity->tenancies);
	return identity;
}

struct identity_tenancy *identity_add_tenancy(struct identity *identity, const char *name,
	const char *id, const char *ns, size_t compartments)
{
	struct identity_tenancy *t = &identity->tenancies[identity->tenancies_n++];
	*t = (struct identity_tenancy){.id = id, .name = name, .ns = ns};
	t->compartments = arena_array(&identity->arena, compartments, sizeof *t->compartments);
	identity_add_compartment(identity, t, NULL, name, id);
	return t;
}

struct identity_compartment *identity_add_compartment(struct identity *identity,
	struct identity_tenancy *t, const struct identity_compartment *parent, const char *name,
	const char *id)
{
	struct arena *a = &identity->arena;
	struct identity_compartment *c = &t->compartments[t->compartments_n];
	*c = (struct identity_compartment){.id = id,
		.name = name,
		.path = "",
		.parent = parent,
		.tenancy = t,
		.index = t->compartments_n};
	if (parent)
		c->path = *parent->path ? arena_printf(a, "%s:%s", parent->path, name) : name;
	if (!c->id)
		c->id = arena_printf(a, "ocid1.compartment.oc1..aaaaaaaa%s",
			identity_unique(a, arena_printf(a, "compartment %s", c->path), t->id));
	if (map_has(&identity->compartments, c->id))
		return NULL;
	map_put(&identity->compartments, c->id, c);
	t->compartments_n++;
	return c;
}

struct identity_user *identity_add_user(
	struct identity *identity, struct identity_tenancy *t, const char *name, const char *id)
{
	struct arena *a = &identity->arena;
	struct identity_user *u = arena_new(a, struct identity_user);
	*u = (struct identity_user){.id = id, .name = name, .tenancy = t};
	if (!u->id)
		u->id = arena_printf(a, "ocid1.user.oc1..aaaaaaaa%s",
			identity_unique(a, arena_printf(a, "user %s", name), t->id));
	map_put(&identity->users, u->id, u);
	return u;
}

void identity_key(struct identity *identity, struct identity_user *user, EVP_PKEY *key,
	const char *fingerprint)
{
	struct arena *a = &identity->arena;
	user->fingerprint = arena_strdup(a, fingerprint);
	user->key_id = arena_printf(a, "%s/%s/%s", user->tenancy->id, user->id, user->fingerprint);
	user->key = key;
	if (key)
		EVP_PKEY_up_ref(key);
	map_put(&identity->keys, user->key_id, user);
}

static bool is_in(const struct identity_compartment *c, const struct identity_compartment *outer)
{
	while (c && c != outer)
		c = c->parent;
	return c;
}

void identity_grant(struct identity *identity, struct identity_user *user, enum permit_verb verb,
	unsigned types, const struct identity_compartment *in)
{
	const struct identity_tenancy *t = user->tenancy;
	if (!user->rights)
		user->rights = arena_array(&identity->arena, t->compartments_n, TYPES);
	for (size_t i = 0; i < t->compartments_n; i++) {
		unsigned char *row = user->rights + i * TYPES;
		for (unsigned type = 0; type < TYPES && is_in(&t->compartments[i], in); type++)
			if (types >> type & 1 && row[type] < verb)
				row[type] = (unsigned char)verb;
	}
}

bool identity_allows(const struct identity_user *user, enum permit_verb verb, enum permit_type type,
	const struct identity_compartment *in)
{
	if (in->tenancy != user->tenancy)
		return false;
	return user->administrator ||
		(user->rights && user->rights[in->index * TYPES + type] >= verb);
}

void identity_add_defaults(struct identity *identity, struct identity_tenancy *t)
{
	for (size_t i = 0; i < IDENTITY_DEFAULTS; i++)
		identity_add_compartment(
			identity, t, t->compartments, default_compartments[i], NULL);
}

struct identity_tenancy *identity_add_home(
	struct identity *identity, const struct identity_home *home, size_t compartments)
{
	struct arena *a = &identity->arena;
	struct identity_tenancy *t = identity_add_tenancy(identity, IDENTITY_HOME,
		arena_strdup(a, home->tenancy), arena_strdup(a, home->ns), compartments);
	struct identity_user *u =
		identity_add_user(identity, t, IDENTITY_HOME, arena_strdup(a, home->user));
	u->administrator = u->home = true;
	identity_key(identity, u, home->key, home->fingerprint);
	return t;
}

struct identity *identity_default(const struct identity_home *home)
{
	struct identity *identity = identity_new(1);
	identity_add_defaults(identity, identity_add_home(identity, home, IDENTITY_DEFAULTS + 1));
	return identity;
}

void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	for (size_t i = 0; i < identity->users.n; i++)
		EVP_PKEY_free(((struct identity_user *)identity->users.v[i].value)->key);
	arena_clear(&identity->arena);
	free(identity);
}

const struct identity_compartment *identity_find_compartment(
	const struct identity_tenancy *tenancy, const char *path_or_id)
{
	for (size_t i = 0; i < tenancy->compartments_n; i++) {
		const struct identity_compartment *c = &tenancy->compartments[i];
		if (!strcmp(c->id, path_or_id) || (c->parent && !strcmp(c->path, path_or_id)))
			return c;
	}
	return NULL;
}

const struct identity_tenancy *identity_tenancy_of_key(
	const struct identity *identity, const char *key_id)
{
	size_t n = strcspn(key_id, "/");
	for (size_t i = 0; i < identity->tenancies_n; i++) {
		const char *id = identity->tenancies[i].id;
		if (strlen(id) == n && !memcmp(id, key_id, n))
			return &identity->tenancies[i];
	}
	return NULL;
}

const struct identity_tenancy *identity_tenancy_of_namespace(
	const struct identity *identity, const char *ns)
{
	for (size_t i = 0; i < identity->tenancies_n; i++)
		if (!strcmp(identity->tenancies[i].ns, ns))
			return &identity->tenancies[i];
	return NULL;
}

const struct identity_compartment *identity_compartment(
	const struct identity *identity, const struct identity_tenancy *tenancy, const char *id)
{
	const struct identity_compartment *c = map_get(&identity->compartments, id);
	return c && c->tenancy == tenancy ? c : NULL;
}

const struct identity_user *identity_user(const struct identity *identity, const char *id)
{
	return map_get(&identity->users, id);
}

const struct identity_user *identity_user_of_key(
	const struct identity *identity, const char *key_id)
{
	return map_get(&identity->keys, key_id);
}
