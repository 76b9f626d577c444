/* The life of runs with /bin/sh in Spark's place: the program of an application is a shell script. */
#include "twin_service.h"

#include "local/runner/runner_state.h"
#include "model/placeholder.h"

#include <openssl/evp.h>
#include <signal.h>
#include <zlib.h>

static bool launch_sh(struct runner_job *job, struct runner_command *ret, struct err *err)
{
	struct arena *a = job->arena;
	const char **argv = arena_array(a, job->run->arguments.n + 3, sizeof *argv);
	const char **envp = arena_array(a, 5, sizeof *envp);
	argv[0] = "/bin/sh";
	argv[1] = job->place.file;
	for (size_t i = 0; i < job->run->arguments.n; i++)
		argv[i + 2] =
			placeholder_expand(a, job->run->arguments.v[i], &job->run->parameters);
	envp[0] = "PATH=/usr/bin:/bin";
	envp[1] = arena_printf(a, RUNNER_MARK "=%s", job->run->id);
	envp[2] = arena_printf(a, "KEY=%s", job->place.key_file);
	envp[3] = arena_printf(a, "JARS=%zu", job->place.archive.jars_n);
	job->note = "a note\n";
	*ret = (struct runner_command){.argv = argv, .envp = envp, .folder = job->place.work};
	(void)err;
	return true;
}

static bool launch_nothing(struct runner_job *job, struct runner_command *ret, struct err *err)
{
	(void)job, (void)ret;
	return err_set(err, ERR_MISSING_TOOL, "Spark is not installed: run `weir local setup`");
}

static const char *app_of(const char *script, const char *more)
{
	put_object("code", "job.py", script, strlen(script));
	return create_app("job", more);
}

static const char *start(const char *app, const char *more)
{
	ask("POST", API "/runs", NULL,
		json("{'compartmentId':'" TENANCY "','applicationId':'%s'%s}", app, more));
	expect(200);
	return told("id");
}

static const char *run_script(const char *script)
{
	return start(app_of(script, ""), "");
}

static const char *url_of(const char *id)
{
	return arena_printf(&twin.arena, API "/runs/%s", id);
}

/* Waits until the run is in that state, and leaves it as the last reply. */
static void reaches(const char *id, const char *state)
{
	for (int i = 0; i < 1000; i++) {
		ask("GET", url_of(id), NULL, NULL);
		if (text_equal(told("lifecycleState"), state))
			return;
		if (run_state_is_terminal(told("lifecycleState")))
			break;
		usleep(10 * 1000);
	}
	fail_msg("not %s: %s", state, twin.text);
}

/* The states that it went through, in their order; no time goes back. */
static const char *states_of(const char *id)
{
	const char *states = "", *time = "";
	sqlite3_stmt *st = store_prepare(store_db(twin.service.store),
		"SELECT s.state, s.time FROM run_states s JOIN runs r ON r.seq = s.run WHERE r.id = ?"
		" ORDER BY s.seq",
		"s", id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		assert_true(strcmp(time, (const char *)sqlite3_column_text(st, 1)) <= 0);
		time = store_text(&twin.arena, st, 1);
		states = arena_printf(
			&twin.arena, "%s%s ", states, (const char *)sqlite3_column_text(st, 0));
	}
	store_done(st);
	return states;
}

static const char *log_text(const char *id, const char *stream)
{
	ask("GET",
		arena_printf(
			&twin.arena, "%s/logs/spark_application_%s.log.gz", url_of(id), stream),
		NULL, NULL);
	expect(200);
	if (!text_equal(header("content-encoding"), "gzip"))
		return twin.text;
	char *out = arena_alloc(&twin.arena, 1 << 16);
	z_stream z = {.next_in = (unsigned char *)twin.text, .avail_in = (uInt)twin.reply.length};
	z.next_out = (unsigned char *)out;
	z.avail_out = (1 << 16) - 1;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	return out;
}

static void wait_for_file(const char *path)
{
	for (int i = 0; i < 3000 && !fs_exists(path); i++)
		usleep(10 * 1000);
	if (!fs_exists(path))
		fail_msg("%s did not come", path);
}

