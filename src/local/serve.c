#include "local/serve.h"

#include "base/text.h"
#include "local/home.h"
#include "local/identity/identity_setup.h"
#include "local/identity/sessions.h"
#include "local/identity/tenants.h"
#include "local/life.h"
#include "local/pages/page_sessions.h"
#include "local/runner/cluster.h"
#include "local/runner/runner.h"
#include "local/server/server.h"
#include "local/service.h"
#include "local/shifted_clock.h"
#include "local/store/store.h"

#include <errno.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Kept ports lie below those that the kernel gives to outgoing connections (32768 and up): one of those could have
   it at the next start. */
enum {
	PORT_FIRST = 20000,
	PORTS = 12000,
	PORT_TRIES = 50,
	MAX_RUNS = 2,
	FILES = 4096,
	IDENTITIES_MAX = 1000
};

static void say(const char *fmt, ...)
{
	char time[32];
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "%s weir-local: ", text_rfc3339(clock_wall(&clock_system), time));
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

/* Signals come to the main thread only, by sigtimedwait; the threads inherit this. */
static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ret, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is an error of a write */
}

/* A connection needs a descriptor, and another for the file that its body goes to. */
static void raise_file_limit(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= FILES)
		return;
	files.rlim_cur = files.rlim_max < FILES ? files.rlim_max : FILES;
	setrlimit(RLIMIT_NOFILE, &files);
}

static bool port_is_taken(int port, struct err *err)
{
	arena_auto arena = {0};
	const char *who;
	if (!life_holder_of_port(port, &arena, &who))
		who = "another process";
	err_set(err, ERR_IO, "port %d of this weir-local is taken by %s", port, who);
	return err_hint(err, "end it, or choose another port: weir-local up --port N");
}

static bool start_on(struct service *s, struct server_options *o, struct err *err)
{
	s->server = server_start(s, o, err);
	return s->server != NULL;
}

static bool start_on_a_free_port(struct service *s, struct server_options *o, struct err *err)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		unsigned random;
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			return err_errno(err, ERR_IO, "getrandom");
		o->port = PORT_FIRST + (int)(random % PORTS);
		if (start_on(s, o, err) || err->kind != ERR_CONFLICT)
			return s->server != NULL;
	}
	return false;
}

static bool start_server(struct service *s, const struct serve_options *o, struct err *err)
{
	int port = o->port ? o->port : home_port(s->home);
	struct server_options options = {.port = port, .request_ms = o->request_seconds * 1000};
	if (!port && !start_on_a_free_port(s, &options, err))
		return false;
	if (port && !start_on(s, &options, err))
		return err->kind == ERR_CONFLICT ? port_is_taken(port, err) : false;
	return home_port_keep(s->home, server_port(s->server), err);
}

/* What is put together, and taken apart. */
struct parts {
	struct service service; /* of the home's own tenancy */
	const struct serve_options *options;
	struct identity_home own;
	struct identity_box box;
	struct identity *identities
		[IDENTITIES_MAX]; /* the last is in force; requests may hold those before */
	size_t identities_n;
	int64_t changes;       /* how often another was to come into force */
	const char *complaint; /* why the last did not; NULL: it did */
	int64_t started;
	struct tenants tenants;
};

/* Path to OCID, of those of the home's own tenancy. */
static struct node *compartments(struct arena *a, const struct identity *identity)
{
	const struct identity_tenancy *t = &identity->tenancies[0];
	struct node *n = node_map(a);
	for (size_t i = 1; i < t->compartments_n; i++)
		node_put(a, n, t->compartments[i].path, node_str(a, t->compartments[i].id));
	return n;
}

static bool tell_state(struct parts *p, struct err *err)
{
	arena_auto arena = {0};
	struct arena *a = &arena;
	struct service *s = &p->service;
	char now[32];
	struct node *n = node_map(a);
	node_put(a, n, "endpoint",
		node_str(a, arena_printf(a, "http://127.0.0.1:%d", server_port(s->server))));
	node_put(a, n, "port", node_int(a, server_port(s->server)));
	node_put(a, n, "pid", node_int(a, getpid()));
	node_put(a, n, "version", node_str(a, WEIR_VERSION));
	node_put(a, n, "started", node_str(a, text_rfc3339(p->started, now)));
	node_put(a, n, "home", node_str(a, s->home));
	node_put(a, n, "config_file", node_str(a, arena_printf(a, "%s/config", s->home)));
	node_put(a, n, "profile", node_str(a, HOME_PROFILE));
	node_put(a, n, "region", node_str(a, s->region));
	node_put(a, n, "namespace", node_str(a, s->ns));
	node_put(a, n, "compartment_id", node_str(a, s->tenancy));
	node_put(a, n, "compartments", compartments(a, service_identity(s)));
	node_put(a, n, "spark_master",
		s->spark_master ? node_str(a, s->spark_master) : node_null(a));
	node_put(a, n, "idle_minutes", node_float(a, p->options->idle_minutes));
	node_put(a, n, "identity_changes", node_int(a, p->changes));
	if (p->complaint)
		node_put(a, n, "identity_error", node_str(a, p->complaint));
	return life_state_write(s->home, n, err);
}

/* The set-up as it is now comes into force. On failure the one before stays. */
static bool take_identity(struct parts *p, struct err *err)
{
	if (p->identities_n == IDENTITIES_MAX)
		return err_set(err, ERR_LIMIT,
			"the set-up was changed %d times; start the service anew", IDENTITIES_MAX);
	struct identity *identity = identity_setup_load(p->service.home, &p->own, err);
	if (!identity)
		return false;
	p->identities[p->identities_n++] = identity;
	if (p->identities_n == 1)
		atomic_store(&p->box.now, identity); /* before runs begin */
	return true;
}

