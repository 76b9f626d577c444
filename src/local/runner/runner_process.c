#include "local/runner/runner_process.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Where the supervisor keeps its three descriptors once all others are closed. */
enum { FD_CONTROL = 3, FD_OUT, FD_ERR, FD_FIRST_FREE };
enum { END_ROUNDS = 2500, END_PAUSE_MS = 2 };

static void pause_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
	nanosleep(&t, NULL);
}

/*
 * From here to supervise() runs in the child of a fork of a program with threads: only async-signal-safe
 * calls, no allocation.
 */

struct supervised {
	pid_t job;
	struct runner_exit exit;
};

static void default_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	for (int n = 1; n < NSIG; n++)
		sigaction(n, &dfl, NULL);
}

static void keep_descriptors(int control, int out, int err)
{
	int high[3] = {
		fcntl(control, F_DUPFD, 16), fcntl(out, F_DUPFD, 16), fcntl(err, F_DUPFD, 16)};
	dup2(high[0], FD_CONTROL);
	dup2(high[1], FD_OUT);
	dup2(high[2], FD_ERR);
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < FD_CONTROL; fd++)
		dup2(null, fd);
	if (close_range(FD_FIRST_FREE, ~0U, 0))
		for (int fd = FD_FIRST_FREE; fd < 65536; fd++)
			close(fd);
}

static _Noreturn void become_job(const struct runner_command *c, pid_t supervisor, int tell)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(FD_OUT, STDOUT_FILENO);
	dup2(FD_ERR, STDERR_FILENO);
	/* Only `tell` must live until the exec, and not past it. */
	for (int fd = FD_CONTROL; fd < FD_FIRST_FREE; fd++)
		close(fd);
	if (getppid() == supervisor && chdir(c->folder) == 0)
		execve(c->argv[0], (char *const *)c->argv, (char *const *)c->envp);
	int why = errno;
	while (write(tell, &why, sizeof why) < 0 && errno == EINTR)
		;
	_exit(127);
}

static void start_job(const struct runner_command *c, struct supervised *s)
{
	int ends[2];
	pid_t self = getpid();
	if (pipe2(ends, O_CLOEXEC) || (s->job = fork()) < 0) {
		s->exit = (struct runner_exit){.status = 127, .exec_errno = errno};
		return;
	}
	if (s->job == 0)
		become_job(c, self, ends[1]);
	close(ends[1]);
	/* The job alone keeps its outputs open, so that their end is seen. */
	close(FD_OUT);
	close(FD_ERR);
	int why;
	if (read(ends[0], &why, sizeof why) == (ssize_t)sizeof why)
		s->exit.exec_errno = why;
	close(ends[0]);
}

/* Takes what ended. False when there are no children at all. */
static bool reap(struct supervised *s)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->job)
			continue;
		s->job = 0;
		s->exit.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	return pid == 0 || errno != ECHILD;
}

static void kill_children(void)
{
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	char text[4096];
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	pid_t pid = 0;
	for (ssize_t i = 0; i < n; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
		} else {
			if (pid > 0)
				kill(pid, SIGKILL);
			pid = 0;
		}
	}
}

/* A killed child's own children become ours, and are killed in the next round. */
static void end_all(struct supervised *s)
{
	for (int round = 0; reap(s) && round < END_ROUNDS; round++) {
		if (s->job > 0)
			kill(-s->job, SIGKILL);
		kill_children();
		pause_ms(END_PAUSE_MS);
	}
}

/* What the service wants; false when it wants the end, or is gone. */
static bool obey(struct supervised *s)
{
	char what;
	ssize_t n = read(FD_CONTROL, &what, 1);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0 || what == RUNNER_KILL)
		return false;
	if (s->job > 0)
		kill(-s->job, SIGTERM);
	return true;
}