static void test_success(void **state)
{
	(void)state;
	twin_run(launch_sh);
	const char *app =
		app_of("echo hello $1; echo oops >&2; pwd >&2; stat -c %a $KEY >&2; sleep 0.05",
			",'arguments':['${who}!'],'parameters':[{'name':'who','value':'a  b'}]");
	const char *id = start(app, "");
	reaches(id, "SUCCEEDED");
	assert_null(told("lifecycleDetails"));
	assert_true(node_get(twin.body, "runDurationInMilliseconds")->u.i >= 50);
	assert_true(strcmp(told("timeUpdated"), told("timeCreated")) > 0);
	assert_string_equal(states_of(id), "ACCEPTED IN_PROGRESS SUCCEEDED ");
	char *prefix = arena_strdup(&twin.arena, told("opcRequestId"));

	assert_string_equal(log_text(id, "stdout"), "hello a b!\n");
	const char *folder = arena_printf(&twin.arena, "%s/runs/%s", twin.home, id);
	assert_string_equal(log_text(id, "stderr"),
		arena_printf(&twin.arena, "a note\noops\n%s/work\n600\n", folder));
	ask("GET", arena_printf(&twin.arena, "%s/logs", url_of(id)), NULL, NULL);
	assert_int_equal(twin.body->u.seq.n, 2);
	const struct node *second = twin.body->u.seq.v[1];
	assert_string_equal(node_get_str(second, "name"), "spark_application_stdout.log.gz");
	assert_string_equal(node_get_str(second, "type"), "STDOUT");
	assert_string_equal(node_get_str(second, "source"), "APPLICATION");
	assert_string_equal(node_get_str(second, "runId"), id);
	assert_true(node_get(second, "sizeInBytes")->u.i > 20);
	ask("GET", arena_printf(&twin.arena, "%s/logs?limit=1", url_of(id)), NULL, NULL);
	assert_int_equal(twin.body->u.seq.n, 1);
	ask("GET",
		arena_printf(&twin.arena, "%s/logs?page=%s", url_of(id),
			text_percent(&twin.arena, header("opc-next-page"))),
		NULL, NULL);
	assert_int_equal(twin.body->u.seq.n, 1);

	/* In the bucket under the contract's name; nothing else stays. */
	struct err err;
	uint64_t size;
	fd_auto fd = store_object_open(twin.service.store, "dataflow-logs",
		arena_printf(&twin.arena, "%s/spark_application_stderr.log.gz", prefix), &size,
		&err);
	assert_true(fd >= 0);
	for (int i = 0; i < 1000 && (fs_exists(folder) || runner_is_busy(twin.service.runner)); i++)
		usleep(10 * 1000);
	assert_false(fs_exists(folder));
	assert_false(runner_is_busy(twin.service.runner));
}

static void fails(const char *id, const char *details)
{
	reaches(id, "FAILED");
	assert_string_equal(told("lifecycleDetails"), details);
}

static void test_failures_say_why(void **state)
{
	(void)state;
	twin_run(launch_sh);
	fails(run_script("echo Traceback; echo 'ValueError: bad day'; exit 7"),
		"The program ended with exit status 7: ValueError: bad day");
	assert_has(log_text(told("id"), "stdout"), "bad day");
	fails(run_script("exit 1"), "The program ended with exit status 1.");
	fails(run_script("kill -9 $$"), "The program was ended by signal 9 (Killed).");

	const char *app = create_app("x", ",'archiveUri':'oci://code@ns/none.zip'");
	fails(start(app, ""), "archiveUri: there is no object `none.zip` in the bucket `code`");
	const char *id = arena_strdup(&twin.arena, told("id"));
	assert_string_equal(log_text(id, "stdout"), "");
	assert_string_equal(log_text(id, "stderr"),
		"weir-local: archiveUri: there is no object `none.zip` in the bucket `code`\n");
	app = create_app("x", ",'archiveUri':'oci://code@ns/job.py'");
	reaches(start(app, ""), "FAILED");
	assert_has(told("lifecycleDetails"), "archiveUri: the archive is no zip file");
	app = create_app("x", ",'logsBucketUri':'oci://my-logs@ns/'");
	fails(start(app, ""), "logsBucketUri: there is no bucket `my-logs` in the namespace `ns`");
	ask("GET", arena_printf(&twin.arena, "%s/logs", url_of(told("id"))), NULL, NULL);
	assert_string_equal(twin.text, "[]");
	app = create_app("x", ",'warehouseBucketUri':'oci://w@elsewhere/'");
	fails(start(app, ""),
		"warehouseBucketUri names the namespace `elsewhere`; that of this service is `ns`");
	ask("PUT", arena_printf(&twin.arena, API "/applications/%s", app), NULL,
		json("{'warehouseBucketUri':'','fileUri':'oci://code@ns/gone.py'}"));
	expect(200);
	fails(start(app, ""), "fileUri: there is no object `gone.py` in the bucket `code`");
}

static void test_spark_that_is_not_installed(void **state)
{
	(void)state;
	twin_run(launch_nothing);
	fails(run_script("exit 0"), "Spark is not installed: run `weir local setup`");
}

