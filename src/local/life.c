#include "local/life.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

/* A service that starts waits this long for those who only look at its lock. */
enum { LOCK_TRIES = 40, LOCK_WAIT_MS = 25, START_MS = 60 * 1000, STOP_MS = 60 * 1000 };
enum { LOG_MAX = 8 * 1024 * 1024 };

/* -1 with EWOULDBLOCK: it is held. */
static int lock_file(const char *home, int flags, int how)
{
	arena_auto arena = {0};
	int fd = open(fs_join(&arena, home, "lock"), O_RDWR | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		return -1;
	if (!flock(fd, how | LOCK_NB))
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Looks without leaving anything behind, also in a folder that is no home. */
static bool is_held(const char *home)
{
	int fd = lock_file(home, 0, LOCK_SH);
	bool held = fd < 0 && errno == EWOULDBLOCK;
	if (fd >= 0)
		close(fd);
	return held;
}

enum life life_look(const char *home, struct arena *a, struct node **ret_state)
{
	buf_auto text = {.max = 64 * 1024};
	struct err ignored;
	*ret_state = NULL;
	if (!is_held(home))
		return LIFE_DOWN;
	if (!fs_read(fs_join(a, home, "state.json"), &text, &ignored))
		return LIFE_STARTING;
	*ret_state = node_from_json(a, buf_str(&text), text.len, &ignored);
	return life_state_pid(*ret_state) > 0 ? LIFE_UP : LIFE_STARTING;
}

int life_lock(const char *home, struct err *err)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = lock_file(home, O_CREAT, LOCK_EX);
		if (fd >= 0)
			return fd;
		if (errno != EWOULDBLOCK) {
			err_errno(err, ERR_IO, "%s/lock", home);
			return -1;
		}
		clock_system.sleep_ms(clock_system.ctx, LOCK_WAIT_MS);
	}
	err_set(err, ERR_CONFLICT, "a weir-local runs already in %s", home);
	return -1;
}

bool life_state_write(const char *home, const struct node *state, struct err *err)
{
	arena_auto arena = {0};
	buf_auto text = {0};
	node_to_json(state, NODE_JSON_INDENT, &text);
	buf_addc(&text, '\n');
	return fs_write(fs_join(&arena, home, "state.json"), text.data, text.len, 0600, err);
}

void life_state_remove(const char *home)
{
	arena_auto arena = {0};
	unlink(fs_join(&arena, home, "state.json"));
}

pid_t life_state_pid(const struct node *state)
{
	const struct node *pid = state ? node_get(state, "pid") : NULL;
	return pid && pid->kind == NODE_INT ? (pid_t)pid->u.i : 0;
}

static void tell(int fd, const char *text)
{
	struct err ignored;
	if (fd < 0)
		return;
	fs_write_all(fd, text, strlen(text), &ignored);
	close(fd);
}

void life_tell_ready(int fd)
{
	tell(fd, "ready\n");
}

void life_tell_locked(int fd)
{
	tell(fd, "locked\n");
}

void life_tell_error(int fd, const struct err *err)
{
	buf_auto text = {0};
	buf_printf(&text, "error %d\n%s", (int)err->kind, err->text);
	tell(fd, buf_str(&text));
}

/* Nothing of the starter stays open but the descriptor that tells it how it went. */
static void detach(const char *home, int ready)
{
	arena_auto arena = {0};
	struct stat st;
	const char *log = fs_join(&arena, home, "weir-local.log");
	if (!stat(log, &st) && st.st_size > LOG_MAX)
		rename(log, arena_printf(&arena, "%s.1", log));
	int null = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (null < 0 || out < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
		dup2(ready, 3) < 0)
		_exit(1);
	close_range(4, ~0U, 0);
	setenv("WEIR_LOCAL_HOME", home, 1);
	if (chdir("/"))
		_exit(1);
}

static void run_serve(const char *home, const char *const *args, int ready)
{
	const char *argv[32] = {"weir-local", "serve", "--foreground", "--ready-fd", "3"};
	size_t n = 5;
	while (*args && n < 31)
		argv[n++] = *args++;
	detach(home, ready);
	execv("/proc/self/exe", (char *const *)argv);
	struct err err;
	err_errno(&err, ERR_IO, "start weir-local");
	life_tell_error(3, &err);
	_exit(1);
}

/* The child that waits for nobody: its own child, in a session of its own, belongs to init. */
static bool fork_serve(const char *home, const char *const *args, int ready, struct err *err)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, ERR_IO, "fork");
	if (!pid) {
		setsid();
		signal(SIGHUP, SIG_IGN);
		pid_t service = fork();
		if (!service)
			run_serve(home, args, ready);
		_exit(service < 0);
	}
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return true;
}

/* All that the service says, until it closes its end. */
static bool listen_for(int fd, struct buf *out)
{
	char chunk[512];
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int n = poll(&p, 1, START_MS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got <= 0)
			return true;
		buf_add(out, chunk, (size_t)got);
	}
}

static bool understand(const char *home, const struct buf *said, bool *ret_locked, struct err *err)
{
	const char *s = buf_str(said);
	*ret_locked = !strcmp(s, "locked\n");
	if (*ret_locked || !strcmp(s, "ready\n"))
		return true;
	const char *text = strchr(s, '\n');
	arena_auto arena = {0};
	int64_t kind;
	if (text_starts(s, "error ") && text &&
		text_i64(arena_strndup(&arena, s + 6, (size_t)(text - s - 6)), &kind))
		return err_set(err, (enum err_kind)kind, "%s", text + 1);
	return err_set(
		err, ERR_SERVICE, "weir-local ended at once; %s/weir-local.log tells more", home);
}

bool life_start(const char *home, const char *const *args, bool *ret_locked, struct err *err)
{
	int ends[2];
	buf_auto said = {.max = 64 * 1024};
	if (pipe2(ends, O_CLOEXEC))
		return err_errno(err, ERR_IO, "pipe");
	bool ok = fork_serve(home, args, ends[1], err);
	close(ends[1]);
	if (ok && !listen_for(ends[0], &said))
		ok = err_set(err, ERR_SERVICE,
			"weir-local does not get ready; %s/weir-local.log tells more", home);
	close(ends[0]);
	return ok && understand(home, &said, ret_locked, err);
}

bool life_stop(const char *home, pid_t pid, struct err *err)
{
	if (kill(pid, SIGTERM) && errno != ESRCH)
		return err_errno(err, ERR_IO, "end process %d", (int)pid);
	int64_t until = clock_mono(&clock_system) + STOP_MS;
	while (clock_mono(&clock_system) < until) {
		if (!is_held(home))
			return true;
		clock_system.sleep_ms(clock_system.ctx, LOCK_WAIT_MS);
	}
	return err_set(err, ERR_SERVICE, "weir-local (process %d) has not ended after %d s",
		(int)pid, STOP_MS / 1000);
}
