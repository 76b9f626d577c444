#include "local/runner/runner_executors.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/runner/runner_log.h"
#include "local/runner/runner_process.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>

enum { GRACE_TRIES = 60, GRACE_PAUSE_MS = 50 };

static bool is_known(const struct runner_executors *e, const char *folder)
{
	for (size_t i = 0; i < e->n; i++)
		if (text_equal(e->folders[i], folder))
			return true;
	return false;
}

/* <worker's folder>/app-20260101120000-0000/0; the driver's own folder is none. */
static bool is_executors_folder(struct arena *a, const char *folder)
{
	int64_t number;
	return text_i64(fs_basename(folder), &number) && number >= 0 &&
		text_starts(fs_basename(fs_dirname(a, folder)), "app-");
}

static void remember(void *ctx, int pid)
{
	struct runner_executors *e = ctx;
	arena_auto a = {0};
	char folder[PATH_MAX];
	ssize_t n = readlink(arena_printf(&a, "/proc/%d/cwd", pid), folder, sizeof folder - 1);
	if (n <= 0 || e->n == RUNNER_EXECUTORS_MAX)
		return;
	folder[n] = '\0';
	if (is_executors_folder(&a, folder) && !is_known(e, folder))
		e->folders[e->n++] = arena_strdup(e->arena, folder);
}

void runner_executors_look(struct runner_executors *e)
{
	runner_process_each_marked(e->run_id, remember, e);
}

void runner_executors_end(struct runner_executors *e)
{
	struct timespec pause = {.tv_nsec = GRACE_PAUSE_MS * 1000000L};
	for (int i = 0; i < GRACE_TRIES; i++) {
		if (!runner_process_each_marked(e->run_id, remember, e))
			return;
		nanosleep(&pause, NULL);
	}
	runner_process_end_marked(e->run_id);
}

static void copy(const char *from, const char *to)
{
	struct err ignored; /* a log that can't be kept is not there */
	struct runner_log log;
	fd_auto fd = fs_open_regular(from, NULL, &ignored);
	if (fd < 0 || !runner_log_open(&log, to, RUNNER_LOG_MAX, &ignored))
		return;
	while (runner_log_take(&log, fd))
		;
	runner_log_close(&log);
}

void runner_executors_keep_logs(
	const struct runner_executors *e, const char *folder, int64_t unix_ms)
{
	static const char *const streams[] = {"stdout", "stderr"};
	arena_auto a = {0};
	struct err ignored;
	char stamp[32];
	struct tm tm;
	time_t seconds = (time_t)(unix_ms / 1000);
	if (!e->n || !fs_mkdirs(folder, 0700, &ignored))
		return;
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&seconds, &tm));
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k < 2; k++)
			copy(fs_join(&a, e->folders[i], streams[k]),
				arena_printf(&a, "%s/spark_executor_%zu_%s_%s.log", folder, i,
					streams[k], stamp));
}