/* Each waits a while for another, so that two that may run at once are seen together, however slow the machine. */
static void test_two_at_once(void **state)
{
	(void)state;
	const char *ids[6];
	twin_run(launch_sh);
	const char *app = app_of(arena_printf(&twin.arena,
					 "cd %s; mkdir -p now/$$; for i in $(seq 30); do "
					 "[ $(ls now | wc -l) -gt 1 ] && break; sleep 0.1; done; "
					 "sleep 0.1; ls now | wc -l; sleep 0.2; rmdir now/$$",
					 twin.home),
		"");
	for (int i = 0; i < 6; i++)
		ids[i] = start(app, "");
	bool two = false;
	for (int i = 0; i < 6; i++) {
		reaches(ids[i], "SUCCEEDED");
		int64_t at_once;
		char *text = arena_strdup(&twin.arena, log_text(ids[i], "stdout"));
		text[strcspn(text, "\n")] = '\0';
		assert_true(text_i64(text, &at_once) && at_once <= 2);
		two = two || at_once == 2;
	}
	assert_true(two);
}

static void test_cancel(void **state)
{
	(void)state;
	const char *ids[4];
	twin_run(launch_sh);
	const char *app = app_of(
		arena_printf(&twin.arena,
			"trap '' TERM; (setsid sleep 100 &); touch %s/$1; sleep 100", twin.home),
		"");
	for (int i = 0; i < 4; i++)
		ids[i] = start(app, json(",'arguments':['%d']", i));
	wait_for_file(arena_printf(&twin.arena, "%s/0", twin.home));
	wait_for_file(arena_printf(&twin.arena, "%s/1", twin.home));

	/* One that waits ends at once, and never starts. */
	ask("DELETE", url_of(ids[2]), NULL, NULL);
	expect(204);
	ask("GET", url_of(ids[2]), NULL, NULL);
	assert_string_equal(told("lifecycleState"), "CANCELED");
	assert_int_equal(node_get(twin.body, "runDurationInMilliseconds")->u.i, 0);
	ask("DELETE", url_of(ids[3]), NULL, NULL);

	for (int i = 0; i < 2; i++)
		ask("DELETE", url_of(ids[i]), NULL, NULL);
	for (int i = 0; i < 2; i++) {
		reaches(ids[i], "CANCELED");
		assert_string_equal(told("lifecycleDetails"), "The run was cancelled.");
		assert_int_equal(runner_process_end_marked(ids[i]), 0);
		assert_string_equal(states_of(ids[i]), "ACCEPTED IN_PROGRESS CANCELING CANCELED ");
	}
	assert_string_equal(states_of(ids[2]), "ACCEPTED CANCELING CANCELED ");
	ask("DELETE", url_of(ids[0]), NULL, NULL);
	expect_error(409, "IncorrectState", "CANCELED");
	assert_false(fs_exists(arena_printf(&twin.arena, "%s/2", twin.home)));
}

static void test_maximum_duration(void **state)
{
	(void)state;
	setenv("WEIR_LOCAL_MINUTE_MS", "100", 1);
	twin_run(launch_sh);
	unsetenv("WEIR_LOCAL_MINUTE_MS");
	const char *app = app_of("sleep 100", ",'maxDurationInMinutes':3");
	const char *id = start(app, "");
	reaches(id, "STOPPED");
	assert_has(told("lifecycleDetails"), "maximum duration");
	assert_true(node_get(twin.body, "runDurationInMilliseconds")->u.i >= 300);

	/* It may be shortened while the run goes on. */
	id = start(app, ",'maxDurationInMinutes':500000");
	reaches(id, "IN_PROGRESS");
	ask("PUT", url_of(id), NULL, json("{'maxDurationInMinutes':1}"));
	expect(200);
	reaches(id, "STOPPED");
}

static void test_logs_while_it_goes_on(void **state)
{
	(void)state;
	twin_run(launch_sh);
	const char *id = run_script("echo first; sleep 100");
	reaches(id, "IN_PROGRESS");
	const char *text = "";
	for (int i = 0; i < 500 && !*text; i++) {
		usleep(10 * 1000);
		ask("GET",
			arena_printf(
				&twin.arena, "%s/logs/spark_application_stdout.log.gz", url_of(id)),
			NULL, NULL);
		text = twin.status == 200 ? twin.text : "";
	}
	assert_string_equal(text, "first\n");
	assert_null(header("content-encoding"));
	assert_true(runner_is_busy(twin.service.runner));
	ask("DELETE", url_of(id), NULL, NULL);
	reaches(id, "CANCELED");
	assert_string_equal(log_text(id, "stdout"), "first\n");
}

