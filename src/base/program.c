#include "base/program.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, TICK_MS = 1000 };

struct lines {
	char text[LINE_MAX_BYTES];
	size_t n;
};

static _Noreturn void become(const struct program *c, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	int null = open("/dev/null", O_RDONLY);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execvp(c->argv[0], (char *const *)c->argv);
	_exit(127);
}

/* Gives each whole line away; what is too long for the buffer is cut. */
static void take(const struct program *c, struct lines *l, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n') {
			l->text[l->n] = '\0';
			l->n = 0;
			if (c->line)
				c->line(c->ctx, l->text);
		} else if (l->n < sizeof l->text - 1) {
			l->text[l->n++] = bytes[i];
		}
	}
}

static bool is_stopped(const struct program *c)
{
	return c->stop && __atomic_load_n(c->stop, __ATOMIC_RELAXED);
}

static bool listen_to(const struct program *c, int in, struct err *err)
{
	struct lines lines = {.n = 0};
	for (;;) {
		if (is_stopped(c))
			return false;
		struct pollfd p = {.fd = in, .events = POLLIN};
		int ready = poll(&p, 1, TICK_MS);
		if (c->tick)
			c->tick(c->ctx);
		if (ready <= 0)
			continue;
		char bytes[8192];
		ssize_t n = read(in, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (c->log >= 0 && !fs_write_all(c->log, bytes, (size_t)n, err))
			return false;
		take(c, &lines, bytes, (size_t)n);
	}
	if (lines.n)
		take(c, &lines, "\n", 1);
	return true;
}

bool program_run(const struct program *c, int *ret_status, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return err_errno(err, ERR_IO, "pipe");
	fd_auto in = ends[0];
	pid_t pid = fork();
	if (pid < 0) {
		close(ends[1]);
		return err_errno(err, ERR_IO, "start %s", c->argv[0]);
	}
	if (pid == 0)
		become(c, ends[1]);
	close(ends[1]);

	bool heard = listen_to(c, in, err);
	if (!heard)
		kill(pid, SIGTERM);
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (is_stopped(c)) /* of a terminal's Ctrl-C the program has heard, too */
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return heard;
}
