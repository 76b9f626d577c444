/* `weir-local identity`: shows who there is, and changes it. */
#include "local/command/commands.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "local/home.h"
#include "local/identity/identity_setup.h"
#include "local/life.h"

#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024, POLL_MS = 20, POLLS = 1500 };

static const char USAGE[] =
	"identity takes `show`, `check FILE`, `set FILE` or `clear`; FILE may be -, and show -o json";

static int usage(const char *text)
{
	fprintf(stderr, "weir-local: %s\n", text);
	return err_exit_status(ERR_USAGE);
}

/* The home and its own identity, which the first command makes as the first start does. */
struct place {
	struct arena arena;
	const char *home, *file;
	struct home_identity own;
	int lock; /* -1: a service lives here */
};

static bool enter(struct place *p, struct err *err)
{
	p->home = home_folder(&p->arena);
	p->file = fs_join(&p->arena, p->home, IDENTITY_FILE);
	p->lock = -1;
	if (!home_make(p->home, err))
		return false;
	p->lock = life_lock(p->home, err);
	return (p->lock >= 0 || err->kind == ERR_CONFLICT) &&
		home_identity_make(p->home, &p->arena, &p->own, err);
}

static void leave(struct place *p)
{
	EVP_PKEY_free(p->own.key);
	if (p->lock >= 0)
		close(p->lock);
	arena_clear(&p->arena);
}

static bool read_input(const char *name, struct buf *out, struct err *err)
{
	char bytes[4096];
	size_t n;
	out->max = FILE_MAX;
	if (strcmp(name, "-"))
		return fs_read(name, out, err);
	while ((n = fread(bytes, 1, sizeof bytes, stdin)) > 0)
		if (!buf_add(out, bytes, n))
			return err_set(err, ERR_CONFIG, "stdin: more than %d bytes", FILE_MAX);
	return !ferror(stdin) || err_errno(err, ERR_IO, "stdin");
}

/* Who there would be; NULL with the mistakes told. */
static struct identity *make(struct place *p, const char *name, const struct buf *text)
{
	buf_auto mistakes = {0};
	const struct identity_home own = home_own(&p->own);
	struct identity *identity = identity_setup_make(
		buf_str(text), text->len, strcmp(name, "-") ? name : "stdin", &own, &mistakes);
	if (!identity)
		fputs(buf_str(&mistakes), stderr);
	return identity;
}

static int64_t changes(const struct node *state)
{
	const struct node *n = node_get(state, "identity_changes");
	return n && n->kind == NODE_INT ? n->u.i : 0;
}

/* Tells the service that lives here, and waits until it has taken it. */
static bool tell_service(struct place *p, struct err *err)
{
	struct node *state;
	if (life_look(p->home, &p->arena, &state) != LIFE_UP)
		return err_set(err, ERR_SERVICE, "weir-local is starting or ending; try again");
	int64_t before = changes(state);
	if (kill(life_state_pid(state), SIGHUP))
		return err_errno(err, ERR_SERVICE, "weir-local can't be told");
	for (int i = 0; i < POLLS; i++) {
		clock_system.sleep_ms(clock_system.ctx, POLL_MS);
		if (life_look(p->home, &p->arena, &state) != LIFE_UP || changes(state) == before)
			continue;
		const char *complaint = node_get_str(state, "identity_error");
		return !complaint || err_set(err, ERR_CONFIG, "%s", complaint);
	}
	return err_set(err, ERR_SERVICE,
		"weir-local did not take the set-up; `weir-local logs` tells more");
}

/* Keys and profiles are there when this returns, whether the service lives or not. */
static bool come_into_force(struct place *p, struct err *err)
{
	if (p->lock < 0)
		return tell_service(p, err);
	const struct identity_home own = home_own(&p->own);
	struct identity *identity = identity_setup_load(p->home, &own, err);
	identity_free(identity);
	return identity;
}

static int check(struct place *p, const char *name, bool set)
{
	struct err err;
	buf_auto text = {0};
	if (!read_input(name, &text, &err))
		return command_fail(&err);
	struct identity *identity = make(p, name, &text);
	if (!identity)
		return err_exit_status(ERR_SPEC);
	identity_free(identity);
	if (set &&
		(!fs_write(p->file, text.data, text.len, 0600, &err) || !come_into_force(p, &err)))
		return command_fail(&err);
	return 0;
}

static int clear(struct place *p)
{
	struct err err;
	if (unlink(p->file) && errno != ENOENT) {
		err_errno(&err, ERR_IO, "%s", p->file);
		return command_fail(&err);
	}
	return come_into_force(p, &err) ? 0 : command_fail(&err);
}

