#include "local/identity/identity_setup.h"

#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"
#include "local/home.h"
#include "local/identity/policy.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

enum { FILE_MAX = 1024 * 1024, DEPTH_MAX = 6, MISTAKES_MAX = 16 * 1024 };

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define WORD LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct compartment_decl {
	struct keyed_head head; /* key: path */
	const char *id;
};
struct user_decl {
	struct keyed_head head;
	struct strs groups;
};
struct tenancy_decl {
	struct keyed compartments, users;
	struct strs groups, policies;
};
struct other_decl {
	struct tenancy_decl tenancy;
	struct keyed_head head;
	const char *namespace;
};
struct setup {
	struct tenancy_decl tenancy;
	struct keyed tenancies;
};

static bool made_of(const char *s, size_t max, const char *first, const char *rest)
{
	size_t n = strlen(s);
	return n && n <= max && strchr(first, *s) && strspn(s, rest) == n;
}

static bool path_ok(const char *key)
{
	size_t depth = 1, n = 0;
	for (const char *s = key; *s; s++) {
		if (*s == ':' && !n)
			return false;
		n = *s == ':' ? 0 : n + 1;
		depth += *s == ':';
	}
	return n && depth <= DEPTH_MAX && made_of(key, 400, WORD, WORD "._-:");
}

static bool user_ok(const char *key)
{
	return made_of(key, 64, WORD, WORD "._@-") && strcasecmp(key, HOME_PROFILE) &&
		strcmp(key, IDENTITY_HOME);
}

static bool tenancy_ok(const char *key)
{
	return made_of(key, 40, LOWER, LOWER "_-") && strcmp(key, IDENTITY_HOME);
}

static bool namespace_ok(const char *s)
{
	return made_of(s, 40, LOWER, LOWER "_-") && strcmp(s, HOME_NAMESPACE);
}

static bool compartment_id_ok(const char *s)
{
	return text_starts(s, "ocid1.compartment.") && strlen(s) <= 255 &&
		strspn(s, WORD "._-") == strlen(s);
}

#define MANY .min = 0, .max = 500

static const struct record compartment_decl_record = RECORD("compartment", struct compartment_decl,
	STR(struct compartment_decl, id, NULL, ABSENT_SERVER,
		"OCID; made of the path unless given.", .ok = compartment_id_ok,
		.ok_doc = "ocid1.compartment...."));
static const struct record user_decl_record = RECORD("user", struct user_decl,
	STRS(struct user_decl, groups, NULL, ABSENT_SERVER, "Groups that the user is in.", MANY));
static const struct record tenancy_decl_record = RECORD("tenancy", struct tenancy_decl,
	KEYED(struct tenancy_decl, compartments, compartment_decl, ABSENT_SERVER,
		"By path; dev, test and prod unless given.", MANY, .key_ok = path_ok,
		.key_pattern_doc =
			"a path of at most 6 names joined by `:`, each of letters, digits, . _ and -"),
	KEYED(struct tenancy_decl, users, user_decl, ABSENT_SERVER, "By name.", MANY,
		.key_ok = user_ok,
		.key_pattern_doc =
			"a user's name: letters, digits, . _ @ and -; not DEFAULT and weir-local, who is there"),
	STRS(struct tenancy_decl, groups, NULL, ABSENT_SERVER, "Groups that nobody may be in.",
		MANY),
	STRS(struct tenancy_decl, policies, NULL, ABSENT_SERVER, "Policy statements.", MANY));
static const struct record other_decl_record =
	RECORD_ON("tenancy", struct other_decl, &tenancy_decl_record,
		FIELD_NAMED(struct other_decl, namespace, "namespace", FIELD_STR, const char *,
			NULL, ABSENT_SERVER, "Of Object Storage; the tenancy's name unless given.",
			.ok = namespace_ok,
			.ok_doc = "lower-case letters, digits, _ and -, and not " HOME_NAMESPACE));
