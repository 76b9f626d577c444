/* A job's processes from start to end: their output, the maximum duration, and who wants them gone. */
#include "local/runner/runner_inside.h"

#include "base/clock.h"
#include "base/text.h"
#include "local/runner/runner_log.h"
#include "local/runner/runner_principal.h"
#include "local/runner/runner_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	GRACE_MS = 5000, /* between the polite request and the end */
	IDLE_MS = 60000,
	LOOK_MS = 1000 /* between two looks for executors */
};

struct watch {
	struct runner_job *job;
	struct runner_process process;
	struct runner_log logs[RUNNER_LOGS];
	int64_t began;    /* all on the monotonic clock, ms */
	int64_t end_at;   /* the maximum duration; INT64_MAX for none */
	int64_t kill_at;  /* INT64_MAX until it was asked to end */
	int64_t look_at;  /* for executors */
	int64_t renew_at; /* the token of its resource principal */
};

static int64_t now_of(const struct watch *w)
{
	return clock_mono(w->job->service->clock);
}

static void terminate(struct watch *w)
{
	if (w->kill_at != INT64_MAX)
		return;
	runner_process_signal(&w->process, RUNNER_TERMINATE);
	w->kill_at = now_of(w) + GRACE_MS;
}

static void set_maximum(struct watch *w, const struct run *run)
{
	const struct opt_i64 *minutes = &run->max_duration_in_minutes;
	w->end_at =
		minutes->set ? w->began + minutes->v * w->job->slot->runner->minute_ms : INT64_MAX;
}

/* The row, or the service, may want something else by now. */
static void look(struct watch *w)
{
	arena_auto a = {0};
	struct run run;
	if (runner_is_stopping(w->job->slot->runner))
		terminate(w);
	if (!runner_state_get(w->job->service, w->job->run->id, &a, &run))
		return;
	if (text_equal(run.lifecycle_state, "CANCELING"))
		terminate(w);
	set_maximum(w, &run);
}

static void be_punctual(struct watch *w)
{
	int64_t now = now_of(w);
	if (now >= w->kill_at) {
		runner_process_signal(&w->process, RUNNER_KILL);
		w->kill_at = INT64_MAX - 1; /* asked for once */
	}
	if (now >= w->end_at && w->kill_at == INT64_MAX) {
		struct err ignored; /* the run is ended in any case */
		runner_state_stop(w->job->service, w->job->run->id,
			"The run reached its maximum duration (maxDurationInMinutes).", &ignored);
		terminate(w);
	}
}

static int next_timeout(const struct watch *w)
{
	int64_t next = w->kill_at < INT64_MAX - 1 ? w->kill_at
		: w->kill_at == INT64_MAX         ? w->end_at
						  : INT64_MAX;
	next = next < w->renew_at ? next : w->renew_at;
	int64_t most = w->job->executors ? LOOK_MS : IDLE_MS;
	int64_t wait = next == INT64_MAX ? most : next - now_of(w);
	return wait < 0 ? 0 : wait > most ? (int)most : (int)wait;
}

static void look_for_executors(struct watch *w)
{
	int64_t now = now_of(w);
	if (!w->job->executors || now < w->look_at)
		return;
	runner_executors_look(w->job->executors);
	w->look_at = now + LOOK_MS;
}

/* Until the supervisor has something to say, which is that all is over. */
static void follow(struct watch *w)
{
	struct pollfd on[] = {{.fd = w->process.out, .events = POLLIN},
		{.fd = w->process.err, .events = POLLIN},
		{.fd = w->process.control, .events = POLLIN},
		{.fd = w->job->slot->wake, .events = POLLIN}};
	struct runner_log *logs[] = {&w->logs[RUNNER_STDOUT], &w->logs[RUNNER_STDERR]};
	while (!on[2].revents) {
		if (poll(on, 4, next_timeout(w)) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < 2; i++)
			if (on[i].revents && !runner_log_take(logs[i], on[i].fd) &&
				on[i].revents & POLLHUP)
				on[i].fd = -1;
		uint64_t count;
		if (on[3].revents && read(on[3].fd, &count, sizeof count) > 0)
			look(w);
		look_for_executors(w);
		w->renew_at = runner_principal_keep(w->job);
		be_punctual(w);
	}
}

static bool open_logs(struct watch *w, struct err *err)
{
	for (int i = 0; i < RUNNER_LOGS; i++) {
		if (runner_log_open(&w->logs[i], w->job->logs[i], RUNNER_LOG_MAX, err))
			continue;
		while (i-- > 0)
			runner_log_close(&w->logs[i]);
		return false;
	}
	if (w->job->note)
		runner_log_add(&w->logs[RUNNER_STDERR], w->job->note, strlen(w->job->note));
	return true;
}

/* What the supervisor would have ended, had it not been killed, and the rest of the output. */
static void clean_up(struct watch *w)
{
	char byte;
	if (recv(w->process.control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
		runner_process_end_marked(w->job->run->id);
	if (w->job->executors) {
		runner_executors_end(w->job->executors);
		runner_executors_keep_logs(w->job->executors,
			runner_place_executors(
				w->job->arena, w->job->service->home, w->job->run->id),
			clock_wall(w->job->service->clock));
	}
	while (runner_log_take(&w->logs[RUNNER_STDOUT], w->process.out))
		;
	while (runner_log_take(&w->logs[RUNNER_STDERR], w->process.err))
		;
}

bool runner_watch(struct runner_job *job, const struct runner_command *command,
	struct runner_exit *ret, struct err *err)
{
	struct watch w = {.job = job, .kill_at = INT64_MAX};
	if (!open_logs(&w, err))
		return false;
	w.began = now_of(&w);
	w.renew_at = runner_principal_keep(job);
	bool ok = runner_process_start(command, &w.process, err);
	if (ok) {
		fcntl(w.process.out, F_SETFL, O_NONBLOCK);
		fcntl(w.process.err, F_SETFL, O_NONBLOCK);
		look(&w);
		follow(&w);
		clean_up(&w);
		runner_process_finish(&w.process, ret);
	}
	for (int i = 0; i < RUNNER_LOGS; i++)
		runner_log_close(&w.logs[i]);
	return ok;
}