static _Noreturn void supervise(const struct runner_command *c, int control, int out, int err)
{
	struct supervised s = {.job = 0};
	default_signals();
	keep_descriptors(control, out, err);
	setsid();
	prctl(PR_SET_NAME, "weir-job");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
	int ended = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);

	start_job(c, &s);
	struct pollfd on[] = {
		{.fd = FD_CONTROL, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
	bool go_on = true;
	while (go_on && s.job > 0) {
		struct signalfd_siginfo info;
		poll(on, 2, -1);
		while (read(ended, &info, sizeof info) > 0)
			;
		reap(&s);
		if (on[0].revents)
			go_on = obey(&s);
	}
	end_all(&s);
	while (send(FD_CONTROL, &s.exit, sizeof s.exit, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void close_both(int ends[2])
{
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
}

static pid_t fork_supervisor(const struct runner_command *c, int control, int out, int err)
{
	sigset_t all, before;
	sigfillset(&all);
	/* No handler of ours may run in the child before it has its own. */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		supervise(c, control, out, err);
	int failed = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = failed;
	return pid;
}

bool runner_process_start(
	const struct runner_command *c, struct runner_process *ret, struct err *err)
{
	int control[2] = {-1, -1}, out[2] = {-1, -1}, errors[2] = {-1, -1};
	pid_t pid = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) == 0 &&
		pipe2(out, O_CLOEXEC) == 0 && pipe2(errors, O_CLOEXEC) == 0)
		pid = fork_supervisor(c, control[1], out[1], errors[1]);
	if (pid < 0) {
		err_errno(err, ERR_IO, "start %s", c->argv[0]);
		close_both(control);
		close_both(out);
		close_both(errors);
		return false;
	}
	close(control[1]);
	close(out[1]);
	close(errors[1]);
	*ret = (struct runner_process){
		.supervisor = pid, .control = control[0], .out = out[0], .err = errors[0]};
	return true;
}

void runner_process_signal(struct runner_process *p, enum runner_signal what)
{
	char byte = (char)what;
	while (send(p->control, &byte, 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

void runner_process_finish(struct runner_process *p, struct runner_exit *ret)
{
	struct runner_exit got;
	ssize_t n;
	while ((n = recv(p->control, &got, sizeof got, 0)) < 0 && errno == EINTR)
		;
	*ret = n == (ssize_t)sizeof got
		? got
		: (struct runner_exit){.status = 128 + SIGKILL, .lost = true};
	while (waitpid(p->supervisor, NULL, 0) < 0 && errno == EINTR)
		;
	close(p->control);
	close(p->out);
	close(p->err);
	*p = (struct runner_process){.supervisor = -1, .control = -1, .out = -1, .err = -1};
}

/* Whether one of the NUL-ended strings is `mark`. */
static bool has_mark(const struct buf *environ_text, const char *mark)
{
	size_t len = strlen(mark) + 1;
	return environ_text->len >= len &&
		memmem(environ_text->data, environ_text->len, mark, len) != NULL;
}

static bool is_marked(const char *pid, const char *mark)
{
	arena_auto a = {0};
	buf_auto text = {.max = 1 << 20};
	struct err none;
	return fs_read(arena_printf(&a, "/proc/%s/environ", pid), &text, &none) &&
		has_mark(&text, mark);
}

typedef void marked_fn(void *ctx, int pid);

size_t runner_process_each_marked(const char *run_id, marked_fn *found, void *ctx)
{
	arena_auto a = {0};
	const char *mark = arena_printf(&a, RUNNER_MARK "=%s", run_id);
	size_t n = 0;
	DIR *d = opendir("/proc");
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		int64_t pid;
		if (!text_i64(e->d_name, &pid))
			continue;
		if (!is_marked(e->d_name, mark))
			continue;
		n++;
		found(ctx, (int)pid);
	}
	if (d)
		closedir(d);
	return n;
}

static void kill_one(void *ctx, int pid)
{
	arena_auto a = {0};
	/* The descriptor pins the process: its number can't become another's between look and kill. */
	fd_auto process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (process >= 0 && is_marked(arena_printf(&a, "%d", pid), ctx))
		syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
}

size_t runner_process_end_marked(const char *run_id)
{
	arena_auto a = {0};
	char *mark = arena_printf(&a, RUNNER_MARK "=%s", run_id);
	size_t first = runner_process_each_marked(run_id, kill_one, mark);
	for (int round = 0; round < 500 && runner_process_each_marked(run_id, kill_one, mark) > 0;
		round++)
		pause_ms(10);
	return first;
}