static const struct record setup_record = RECORD_ON("identity", struct setup, &tenancy_decl_record,
	KEYED(struct setup, tenancies, other_decl, ABSENT_SERVER, "Others, by name.", .min = 0,
		.max = 15, .key_ok = tenancy_ok,
		.key_pattern_doc =
			"a tenancy's name: lower-case letters, digits, _ and -; not weir-local, which is there"));

struct maker {
	struct identity *identity;
	struct arena *arena; /* the identity's */
	struct buf *mistakes;
	const char *file;
	bool ok;
};

static void mistake(struct maker *m, const char *path, const char *text, const char *cure)
{
	m->ok = false;
	if (m->mistakes->len < MISTAKES_MAX)
		buf_printf(m->mistakes, "%s: %s%s%s%s%s%s\n", m->file, path, *path ? ": " : "",
			text, cure ? " (" : "", cure ? cure : "", cure ? ")" : "");
}

static void complain(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)at, (void)mark;
	if (!warning)
		mistake(ctx, path, text, hint);
}

static size_t depth_of(const char *path)
{
	size_t depth = 1;
	while ((path = strchr(path, ':'))) {
		depth++;
		path++;
	}
	return depth;
}

static void add_compartment(struct maker *m, struct identity_tenancy *t, const char *at,
	const struct compartment_decl *decl)
{
	const struct identity_compartment *parent = t->compartments;
	const char *path = decl->head.key, *last = strrchr(path, ':');
	const char *name = last ? last + 1 : path;
	if (last) {
		const char *outer = arena_strndup(m->arena, path, (size_t)(last - path));
		parent = identity_find_compartment(t, outer);
		if (!parent) {
			mistake(m, arena_printf(m->arena, "%scompartments.%s", at, path),
				arena_printf(m->arena,
					"there is no compartment `%s` for it to be in", outer),
				arena_printf(m->arena, "add \"%s\": {}", outer));
			return;
		}
	}
	if (!identity_add_compartment(m->identity, t, parent, name, decl->id))
		mistake(m, arena_printf(m->arena, "%scompartments.%s.id", at, path),
			"another compartment has this OCID", "give each its own");
}

static void add_compartments(struct maker *m, struct identity_tenancy *t, const char *at,
	const struct tenancy_decl *decl)
{
	const struct compartment_decl *v = decl->compartments.v;
	if (!v)
		identity_add_defaults(m->identity, t);
	for (size_t depth = 1; depth <= DEPTH_MAX; depth++)
		for (size_t i = 0; i < decl->compartments.n; i++)
			if (depth_of(v[i].head.key) == depth)
				add_compartment(m, t, at, &v[i]);
}

static bool is_group(const char *name, const struct strs *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		if (!strcasecmp(groups->v[i], name))
			return true;
	return false;
}

static void add_users(struct maker *m, struct identity_tenancy *t, const char *at,
	const struct tenancy_decl *decl)
{
	const struct user_decl *v = decl->users.v;
	for (size_t i = 0; i < decl->users.n; i++) {
		const char *name = v[i].head.key;
		for (size_t j = 0; j < m->identity->users.n; j++) {
			const struct identity_user *other = m->identity->users.v[j].value;
			if (!strcasecmp(other->name, name))
				mistake(m, arena_printf(m->arena, "%susers.%s", at, name),
					arena_printf(m->arena,
						"the profile `%s` is that of a user of %s", name,
						other->tenancy->name),
					"name one of them otherwise");
		}
		struct identity_user *u = identity_add_user(m->identity, t, name, NULL);
		u->groups = v[i].groups;
		u->administrator = is_group(IDENTITY_ADMINISTRATORS, &u->groups);
	}
}

