/* Jobs of /bin/sh that try to get away. */
#include "../unit.h"

#include "local/runner/runner_process.h"

#include "base/arena.h"
#include "base/buf.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void start(struct runner_process *p, const char *script, const char *run_id)
{
	arena_auto a = {0};
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	const char *envp[] = {
		"PATH=/usr/bin:/bin", arena_printf(&a, RUNNER_MARK "=%s", run_id), NULL};
	struct runner_command c = {.argv = argv, .envp = envp, .folder = "/"};
	struct err err;
	assert_true(runner_process_start(&c, p, &err));
}

static void read_all(int fd, struct buf *out)
{
	char bytes[512];
	ssize_t n;
	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		buf_add(out, bytes, (size_t)n);
}

/* The number that the job's next line is. */
static pid_t read_pid(struct runner_process *p)
{
	char line[32] = "";
	for (size_t n = 0; n < sizeof line - 1 && read(p->out, line + n, 1) == 1; n++)
		if (line[n] == '\n')
			break;
	pid_t pid = atoi(line);
	assert_true(pid > 1);
	return pid;
}

static bool gone_soon(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(pid, 0) && errno == ESRCH)
			return true;
		usleep(10 * 1000);
	}
	return false;
}

static void test_output_and_status(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	buf_auto out = {0}, errors = {0};
	start(&p, "pwd; echo oops >&2; exit 7", "r1");
	read_all(p.out, &out);
	read_all(p.err, &errors);
	runner_process_finish(&p, &x);
	assert_string_equal(buf_str(&out), "/\n");
	assert_string_equal(buf_str(&errors), "oops\n");
	assert_int_equal(x.status, 7);
	assert_int_equal(x.exec_errno, 0);
	assert_false(x.lost);
}

static void test_environment_and_descriptors_are_the_given_ones(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	buf_auto out = {0};
	setenv("SECRET_OF_THE_SERVICE", "1", 1);
	start(&p, "env | grep -c SECRET; ls /proc/self/fd | wc -l; cat", "r1");
	read_all(p.out, &out);
	runner_process_finish(&p, &x);
	/* ls: 0, 1, 2 and the folder it reads. */
	assert_string_equal(buf_str(&out), "0\n4\n");
}

static void test_what_cannot_start(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	struct err err;
	const char *argv[] = {"/no/such/program", NULL}, *envp[] = {NULL};
	struct runner_command c = {.argv = argv, .envp = envp, .folder = "/"};
	assert_true(runner_process_start(&c, &p, &err));
	runner_process_finish(&p, &x);
	assert_int_equal(x.exec_errno, ENOENT);

	argv[0] = "/bin/true";
	c.folder = "/no/such/folder";
	assert_true(runner_process_start(&c, &p, &err));
	runner_process_finish(&p, &x);
	assert_int_equal(x.exec_errno, ENOENT);
}

static void test_terminate_is_polite(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	start(&p, "trap 'exit 42' TERM; echo $$; while :; do sleep 0.05; done", "r1");
	read_pid(&p);
	runner_process_signal(&p, RUNNER_TERMINATE);
	runner_process_finish(&p, &x);
	assert_int_equal(x.status, 42);

	start(&p, "echo $$; exec sleep 100", "r1");
	read_pid(&p);
	runner_process_signal(&p, RUNNER_TERMINATE);
	runner_process_finish(&p, &x);
	assert_int_equal(x.status, 128 + SIGTERM);
}

static void test_kill_takes_all_descendants(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	start(&p,
		"trap '' TERM; setsid sh -c '(setsid sh -c \"echo \\$\\$; exec sleep 100\" &)';"
		" while :; do sleep 1; done",
		"r1");
	pid_t away = read_pid(&p);
	runner_process_signal(&p, RUNNER_TERMINATE);
	runner_process_signal(&p, RUNNER_KILL);
	runner_process_finish(&p, &x);
	assert_int_equal(x.status, 128 + SIGKILL);
	assert_int_equal(kill(away, 0), -1);
}

static void test_what_a_job_leaves_behind_ends_with_it(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	buf_auto rest = {0};
	start(&p, "(setsid sh -c 'echo $$; exec sleep 100' &); sleep 0.2; exit 3", "r1");
	pid_t away = read_pid(&p);
	read_all(p.out, &rest); /* ends although `away` had it open */
	runner_process_finish(&p, &x);
	assert_int_equal(x.status, 3);
	assert_int_equal(kill(away, 0), -1);
}

static void test_all_end_when_the_service_is_gone(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	start(&p, "(setsid sh -c 'echo $$; exec sleep 100' &); echo $$; exec sleep 100", "r1");
	pid_t one = read_pid(&p), two = read_pid(&p);
	shutdown(p.control, SHUT_RDWR); /* as the kernel does for one who is killed */
	assert_true(gone_soon(one));
	assert_true(gone_soon(two));
	runner_process_finish(&p, &x);
}

static void test_marked_ones_are_found_when_the_supervisor_is_killed(void **state)
{
	(void)state;
	struct runner_process p;
	struct runner_exit x;
	arena_auto a = {0};
	const char *id = arena_printf(&a, "marked-%d", getpid());
	start(&p, "(setsid sh -c 'echo $$; exec sleep 100' &); echo $$; exec sleep 100", id);
	pid_t one = read_pid(&p), two = read_pid(&p);
	kill(p.supervisor, SIGKILL);
	runner_process_finish(&p, &x);
	assert_true(x.lost);
	size_t n = runner_process_end_marked(id);
	assert_true(n == 1 ||
		n == 2); /* the job itself dies with its supervisor, now or a moment ago */
	assert_true(gone_soon(one));
	assert_true(gone_soon(two));
	assert_int_equal(runner_process_end_marked(id), 0);
	assert_int_equal(runner_process_end_marked("marked-"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_status),
		cmocka_unit_test(test_environment_and_descriptors_are_the_given_ones),
		cmocka_unit_test(test_what_cannot_start),
		cmocka_unit_test(test_terminate_is_polite),
		cmocka_unit_test(test_kill_takes_all_descendants),
		cmocka_unit_test(test_what_a_job_leaves_behind_ends_with_it),
		cmocka_unit_test(test_all_end_when_the_service_is_gone),
		cmocka_unit_test(test_marked_ones_are_found_when_the_supervisor_is_killed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
