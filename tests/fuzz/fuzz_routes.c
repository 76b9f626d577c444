/*
 * Requests that have been authenticated, against weir-local's routes and a real store: `METHOD TARGET`, header lines, an
 * empty line, the body; several in a row, each ended by a 0x1e. Each gets a reply with a status; 500 is none of them.
 * Errors are {"code", "message"}. The store begins empty but for a bucket `b`. To the pages comes a browser that has a
 * session, on a connection of this process: what they show holds no markup but theirs.
 */
#include "fuzz.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/pages/page.h"
#include "local/pages/page_sessions.h"
#include "local/runner/runner_inside.h"
#include "local/server/server_inside.h"
#include "local/store/store.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/socket.h>

#define TENANCY "ocid1.tenancy.oc1..t"
enum { FOR_ONE_HOME = 500, REQUESTS_MAX = 20 };

static struct server server;
static struct service service = {.tenancy = TENANCY,
	.user = "ocid1.user.oc1..u",
	.fingerprint = "aa",
	.ns = "ns",
	.region = "us-ashburn-1",
	.clock = &clock_system,
	.server = &server};
static struct identity *identity;
static struct identity_box box;
static unsigned homes, used;
static struct conn conn;
static char cookie[128];
static struct arena browser;

static bool no_launch(struct runner_job *job, struct runner_command *ret, struct err *err)
{
	(void)job, (void)ret;
	return err_set(err, ERR_MISSING_TOOL, "no Spark here");
}

/* Both ends of a connection over loopback, since pages ask whose the other end is. */
static void connect_browser(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	FUZZ_CHECK(!bind(listener, (struct sockaddr *)&at, n) && !listen(listener, 1) &&
		!getsockname(listener, (struct sockaddr *)&at, &n) &&
		!connect(client, (struct sockaddr *)&at, n));
	conn.fd = accept(listener, NULL, NULL);
	server.port = ntohs(at.sin_port);
	close(listener);
}

static void begin_session(void)
{
	const char *page, *token;
	if (!service.page_sessions) {
		connect_browser();
		service.page_sessions = page_sessions_new();
	}
	int64_t now = clock_mono(service.clock);
	token = page_sessions_invite(service.page_sessions, service.user, "/", now, &browser);
	snprintf(cookie, sizeof cookie, "weir-local-%d=%s", server.port,
		page_sessions_enter(service.page_sessions, token, now, &browser, &page));
	arena_clear(&browser);
}

static void open_home(void)
{
	static char home[256];
	struct err err;
	snprintf(home, sizeof home, "%s/%u", fuzz_folder(), homes++);
	FUZZ_CHECK(fs_mkdirs(home, 0700, &err), "%s", err.text);
	service.home = home;
	identity = identity_default(&(struct identity_home){.tenancy = TENANCY,
		.user = service.user,
		.fingerprint = service.fingerprint,
		.ns = service.ns});
	identity->tenancies[0].service = &service;
	atomic_store(&box.now, identity);
	service.identity = &box;
	service.store = store_open(home, &err);
	FUZZ_CHECK(service.store, "%s", err.text);
	store_identify(service.store, TENANCY, service.user, "ns", "oc1.iad");
	service.runner = runner_start_with(&service, 1, no_launch, &err);
	FUZZ_CHECK(service.runner, "%s", err.text);
	server.service = &service;
	server.faults = faults_new();
	begin_session();
}

static void close_home(void)
{
	struct err err;
	if (!service.store)
		return;
	faults_free(server.faults);
	runner_stop(service.runner);
	store_close(service.store);
	service.store = NULL;
	identity_free(identity);
	FUZZ_CHECK(fs_remove_tree(service.home, &err), "%s", err.text);
}

/* Every table is emptied: far cheaper than a new store. */
static bool empty(sqlite3 *db, void *ctx, struct err *err)
{
	arena_auto a = {0};
	struct strs names = {.v = arena_array(&a, 64, sizeof *names.v)};
	(void)ctx;
	if (!store_exec(db, NULL, err, "PRAGMA defer_foreign_keys = ON", ""))
		return false;
	sqlite3_stmt *st = store_prepare(db,
		"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
		"");
	while (sqlite3_step(st) == SQLITE_ROW && names.n < 64)
		names.v[names.n++] = store_text(&a, st, 0);
	store_done(st);
	for (size_t i = 0; i < names.n; i++)
		if (!store_exec(db, NULL, err, arena_printf(&a, "DELETE FROM %s", names.v[i]), ""))
			return false;
	return true;
}