/* NULL-terminated: those that are declared, or that someone is in. */
static const char **group_names(struct maker *m, const struct tenancy_decl *decl)
{
	const struct user_decl *users = decl->users.v;
	const char **names = NULL;
	size_t n = 0, cap = 0;
	names = arena_grow(m->arena, names, n, &cap, sizeof *names);
	names[n++] = IDENTITY_ADMINISTRATORS;
	for (size_t i = 0; i <= decl->users.n; i++) {
		const struct strs *more = i ? &users[i - 1].groups : &decl->groups;
		for (size_t j = 0; j < more->n; j++) {
			names = arena_grow(m->arena, names, n, &cap, sizeof *names);
			names[n++] = more->v[j];
		}
	}
	names = arena_grow(m->arena, names, n, &cap, sizeof *names);
	names[n] = NULL;
	return names;
}

static void check_groups(
	struct maker *m, const char *at, const struct policy *p, const char *const *known)
{
	for (size_t i = 0; i < p->groups_n; i++) {
		size_t j = 0;
		while (known[j] && strcasecmp(known[j], p->groups[i]))
			j++;
		if (known[j])
			continue;
		const char *near = text_nearest(p->groups[i], known);
		mistake(m, at,
			arena_printf(m->arena, "column %zu: there is no group `%s`", p->groups_at,
				p->groups[i]),
			near ? arena_printf(m->arena, "did you mean `%s`?", near)
			     : "put a user into it, or name it in `groups`");
	}
}

static const struct identity_compartment *place_of(
	struct maker *m, const char *at, const struct identity_tenancy *t, const struct policy *p)
{
	if (!p->compartment)
		return t->compartments;
	const struct identity_compartment *c = identity_find_compartment(t, p->compartment);
	if (c)
		return c;
	const char **paths = arena_array(m->arena, t->compartments_n, sizeof *paths);
	for (size_t i = 1; i < t->compartments_n; i++)
		paths[i - 1] = t->compartments[i].path;
	const char *near = text_nearest(p->compartment, paths);
	mistake(m, at,
		arena_printf(m->arena, "column %zu: there is no compartment `%s`",
			p->compartment_at, p->compartment),
		near ? arena_printf(m->arena, "did you mean `%s`?", near)
		     : "add it to `compartments`; one in another is named by its path, `dev:web`");
	return NULL;
}

static bool is_of(const struct identity_user *u, const struct policy *p)
{
	for (size_t i = 0; i < p->groups_n; i++)
		if (is_group(p->groups[i], &u->groups))
			return true;
	return !p->groups;
}

static void grant(struct maker *m, const struct identity_tenancy *t, const struct policy *p,
	const struct identity_compartment *in)
{
	for (size_t i = 0; i < m->identity->users.n; i++) {
		struct identity_user *u = m->identity->users.v[i].value;
		if (u->tenancy == t && is_of(u, p))
			identity_grant(m->identity, u, p->verb, p->types, in);
	}
}

static void add_policies(struct maker *m, struct identity_tenancy *t, const char *at,
	const struct tenancy_decl *decl)
{
	const char **groups = group_names(m, decl);
	t->policies = decl->policies;
	for (size_t i = 0; i < decl->policies.n; i++) {
		struct policy p;
		struct err err;
		const char *here = arena_printf(m->arena, "%spolicies[%zu]", at, i);
		if (!policy_parse(decl->policies.v[i], m->arena, &p, &err)) {
			mistake(m, here, err.text, NULL);
			continue;
		}
		check_groups(m, here, &p, groups);
		const struct identity_compartment *in = place_of(m, here, t, &p);
		if (in)
			grant(m, t, &p, in);
	}
}

static void fill_tenancy(struct maker *m, struct identity_tenancy *t, const char *at,
	const struct tenancy_decl *decl)
{
	add_compartments(m, t, at, decl);
	add_users(m, t, at, decl);
	add_policies(m, t, at, decl);
}

static size_t room_for(const struct tenancy_decl *decl)
{
	return 1 + (decl->compartments.v ? decl->compartments.n : IDENTITY_DEFAULTS);
}