static void test_key_of_the_run(void **state)
{
	(void)state;
	twin_run(launch_sh);
	const char *id = run_script(
		"openssl rsa -in $KEY -pubout -outform DER 2>/dev/null | openssl md5 -c | sed 's/.* //' >fp.part;"
		" mv fp.part fp; sleep 100");
	const char *file = arena_printf(&twin.arena, "%s/runs/%s/work/fp", twin.home, id);
	wait_for_file(file);
	buf_auto fingerprint = {0};
	struct err err;
	assert_true(fs_read(file, &fingerprint, &err));
	buf_truncate(&fingerprint, fingerprint.len - 1);
	const char *user_id = NULL, *run_id = NULL,
		   *key_id = arena_printf(
			   &twin.arena, TENANCY "/%s/%s", twin.service.user, buf_str(&fingerprint));
	EVP_PKEY *key = runner_key(twin.service.runner, key_id, &run_id, &user_id);
	assert_non_null(key);
	EVP_PKEY_free(key);
	assert_string_equal(run_id, id);
	assert_string_equal(user_id, twin.service.user);
	assert_null(runner_key(
		twin.service.runner, arena_printf(&twin.arena, "%sx", key_id), &run_id, &user_id));

	ask("DELETE", url_of(id), NULL, NULL);
	reaches(id, "CANCELED");
	assert_null(runner_key(twin.service.runner, key_id, &run_id, &user_id));
}

static void test_stop_fails_what_runs_and_keeps_what_waits(void **state)
{
	(void)state;
	twin_run(launch_sh);
	const char *app = app_of("echo begun; sleep 100", ""), *ids[3];
	for (int i = 0; i < 3; i++)
		ids[i] = start(app, "");
	reaches(ids[0], "IN_PROGRESS");
	reaches(ids[1], "IN_PROGRESS");
	twin_close();
	twin_open();
	for (int i = 0; i < 2; i++) {
		reaches(ids[i], "FAILED");
		assert_string_equal(told("lifecycleDetails"),
			"weir-local was stopped while the run was in progress.");
	}
	ask("GET", url_of(ids[2]), NULL, NULL);
	assert_string_equal(told("lifecycleState"), "ACCEPTED");
	assert_true(runner_state_any_accepted(&twin.service));
	put_object("code", "job.py", "exit 0", 6);
	twin_run(launch_sh);
	reaches(ids[2], "SUCCEEDED");
}

/* What kill -9 of the service leaves: a run IN_PROGRESS, its folder, a process that outlived its supervisor. */
static void test_what_a_dead_service_left(void **state)
{
	(void)state;
	arena_auto a = {0};
	struct run run;
	struct err err;
	const char *app = app_of("exit 0", "");
	const char *id = start(app, ""), *canceled = start(app, ""), *stopped = start(app, "");
	for (int i = 0; i < 3; i++)
		assert_true(runner_state_claim(&twin.service, &a, &run, &err));
	ask("DELETE", url_of(canceled), NULL, NULL);
	assert_true(runner_state_stop(&twin.service, stopped, "too long", &err));

	const char *folder = arena_printf(&a, "%s/runs/%s", twin.home, id);
	assert_true(fs_mkdirs(arena_printf(&a, "%s/work", folder), 0700, &err));
	assert_true(fs_write(arena_printf(&a, "%s/stdout.log", folder), "half", 4, 0600, &err));
	const char *argv[] = {"/bin/sh", "-c", "(setsid sleep 100 &); sleep 100", NULL};
	const char *envp[] = {"PATH=/usr/bin:/bin", arena_printf(&a, RUNNER_MARK "=%s", id), NULL};
	struct runner_command c = {.argv = argv, .envp = envp, .folder = "/"};
	struct runner_process p;
	assert_true(runner_process_start(&c, &p, &err));
	usleep(200 * 1000);
	kill(p.supervisor, SIGKILL);

	twin_run(launch_sh);
	assert_int_equal(runner_process_end_marked(id), 0);
	struct runner_exit exit;
	runner_process_finish(&p, &exit);
	reaches(id, "FAILED");
	assert_has(told("lifecycleDetails"), "weir-local ended while the run was in progress");
	assert_string_equal(log_text(id, "stdout"), "half");
	reaches(canceled, "CANCELED");
	reaches(stopped, "STOPPED");
	assert_string_equal(told("lifecycleDetails"), "too long");
	assert_false(fs_exists(folder));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, twin_setup, twin_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_success),
		CASE(test_failures_say_why),
		CASE(test_spark_that_is_not_installed),
		CASE(test_two_at_once),
		CASE(test_cancel),
		CASE(test_maximum_duration),
		CASE(test_logs_while_it_goes_on),
		CASE(test_key_of_the_run),
		CASE(test_stop_fails_what_runs_and_keeps_what_waits),
		CASE(test_what_a_dead_service_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
