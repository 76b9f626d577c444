/*
 * A service that answers what it likes: the first byte chooses what weir asks it, then come its replies, each ended by a
 * 0x1e: header lines with LF, an empty line, the body; one that begins with '!' is a connection that breaks. When there are
 * no more, every connection breaks. Whatever comes, weir ends, in bounded requests, with a result or a message.
 */
#include "fuzz.h"

#include "base/text.h"
#include "http/transport.h"
#include "live/live.h"
#include "oci/dataflow.h"
#include "oci/objectstorage.h"
#include "oci/oci.h"
#include "run/run.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

enum { ATTEMPTS_MAX = 20000, QUEUE = 256 };

struct wire {
	struct fuzz_input in;
	struct http_attempt *queue[QUEUE];
	size_t n;
	unsigned attempts;
	int64_t now;
};

static int64_t clock_now(void *ctx)
{
	return ((struct wire *)ctx)->now;
}

static void clock_sleep(void *ctx, int64_t ms)
{
	((struct wire *)ctx)->now += ms;
}

static void wire_start(void *ctx, struct http_attempt *a)
{
	struct wire *w = ctx;
	FUZZ_CHECK(w->n < QUEUE);
	FUZZ_CHECK(++w->attempts < ATTEMPTS_MAX, "it does not end: %s", a->target);
	w->queue[w->n++] = a;
}

static void wire_cancel(void *ctx, struct http_attempt *a)
{
	struct wire *w = ctx;
	a->sent = true;
	for (size_t i = 0; i < w->n; i++)
		if (w->queue[i] == a) {
			memmove(&w->queue[i], &w->queue[i + 1], (--w->n - i) * sizeof *w->queue);
			return;
		}
}

/* The header's lines, with the ends that they have on the wire; false: broken off. */
static bool give_header(struct http_attempt *a, char **at)
{
	arena_auto scratch = {0};
	for (char *line; (line = strsep(at, "\n"));) {
		const char *whole = arena_printf(&scratch, "%s\r\n", line);
		if (!http_attempt_header(a, whole, strlen(whole)))
			return false;
		if (!*line)
			return true;
	}
	return http_attempt_header(a, "\r\n", 2);
}

static void answer(struct wire *w, struct http_attempt *a)
{
	const uint8_t *from = w->in.at;
	const uint8_t *to =
		from < w->in.end ? memchr(from, 0x1e, (size_t)(w->in.end - from)) : from;
	if (!to)
		to = w->in.end;
	size_t n = (size_t)(to - from);
	w->in.at = to < w->in.end ? to + 1 : to;
	a->sent = true;
	if (!n || *from == '!') {
		err_set(&a->err, ERR_NETWORK, "connection reset");
		http_attempt_end(a);
		return;
	}
	char *text = xalloc(n + 1), *at = text;
	memcpy(text, from, n);
	if (give_header(a, &at) && (!at || http_attempt_body(a, at, n - (size_t)(at - text))))
		a->whole = true;
	free(text);
	http_attempt_end(a);
}

static bool wire_wait(void *ctx, int64_t ms, struct err *err)
{
	struct wire *w = ctx;
	(void)err;
	if (!w->n) {
		w->now += ms > 0 ? ms : 1;
		return true;
	}
	struct http_attempt *a = w->queue[0];
	memmove(w->queue, w->queue + 1, --w->n * sizeof *w->queue);
	answer(w, a);
	return true;
}

static void wire_wake(void *ctx)
{
	(void)ctx;
}

static EVP_PKEY *test_key(void)
{
	static EVP_PKEY *key;
	if (!key)
		key = EVP_RSA_gen(1024);
	FUZZ_CHECK(key);
	return key;
}

static void check(bool ok, const struct err *err)
{
	if (!ok)
		fuzz_check_err(err);
}

static void add_app(struct resources *want, struct arena *a)
{
	struct application *app = arena_new(a, struct application);
	*app = (struct application){.display_name = "copy",
		.compartment_id = "ocid1.compartment.oc1..c",
		.file_uri = "oci://b@ns/weir/p/t/scripts/copy.py",
		.logs_bucket_uri = "oci://logs@ns/"};
	struct resource *r = resources_add(want, a);
	*r = (struct resource){.kind = RESOURCE_APPLICATION, .address = "apps.copy", .app = app};
	struct object *o = arena_new(a, struct object);
	*o = (struct object){.bucket = "b", .name = "weir/p/t/scripts/copy.py", .sha256 = "aa"};
	r = resources_add(want, a);
	*r = (struct resource){.kind = RESOURCE_OBJECT, .address = "scripts.copy", .object = o};
}

