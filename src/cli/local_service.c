#include "cli/local_service.h"

#include "base/fs.h"
#include "base/text.h"
#include "field/node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char program_name[] = "weir-local";

static const char *in_path(struct arena *a)
{
	const char *path = getenv("PATH");
	char *rest = arena_strdup(a, path ? path : "/usr/local/bin:/usr/bin:/bin");
	for (char *dir; (dir = strsep(&rest, ":"));) {
		const char *candidate = fs_join(a, *dir ? dir : ".", program_name);
		if (access(candidate, X_OK) == 0 && !fs_is_dir(candidate))
			return candidate;
	}
	return NULL;
}

const char *local_service_program(struct arena *a, struct err *err)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len > 0) {
		self[len] = '\0';
		const char *beside = fs_join(a, fs_dirname(a, self), program_name);
		if (access(beside, X_OK) == 0)
			return beside;
	}
	const char *found = in_path(a);
	if (found)
		return found;
	err_set(err, ERR_MISSING_TOOL, "the program weir-local is neither beside weir nor in PATH");
	err_hint(err, "both are installed together: put weir-local into the folder where weir is");
	return NULL;
}

static const char no_java[] = "Java 17 is not installed, or not in PATH or JAVA_HOME\n"
			      "on Debian and Ubuntu: sudo apt-get install openjdk-17-jre-headless";
static const char no_spark[] = "Spark is not installed\n`weir local setup` installs it";

static bool is_true(const struct node *doc, const char *key)
{
	const struct node *n = node_get(doc, key);
	return n && n->kind == NODE_BOOL && n->u.b;
}

bool local_service_parse(
	struct arena *a, const char *text, size_t len, struct local_service *ret, struct err *err)
{
	struct node *doc = node_from_json(a, text, len, err);
	if (!doc)
		return err_wrap(err, "weir-local up");
	const char *version = node_get_str(doc, "version");
	if (!text_equal(version, WEIR_VERSION)) {
		err_set(err, ERR_CONFIG,
			"this is weir %s, and the local service that runs is weir-local %s",
			WEIR_VERSION, version ? version : "of an unknown version");
		return err_hint(
			err, "`weir local down` ends it; the next command starts the right one");
	}
	bool java = is_true(doc, "java"), spark = is_true(doc, "spark");
	*ret = (struct local_service){
		.endpoint = node_get_str(doc, "endpoint"),
		.config_file = node_get_str(doc, "config_file"),
		.profile = node_get_str(doc, "profile"),
		.can_run = java && spark,
		.run_hint = !java ? no_java
			: !spark  ? no_spark
				  : NULL,
	};
	if (ret->endpoint && ret->config_file)
		return true;
	return err_set(err, ERR_PROTOCOL, "weir-local up: told no endpoint or no config_file");
}

/* posix_spawn with standard input from nowhere and standard output into a pipe; our read end, -1 on failure. */
static int spawn(const char *path, char *const *argv, pid_t *ret_pid, struct err *err)
{
	int pipe_ends[2];
	if (pipe2(pipe_ends, O_CLOEXEC)) {
		err_errno(err, ERR_IO, "pipe");
		return -1;
	}
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, pipe_ends[1], STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	int failed = posix_spawn(ret_pid, path, &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	close(pipe_ends[1]);
	if (!failed)
		return pipe_ends[0];
	close(pipe_ends[0]);
	err_set(err, ERR_MISSING_TOOL, "%s: %s", path, strerror(failed));
	return -1;
}

enum { TICK_MS = 200 };

/* What the program prints, and its exit status; 128 + N when signal N ended it. */
static bool capture(struct cli *cli, const char *path, char *const *argv, struct buf *out,
	int *ret_status, struct err *err)
{
	pid_t pid;
	fd_auto fd = spawn(path, argv, &pid, err);
	if (fd < 0)
		return false;
	char chunk[4096];
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	for (ssize_t n = 1; n != 0;) {
		if (poll(&readable, 1, TICK_MS) == 0) {
			progress_send(&cli->progress, PROGRESS_TICK, NULL, 0, 0, NULL);
			continue;
		}
		n = read(fd, chunk, sizeof chunk);
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		else if (n < 0 && errno != EINTR)
			break;
	}
	int status = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, ERR_IO, "%s", path);
	*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

bool local_service_start(struct cli *cli, struct local_service *ret, struct err *err)
{
	const char *path = local_service_program(&cli->arena, err);
	if (!path)
		return false;
	char *argv[] = {arena_strdup(&cli->arena, program_name), arena_strdup(&cli->arena, "up"),
		arena_strdup(&cli->arena, "--on-demand"), arena_strdup(&cli->arena, "-o"),
		arena_strdup(&cli->arena, "json"), NULL};
	buf_auto out = {.max = 1 << 16};
	int status = 0;
	progress_send(&cli->progress, PROGRESS_START, "local service", 0, 0, "starting");
	bool ok = capture(cli, path, argv, &out, &status, err);
	progress_send(&cli->progress, ok && !status ? PROGRESS_DONE : PROGRESS_FAILED,
		"local service", 0, 0, NULL);
	if (!ok)
		return false;
	if (cli_stop)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	if (status) {
		err_set(err, ERR_SERVICE,
			"the local service did not start (weir-local up: status %d)", status);
		return err_hint(err, "`weir local status` and `weir local logs` tell more");
	}
	return local_service_parse(&cli->arena, out.data ? out.data : "", out.len, ret, err);
}