static bool start_tenancies(struct parts *p, struct err *err)
{
	struct identity *identity = p->identities[p->identities_n - 1];
	if (!tenants_open(&p->tenants, identity, err))
		return false;
	atomic_store(&p->box.now, identity);
	return true;
}

/* With the lock held. What was begun is taken apart by stop_parts, also after a failure. */
static bool start_parts(struct parts *p, struct err *err)
{
	struct service *s = &p->service;
	life_state_remove(s->home);
	s->store = store_open(s->home, err);
	if (!s->store)
		return false;
	store_identify(s->store, s->tenancy, s->user, s->ns, HOME_REALM_REGION);
	if (!take_identity(p, err) || !start_server(s, p->options, err))
		return false;
	return tenant_begin(s, p->tenants.max_runs, err) && start_tenancies(p, err) &&
		server_open(s->server, err) && tell_state(p, err);
}

static void stop_parts(struct parts *p)
{
	struct service *s = &p->service;
	life_state_remove(s->home);
	server_stop(s->server);
	tenants_close(&p->tenants);
	tenant_end(s);
	while (p->identities_n)
		identity_free(p->identities[--p->identities_n]);
}

/* Who changed the set-up waits for `identity_changes` in the state to grow. */
static void change_identity(struct parts *p)
{
	struct err err;
	p->changes++;
	p->complaint = NULL;
	if (take_identity(p, &err) && start_tenancies(p, &err)) {
		say("the set-up has changed: %zu tenancies, %zu users",
			service_identity(&p->service)->tenancies_n,
			service_identity(&p->service)->users.n);
	} else {
		p->complaint = arena_strdup(&p->tenants.arena, err.text);
		say("the set-up stays as it was: %s", err.text);
	}
	if (!tell_state(p, &err))
		say("%s", err.text);
}

static const char *wait_for_end(struct parts *p, sigset_t *signals)
{
	struct service *s = &p->service;
	int64_t idle_ms = (int64_t)(p->options->idle_minutes * 60 * 1000);
	struct timespec tick = {.tv_sec = 1};
	if (idle_ms && idle_ms < 4000)
		tick = (struct timespec){.tv_nsec = 100 * 1000 * 1000};
	for (;;) {
		int signal = sigtimedwait(signals, NULL, &tick);
		if (signal == SIGTERM || signal == SIGINT)
			return signal == SIGTERM ? "asked to end" : "interrupted";
		if (signal == SIGHUP)
			change_identity(p);
		if (idle_ms && server_idle_ms(s->server) >= idle_ms && !runner_is_busy(s->runner) &&
			!tenants_are_busy(&p->tenants))
			return "idle";
	}
}

/* One that is given must be there, and is kept. One that is kept may come later: only runs need it. */
static bool take_master(
	const struct serve_options *o, struct arena *a, const char **ret, struct err *err)
{
	const char *given = o->spark_master;
	if (given && !text_equal(given, CLUSTER_NONE) && !cluster_answers(given, err))
		return false;
	if (given && !cluster_keep(o->home, given, err))
		return false;
	*ret = cluster_kept(a, o->home);
	return true;
}

static bool run_locked(const struct serve_options *o, sigset_t *signals, struct err *err)
{
	arena_auto arena = {0};
	struct home_identity id;
	const char *spark_master;
	if (!take_master(o, &arena, &spark_master, err) ||
		!home_identity_make(o->home, &arena, &id, err))
		return false;
	struct parts *p = xalloc(sizeof *p);
	*p = (struct parts){.options = o, .own = home_own(&id)};
	p->service = (struct service){.home = o->home,
		.installed = o->home,
		.spark_master = spark_master,
		.tenancy = id.tenancy,
		.user = id.user,
		.fingerprint = id.fingerprint,
		.ns = HOME_NAMESPACE,
		.region = HOME_REGION,
		.identity = &p->box,
		.clock = shifted_clock(),
		.sessions = sessions_new(o->home),
		.page_sessions = page_sessions_new()};
	p->started = clock_wall(p->service.clock);
	p->tenants = (struct tenants){
		.home = &p->service, .max_runs = o->max_runs ? o->max_runs : MAX_RUNS};
	bool ok = start_parts(p, err);
	if (ok) {
		say("%s listens on http://127.0.0.1:%d, home %s", WEIR_VERSION,
			server_port(p->service.server), o->home);
		if (spark_master)
			say("runs go to the Spark cluster %s", spark_master);
		life_tell_ready(o->ready_fd);
		say("%s", wait_for_end(p, signals));
	}
	stop_parts(p);
	sessions_free(p->service.sessions);
	page_sessions_free(p->service.page_sessions);
	free(p);
	EVP_PKEY_free(id.key);
	return ok;
}

bool serve_run(const struct serve_options *o, struct err *err)
{
	sigset_t signals;
	umask(077);
	block_signals(&signals);
	raise_file_limit();
	if (!home_make(o->home, err)) {
		life_tell_error(o->ready_fd, err);
		return false;
	}
	int lock = life_lock(o->home, err);
	if (lock < 0 && err->kind == ERR_CONFLICT) {
		life_tell_locked(o->ready_fd);
		return false;
	}
	bool ok = lock >= 0 && run_locked(o, &signals, err);
	if (!ok)
		life_tell_error(o->ready_fd, err);
	if (lock >= 0)
		close(lock);
	return ok;
}
