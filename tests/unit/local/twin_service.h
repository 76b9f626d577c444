/*
 * A service in a temporary home, without its HTTP side: requests are struct calls, handed to the handler that the
 * route table names. For the tests of Data Flow and of the runner.
 *
 *	ask("POST", "/20200129/applications", (const char *const[]){"opc-retry-token", "t", NULL}, "{...}");
 *	assert_int_equal(twin.status, 200);
 *	assert_string_equal(told("lifecycleState"), "ACTIVE");
 */
#ifndef TESTS_UNIT_LOCAL_TWIN_SERVICE_H
#define TESTS_UNIT_LOCAL_TWIN_SERVICE_H

#include "../unit.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/runner/runner_inside.h"
#include "local/server/server_inside.h"
#include "local/store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define TENANCY "ocid1.tenancy.oc1..aaaatwin"
#define API "/20200129"

static struct {
	char home[64];
	struct service service;
	struct identity *identity;
	struct identity_box box;
	struct arena arena; /* of the test: replies live in it */
	/* The last reply. */
	int status;
	char *text, *code, *message;
	struct node *body;
	struct reply reply;
} twin;

static inline void twin_open(void)
{
	struct err err;
	twin.service = (struct service){.home = twin.home,
		.tenancy = TENANCY,
		.user = "ocid1.user.oc1..aaaatwin",
		.fingerprint = "aa",
		.installed = twin.home,
		.ns = "ns",
		.region = "us-ashburn-1",
		.clock = &clock_system};
	twin.identity = identity_default(&(struct identity_home){.tenancy = TENANCY,
		.user = twin.service.user,
		.fingerprint = twin.service.fingerprint,
		.ns = "ns"});
	atomic_store(&twin.box.now, twin.identity);
	twin.service.identity = &twin.box;
	twin.identity->tenancies[0].service = &twin.service;
	twin.service.store = store_open(twin.home, &err);
	if (!twin.service.store)
		fail_msg("%s", err.text);
	store_identify(twin.service.store, TENANCY, twin.service.user, "ns", "oc1.iad");
}

static inline void twin_run(runner_launch_fn *launch)
{
	struct err err;
	twin.service.runner = runner_start_with(&twin.service, 2, launch, &err);
	if (!twin.service.runner)
		fail_msg("%s", err.text);
}

static inline void twin_close(void)
{
	runner_stop(twin.service.runner);
	twin.service.runner = NULL;
	store_close(twin.service.store);
	identity_free(twin.identity);
}

static inline int twin_setup(void **state)
{
	(void)state;
	snprintf(twin.home, sizeof twin.home, "/tmp/weir-twin-XXXXXX");
	assert_non_null(mkdtemp(twin.home));
	twin_open();
	return 0;
}

static inline int twin_teardown(void **state)
{
	struct err err;
	(void)state;
	twin_close();
	buf_clear(&twin.reply.body);
	arena_clear(&twin.arena);
	return fs_remove_tree(twin.home, &err) ? 0 : -1;
}

static inline void twin_take_reply(struct call *c)
{
	struct err err;
	struct arena *a = &twin.arena;
	buf_clear(&twin.reply.body);
	twin.reply = c->reply;
	twin.status = c->reply.status;
	if (c->reply.fd >= 0) {
		char *bytes = arena_alloc(a, (size_t)c->reply.length + 1);
		assert_int_equal(
			pread(c->reply.fd, bytes, (size_t)c->reply.length, (off_t)c->reply.offset),
			c->reply.length);
		close(c->reply.fd);
		twin.text = bytes;
	} else {
		twin.text = arena_strdup(a, buf_str(&c->reply.body));
	}
	twin.body = node_from_json(a, twin.text, strlen(twin.text), &err);
	twin.code = twin.body ? arena_strdup(a, node_get_str(twin.body, "code")) : NULL;
	twin.message = twin.body ? arena_strdup(a, node_get_str(twin.body, "message")) : NULL;
}

/* headers: name, value, ..., NULL; or NULL. The reply's fields are in the test's arena. */
static inline void ask(
	const char *method, const char *target, const char *const *headers, const char *body)
{
	struct call *c = xalloc(sizeof *c);
	struct request *r = &c->request;
	bool known;
	*c = (struct call){.reply.fd = -1};
	r->service = &twin.service;
	r->arena = &twin.arena;
	r->method = method;
	r->target = target;
	r->path = arena_strndup(&twin.arena, target, strcspn(target, "?"));
	r->caller = (struct caller){.tenancy = TENANCY,
		.user = twin.service.user,
		.identity = twin.identity,
		.who = identity_user(twin.identity, twin.service.user)};
	r->request_id = request_id_make(&twin.arena, NULL);
	r->conn = c;
	for (; headers && *headers; headers += 2)
		c->fields[c->fields_n++] = (struct sign_field){headers[0], headers[1]};
	if (body)
		buf_adds(&r->body, body);
	const struct route *route = route_find(c, &known);
	assert_non_null(route);
	if (permit_head(r, &route->needs, &c->reply) && permit_body(r, &route->needs, &c->reply))
		route->handle(r, &c->reply);
	twin_take_reply(c);
	/* Path parameters are in the call's own arena. */
	buf_clear(&r->body);
	arena_clear(&c->arena);
	free(c);
}

/* A string of the reply's body; NULL if it is none. */
static inline const char *told(const char *key)
{
	return node_get_str(twin.body, key);
}

static inline const char *header(const char *name)
{
	for (size_t i = 0; i < twin.reply.fields_n; i++)
		if (!strcmp(twin.reply.fields[i].name, name))
			return twin.reply.fields[i].value;
	return NULL;
}

static inline void expect(int status)
{
	if (twin.status != status)
		fail_msg("status %d, not %d: %s", twin.status, status, twin.text);
}

static inline void expect_error(int status, const char *code, const char *part)
{
	expect(status);
	if (!text_equal(twin.code, code))
		fail_msg("not %s: %s", code, twin.text);
	assert_has(twin.message, part);
}

static inline void put_object(const char *bucket, const char *name, const void *bytes, size_t n)
{
	struct err err;
	struct store_object o = {.bucket = bucket, .name = name, .content_type = "text/plain"};
	if (!store_object_put(twin.service.store, &o, bytes, n, &err))
		fail_msg("%s", err.text);
}

/* JSON with ' for ", so that it can be read. */
static inline char *json(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = arena_vprintf(&twin.arena, fmt, ap);
	va_end(ap);
	for (char *c = s; *c; c++)
		if (*c == '\'')
			*c = '"';
	return s;
}

#define APP_FIELDS                                                                       \
	"'compartmentId':'" TENANCY "','driverShape':'VM.Standard.E4.Flex',"             \
	"'executorShape':'VM.Standard.E4.Flex','numExecutors':1,'sparkVersion':'3.5.0'," \
	"'driverShapeConfig':{'ocpus':1,'memoryInGBs':16},"                              \
	"'executorShapeConfig':{'ocpus':2,'memoryInGBs':16}"

/* Makes an application, returns its id. more begins with a comma. */
static inline const char *create_app(const char *name, const char *more)
{
	ask("POST", API "/applications", NULL,
		json("{" APP_FIELDS ",'displayName':'%s','language':'PYTHON',"
		     "'fileUri':'oci://code@ns/job.py'%s}",
			name, more));
	expect(200);
	return told("id");
}

#endif