static void read_live(struct oci *oci, struct arena *a)
{
	struct resources want = {0}, live = {0};
	struct err err = {0};
	add_app(&want, a);
	const char *compartments[] = {"ocid1.compartment.oc1..c", "ocid1.compartment.oc1..d"};
	const struct live_query q = {.ns = "ns",
		.compartments = {compartments, 2},
		.pipeline = "p",
		.target = "t",
		.want = &want};
	bool ok = live_read(oci, &q, &live, &err);
	check(ok, &err);
	for (size_t i = 0; ok && i < live.n; i++)
		FUZZ_CHECK(live.v[i].address && live.v[i].record);
}

static void read_log(struct oci *oci)
{
	struct err err = {0};
	const char *text;
	size_t n;
	bool ok = run_log_text(oci, "ocid1.dataflowrun.oc1..r", RUN_STDOUT, 1000, &text, &n, &err);
	check(ok, &err);
	FUZZ_CHECK(!ok || !text[n]);
}

static void find_runs(struct oci *oci, const char *what)
{
	const char *compartment[] = {"ocid1.compartment.oc1..c"};
	const struct run_find q = {{compartment, 1}, "p", "t"};
	struct runs runs = {0};
	const struct run *run;
	struct err err = {0};
	if (what)
		check(run_find(oci, &q, what, &run, &err), &err);
	else
		check(run_list(oci, &q, &runs, &err), &err);
}

static void launch(struct oci *oci, const struct clock *clock, struct arena *a)
{
	const struct application app = {.display_name = "copy"};
	const struct run wanted = {0};
	const struct run_step step = {.name = "copy",
		.application_id = "ocid1.dataflowapplication.oc1..a",
		.live = &app,
		.run = &wanted};
	const struct run_options o = {.compartment_id = "ocid1.compartment.oc1..c",
		.pipeline = "p",
		.target = "t",
		.name = "copy",
		.invocation = "20231114T221320Z",
		.clock = clock,
		.wait = true};
	struct run_result *results;
	struct err err = {0};
	(void)a;
	check(run_steps(oci, &step, 1, &o, &results, &err), &err);
}

static void app_done(
	void *ctx, const struct err *err, const struct application *app, const char *etag)
{
	(void)ctx, (void)etag;
	check(!err->kind, err);
	FUZZ_CHECK(err->kind || app);
}

static void object_done(void *ctx, const struct err *err, const struct object *object)
{
	(void)ctx;
	check(!err->kind, err);
	FUZZ_CHECK(err->kind || object);
}

static void create(struct oci *oci)
{
	static struct pair tag = {IDENTITY_TAG, "p/t/copy"};
	const struct application app = {.display_name = "copy",
		.compartment_id = "ocid1.compartment.oc1..c",
		.language = "PYTHON",
		.freeform_tags = {&tag, 1}};
	struct err err = {0};
	dataflow_application_create(oci, &app, "p/t/copy", app_done, NULL);
	check(oci_run(oci, &err), &err);
}

static void upload(struct oci *oci, bool in_parts)
{
	static char bytes[100];
	struct err err = {0};
	const struct storage_put put = {.ns = "ns",
		.bucket = "b",
		.name = "o",
		.bytes = bytes,
		.len = sizeof bytes,
		.if_none_match = true,
		.parts_above = in_parts ? 10 : 0};
	storage_object_put(oci, &put, object_done, NULL);
	check(oci_run(oci, &err), &err);
}

static void ask(unsigned what, struct oci *oci, const struct clock *clock, struct arena *a)
{
	struct err err = {0};
	const char *text;
	switch (what) {
	case 0:
		read_live(oci, a);
		break;
	case 1:
		read_log(oci);
		break;
	case 2:
		find_runs(oci, NULL);
		break;
	case 3:
		find_runs(oci, "last");
		break;
	case 4:
		find_runs(oci, "copy-1");
		break;
	case 5:
		launch(oci, clock, a);
		break;
	case 6:
		create(oci);
		break;
	case 7:
		upload(oci, false);
		break;
	case 8:
		upload(oci, true);
		break;
	default:
		check(live_text(oci, "ns", "b", "o", &text, &err), &err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct wire w = {.in = {data, data + n}, .now = 1700000000000};
	const struct clock clock = {clock_now, clock_now, clock_sleep, &w};
	const struct http_transport transport = {
		wire_start, wire_cancel, wire_wait, wire_wake, NULL, &w};
	const struct oci_config config = {.file = "config",
		.profile = "DEFAULT",
		.tenancy = "ocid1.tenancy.oc1..t",
		.user = "ocid1.user.oc1..u",
		.fingerprint = "00:11",
		.region = "us-ashburn-1",
		.key = test_key()};
	const struct oci_options o = {.config = &config,
		.endpoint = "http://127.0.0.1:1",
		.clock = &clock,
		.attempts = 3,
		.transport = &transport};
	struct err err;
	struct oci *oci = oci_new(&o, &err);
	FUZZ_CHECK(oci, "%s", err.text);
	ask(fuzz_below(&w.in, 10), oci, &clock, &a);
	oci_free(oci);
	return 0;
}