static const char *profile_of(const struct identity_user *u)
{
	return u->home ? HOME_PROFILE : u->name;
}

static void print_user(const struct identity_user *u)
{
	printf("  user         %s, profile %s", u->name, profile_of(u));
	for (size_t i = 0; i < u->groups.n; i++)
		printf("%s%s", i ? ", " : ", in ", u->groups.v[i]);
	printf("%s\n               %s\n", u->administrator ? ", may do all" : "", u->id);
}

static void print_text(const struct identity *identity)
{
	for (size_t i = 0; i < identity->tenancies_n; i++) {
		const struct identity_tenancy *t = &identity->tenancies[i];
		printf("tenancy %s, namespace %s\n               %s\n", t->name, t->ns, t->id);
		for (size_t j = 1; j < t->compartments_n; j++)
			printf("  compartment  %s\n               %s\n", t->compartments[j].path,
				t->compartments[j].id);
		for (size_t j = 0; j < identity->users.n; j++) {
			const struct identity_user *u = identity->users.v[j].value;
			if (u->tenancy == t)
				print_user(u);
		}
		for (size_t j = 0; j < t->policies.n; j++)
			printf("  policy       %s\n", t->policies.v[j]);
	}
}

static struct node *strings(struct arena *a, const struct strs *v)
{
	struct node *n = node_seq(a);
	for (size_t i = 0; i < v->n; i++)
		node_append(a, n, node_str(a, v->v[i]));
	return n;
}

static struct node *tenancy_node(
	struct arena *a, const struct identity *identity, const struct identity_tenancy *t)
{
	struct node *n = node_map(a), *compartments = node_map(a), *users = node_map(a);
	for (size_t i = 1; i < t->compartments_n; i++)
		node_put(a, compartments, t->compartments[i].path,
			node_str(a, t->compartments[i].id));
	for (size_t i = 0; i < identity->users.n; i++) {
		const struct identity_user *u = identity->users.v[i].value;
		if (u->tenancy != t)
			continue;
		struct node *user = node_map(a);
		node_put(a, user, "id", node_str(a, u->id));
		node_put(a, user, "profile", node_str(a, profile_of(u)));
		node_put(a, user, "groups", strings(a, &u->groups));
		node_put(a, user, "administrator", node_bool(a, u->administrator));
		node_put(a, users, u->name, user);
	}
	node_put(a, n, "id", node_str(a, t->id));
	node_put(a, n, "namespace", node_str(a, t->ns));
	node_put(a, n, "compartments", compartments);
	node_put(a, n, "users", users);
	node_put(a, n, "policies", strings(a, &t->policies));
	return n;
}

static void print_json(struct arena *a, const struct identity *identity)
{
	buf_auto out = {0};
	struct node *n = node_map(a);
	for (size_t i = 0; i < identity->tenancies_n; i++)
		node_put(a, n, identity->tenancies[i].name,
			tenancy_node(a, identity, &identity->tenancies[i]));
	node_to_json(n, NODE_JSON_INDENT, &out);
	puts(buf_str(&out));
}

static int show(struct place *p, bool json)
{
	struct err err;
	buf_auto text = {.max = FILE_MAX};
	const struct identity_home own = home_own(&p->own);
	bool there = fs_exists(p->file);
	if (there && !fs_read(p->file, &text, &err))
		return command_fail(&err);
	struct identity *identity = there ? make(p, p->file, &text) : identity_default(&own);
	if (!identity)
		return err_exit_status(ERR_SPEC);
	if (json)
		print_json(&p->arena, identity);
	else
		print_text(identity);
	identity_free(identity);
	return 0;
}

static int run(struct place *p, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "show";
	if (!strcmp(what, "show")) {
		bool json = argc == 4 && !strcmp(argv[2], "-o") && !strcmp(argv[3], "json");
		bool text = argc == 4 && !strcmp(argv[2], "-o") && !strcmp(argv[3], "text");
		return argc <= 2 || json || text ? show(p, json) : usage(USAGE);
	}
	if (argc == 3 && (!strcmp(what, "check") || !strcmp(what, "set")))
		return check(p, argv[2], !strcmp(what, "set"));
	return argc == 2 && !strcmp(what, "clear") ? clear(p) : usage(USAGE);
}

int command_identity(int argc, char **argv)
{
	struct place p = {.lock = -1};
	struct err err;
	int status = enter(&p, &err) ? run(&p, argc, argv) : command_fail(&err);
	leave(&p);
	return status;
}
