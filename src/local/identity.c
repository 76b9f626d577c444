#include "local/identity.h"

#include "base/digest.h"
#include "base/text.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char *const default_compartments[] = {"dev", "test", "prod"};
enum { DEFAULT_COMPARTMENTS = sizeof default_compartments / sizeof *default_compartments };

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

static void add_compartment(struct identity *identity, struct identity_tenancy *t,
	const struct identity_compartment *parent, const char *name)
{
	struct arena *a = &identity->arena;
	struct identity_compartment *c = &t->compartments[t->compartments_n];
	*c = (struct identity_compartment){
		.name = name, .parent = parent, .tenancy = t, .index = t->compartments_n++};
	if (!parent) {
		c->id = t->id;
		c->path = "";
	} else {
		c->path = *parent->path ? arena_printf(a, "%s:%s", parent->path, name) : name;
		c->id = arena_printf(a, "ocid1.compartment.oc1..aaaaaaaa%s",
			identity_unique(a, arena_printf(a, "compartment %s", c->path), t->id));
	}
	map_put(&identity->compartments, c->id, c);
}

static void add_user(struct identity *identity, const struct identity_user *user)
{
	struct identity_user *u = arena_new(&identity->arena, struct identity_user);
	*u = *user;
	u->key_id =
		arena_printf(&identity->arena, "%s/%s/%s", u->tenancy->id, u->id, u->fingerprint);
	if (u->key)
		EVP_PKEY_up_ref(u->key);
	map_put(&identity->users, u->id, u);
	map_put(&identity->keys, u->key_id, u);
}

struct identity *identity_default(const struct identity_home *home)
{
	struct identity *identity = xalloc(sizeof *identity);
	struct arena *a = &identity->arena;
	*identity = (struct identity){.tenancies_n = 1};
	identity->compartments.arena = identity->users.arena = identity->keys.arena = a;
	struct identity_tenancy *t = identity->tenancies = arena_new(a, struct identity_tenancy);
	*t = (struct identity_tenancy){.id = arena_strdup(a, home->tenancy),
		.name = "weir-local",
		.ns = arena_strdup(a, home->ns)};
	t->compartments = arena_array(a, DEFAULT_COMPARTMENTS + 1, sizeof *t->compartments);
	add_compartment(identity, t, NULL, t->name);
	for (size_t i = 0; i < DEFAULT_COMPARTMENTS; i++)
		add_compartment(identity, t, t->compartments, default_compartments[i]);
	add_user(identity,
		&(struct identity_user){.id = arena_strdup(a, home->user),
			.name = "weir-local",
			.fingerprint = arena_strdup(a, home->fingerprint),
			.key = home->key,
			.tenancy = t,
			.administrator = true});
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