static void add_other(
	struct maker *m, const struct identity_home *home, const struct other_decl *decl)
{
	const char *name = decl->head.key, *ns = decl->namespace ? decl->namespace : name;
	const char *id = arena_printf(m->arena, "ocid1.tenancy.oc1..aaaaaaaa%s",
		identity_unique(
			m->arena, arena_printf(m->arena, "tenancy %s", name), home->tenancy));
	const char *at = arena_printf(m->arena, "tenancies.%s.", name);
	if (!namespace_ok(ns))
		mistake(m, arena_printf(m->arena, "tenancies.%s", name),
			"the home's own tenancy has this namespace", "give it a `namespace`");
	for (size_t i = 0; i < m->identity->tenancies_n; i++)
		if (!strcmp(m->identity->tenancies[i].ns, ns))
			mistake(m, arena_printf(m->arena, "%snamespace", at),
				arena_printf(m->arena, "`%s` is that of the tenancy %s", ns,
					m->identity->tenancies[i].name),
				"give each its own");
	fill_tenancy(m, identity_add_tenancy(m->identity, name, id, ns, room_for(&decl->tenancy)),
		at, &decl->tenancy);
}

static void fill(struct maker *m, const struct node *n, const struct identity_home *home)
{
	struct setup setup;
	/* Statements are looked at also where something else is wrong: all mistakes are told at once. */
	field_decode(&setup_record, n, FORM_YAML, "", m->arena, &setup, complain, m);
	fill_tenancy(m, identity_add_home(m->identity, home, room_for(&setup.tenancy)), "",
		&setup.tenancy);
	const struct other_decl *others = setup.tenancies.v;
	for (size_t i = 0; i < setup.tenancies.n; i++)
		add_other(m, home, &others[i]);
}

struct identity *identity_setup_make(const char *text, size_t n, const char *name,
	const struct identity_home *home, struct buf *mistakes)
{
	struct err err;
	struct maker m = {
		.identity = identity_new(16), .mistakes = mistakes, .file = name, .ok = true};
	m.arena = &m.identity->arena;
	const struct node *node = node_from_json(m.arena, text, n, &err);
	if (node)
		fill(&m, node, home);
	else
		mistake(&m, "", err.text, NULL);
	if (m.ok)
		return m.identity;
	identity_free(m.identity);
	return NULL;
}

static bool give_key(
	struct identity *identity, struct identity_user *user, const char *home, struct err *err)
{
	arena_auto arena = {0};
	char fingerprint[48];
	const char *folder = fs_join(&arena, home, "keys");
	const char *path = arena_printf(&arena, "%s/%s.pem", folder, user->name);
	if (!fs_mkdirs(folder, 0700, err))
		return false;
	EVP_PKEY *key = home_key(path, err);
	bool ok = key && sign_fingerprint(key, fingerprint, err);
	if (ok)
		identity_key(identity, user, key, fingerprint);
	EVP_PKEY_free(key);
	return ok;
}

static bool give_keys(struct identity *identity, const char *home, struct err *err)
{
	for (size_t i = 0; i < identity->users.n; i++) {
		struct identity_user *user = identity->users.v[i].value;
		if (!user->home && !give_key(identity, user, home, err))
			return false;
	}
	return true;
}

static struct identity *read_setup(
	const char *path, const struct identity_home *own, struct err *err)
{
	buf_auto text = {.max = FILE_MAX}, mistakes = {0};
	if (!fs_exists(path))
		return identity_default(own);
	if (!fs_read(path, &text, err))
		return NULL;
	struct identity *identity =
		identity_setup_make(buf_str(&text), text.len, path, own, &mistakes);
	if (!identity) {
		buf_truncate(&mistakes, mistakes.len - 1);
		err_set(err, ERR_CONFIG, "%s", buf_str(&mistakes));
	}
	return identity;
}

struct identity *identity_setup_load(
	const char *home, const struct identity_home *own, struct err *err)
{
	arena_auto arena = {0};
	struct identity *identity = read_setup(fs_join(&arena, home, IDENTITY_FILE), own, err);
	if (identity && give_keys(identity, home, err) && home_config_write(home, identity, err))
		return identity;
	identity_free(identity);
	return NULL;
}