static void begin(void)
{
	struct err err;
	if (!homes) {
		/* Its own clean-up comes after ours, which ends threads that use it. */
		OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
		atexit(close_home);
	}
	if (used++ % FOR_ONE_HOME == 0) {
		close_home();
		open_home();
	}
	FUZZ_CHECK(store_write(service.store, empty, NULL, &err), "%s", err.text);
	const struct store_object o = {.bucket = "b", .name = "seed", .content_type = "text/plain"};
	FUZZ_CHECK(store_object_put(service.store, &o, "hello", 5, &err), "%s", err.text);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void check_page(struct call *c)
{
	const char *text = buf_str(&c->reply.body);
	FUZZ_CHECK(
		text_starts(text, "<!doctype html>") && text_ends(text, "</html>\n"), "%s", text);
	FUZZ_CHECK(count(text, "<script") <= 1 && !count(text, "<img") && count(text, "<h1") == 1,
		"%s", text);
}

static bool is_html(const struct reply *r)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (!strcmp(r->fields[i].name, "content-type"))
			return text_starts(r->fields[i].value, "text/html") && r->body.len;
	return false;
}

static void check_reply(struct call *c)
{
	struct reply *r = &c->reply;
	int status = r->status ? r->status : 200;
	FUZZ_CHECK(status >= 200 && status < 500, "%s %s: %d %s", c->request.method,
		c->request.target, status, buf_str(&r->body));
	for (size_t i = 0; i < r->fields_n; i++)
		FUZZ_CHECK(r->fields[i].name && *r->fields[i].name);
	if (c->route->is_page && is_html(r))
		check_page(c);
	if (status < 400)
		return;
	arena_auto a = {0};
	struct err err;
	const struct node *n = node_from_json(&a, buf_str(&r->body), r->body.len, &err);
	FUZZ_CHECK(n, "%s: %s", err.text, buf_str(&r->body));
	FUZZ_CHECK(!text_empty(node_get_str(n, "code")) && !text_empty(node_get_str(n, "message")));
	if (c->route->is_page) {
		page_of_error(&c->request, r);
		check_page(c);
	}
}

static void read_head(struct call *c, struct fuzz_input *in)
{
	c->request.method = fuzz_until(in, ' ', &c->arena);
	c->request.target = fuzz_until(in, '\n', &c->arena);
	while (c->fields_n < FIELDS_MAX) {
		char *line = fuzz_until(in, '\n', &c->arena), *colon = strchr(line, ':');
		if (!colon)
			break;
		*colon++ = '\0';
		c->fields[c->fields_n++] = (struct sign_field){line, colon + strspn(colon, " \t")};
	}
	c->request.path =
		arena_strndup(&c->arena, c->request.target, strcspn(c->request.target, "?"));
}

/* As the server does it: streamed bodies in pieces, the others whole. */
static bool take_body(struct call *c, const char *bytes, size_t n)
{
	const struct route *route = c->route;
	c->body_length = n;
	if (!route->on_bytes) {
		buf_add(&c->request.body, bytes, n);
		return true;
	}
	route->on_head(&c->request, &c->reply);
	if (c->reply.status)
		return false;
	size_t half = n / 2;
	if ((!half || route->on_bytes(&c->request, bytes, half, &c->reply)) &&
		(n == half || route->on_bytes(&c->request, bytes + half, n - half, &c->reply)))
		return true;
	if (route->on_abort)
		route->on_abort(&c->request);
	return false;
}

static void handle(const uint8_t *data, size_t n)
{
	struct fuzz_input in = {data, data + n};
	struct call *c = xalloc(sizeof *c);
	bool known;
	*c = (struct call){.server = &server, .conn = &conn, .reply.fd = -1};
	c->fields[c->fields_n++] = (struct sign_field){"cookie", cookie};
	read_head(c, &in);
	struct request *r = &c->request;
	r->service = &service;
	r->arena = &c->arena;
	r->caller = (struct caller){.tenancy = TENANCY,
		.user = service.user,
		.identity = identity,
		.who = identity_user(identity, service.user)};
	r->request_id = request_id_make(&c->arena, NULL);
	r->conn = c;
	r->body.max = JSON_MAX;
	size_t body_n;
	const char *body = fuzz_rest(&in, &c->arena, &body_n);
	c->route = route_find(c, &known);
	if (c->route) {
		const struct permit *needs = &c->route->needs;
		bool let_in = !c->route->by_token || c->route->admit(r, &c->reply);
		if (let_in && permit_head(r, needs, &c->reply) && take_body(c, body, body_n) &&
			permit_body(r, needs, &c->reply))
			c->route->handle(r, &c->reply);
		check_reply(c);
	}
	reply_clear(&c->reply);
	buf_clear(&r->body);
	arena_clear(&c->arena);
	free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *end = data + n;
	begin();
	for (unsigned i = 0; data < end && i < REQUESTS_MAX; i++) {
		const uint8_t *stop = memchr(data, 0x1e, (size_t)(end - data));
		if (!stop)
			stop = end;
		handle(data, (size_t)(stop - data));
		data = stop < end ? stop + 1 : end;
	}
	return 0;
}
