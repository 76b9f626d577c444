/*
 * A session with a scripted server: real signatures by a key made here, a clock that jumps over waits.
 *
 *	static void test_namespace(void **state)
 *	{
 *		server_expect(S.server, "GET /n", ...);
 *		storage_namespace_get(S.oci, ...);
 *		session_run(&S);
 *	}
 *	...SESSION_TEST(test_namespace)
 *
 * SESSION_TEST opens S by script before the test, and closes it behind; others call session_open and session_close.
 */
#ifndef HARNESS_OCI_H
#define HARNESS_OCI_H

#include "harness/fake_clock.h"
#include "harness/server.h"
#include "oci/oci.h"

struct session {
	struct server *server;
	struct oci *oci;
	struct oci_config config;
	struct fake_clock time;
	struct clock clock;
	struct arena arena;
	struct progress progress;
	struct buf notes; /* texts of PROGRESS_NOTE, a line each */
	bool stop;
};
extern struct session S; /* that of the test that runs */
#define SESSION_TEST(f) cmocka_unit_test_setup_teardown(f, session_setup, session_teardown)
int session_setup(void **state);
int session_teardown(void **state);
/* handler NULL: by script. */
void session_open(struct session *s, server_handler_fn *handler, void *ctx);
/* The same, signing with a session's token that is in the file path. */
void session_open_token(struct session *s, const char *path);
/* A token of the service's that expires then (Unix seconds), with a further claim, such as "n": what tells it from
   others. In s->arena. */
const char *session_token(struct session *s, int64_t expires, const char *mark);
void session_run(struct session *s); /* until idle; fails the test otherwise */
void session_close(struct session *s);
/* The replies to this many requests of that line are lost, before anything is done. */
void session_expect_lost(struct session *s, const char *line, int times);
/* The value of a header that a request brought, in s->arena. Where only the first reply is lost, the test hears of the
   second. NULL: it had none. */
const char *session_sent(struct session *s, size_t request, const char *name);
/* A file of n bytes made by a rule, in a folder of the test's. The path lives in s->arena. */
const char *session_file(struct session *s, size_t n, unsigned seed);
/* The i-th byte of such a file. */
char session_byte(size_t i, unsigned seed);

#endif
