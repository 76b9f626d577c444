#include "local/runner/runner_inside.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/runner/runner_principal.h"
#include "local/runner/runner_state.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MINUTE_MS = 60 * 1000, STORE_RETRY_MS = 1000 };

static const char DIED[] =
	"weir-local ended while the run was in progress (it was killed, or the machine stopped); what was left of the "
	"run has been ended.";
static const char STOPPED[] = "weir-local was stopped while the run was in progress.";

void runner_slot_wake(struct runner_slot *slot)
{
	uint64_t one = 1;
	while (write(slot->wake, &one, sizeof one) < 0)
		;
}

bool runner_is_stopping(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	bool stop = r->stop;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

static void revoke_key(struct runner_slot *slot)
{
	pthread_mutex_lock(&slot->runner->lock);
	EVP_PKEY_free(slot->key);
	slot->key = NULL;
	pthread_mutex_unlock(&slot->runner->lock);
}

static void release(struct runner_slot *slot)
{
	pthread_mutex_lock(&slot->runner->lock);
	slot->run_id = NULL;
	pthread_mutex_unlock(&slot->runner->lock);
}

/* Runs the job; the reason it failed in *ret_reason, NULL if it did not. */
static void execute(struct runner_job *job, const char **ret_reason)
{
	struct err err;
	struct runner_command command;
	struct runner_exit exit;
	struct runner *r = job->slot->runner;
	bool ran = runner_job_prepare(job, &err) && r->launch(job, &command, &err) &&
		runner_watch(job, &command, &exit, &err);
	revoke_key(job->slot);
	if (!ran)
		runner_job_log_failure(job, err.text);
	if (runner_is_stopping(r))
		*ret_reason = STOPPED;
	else if (!ran)
		*ret_reason = arena_strdup(job->arena, err.text);
	else
		*ret_reason = exit.status || exit.exec_errno ? runner_job_reason(job, &exit) : NULL;
}

/* Logs first: they are there when the run has ended. */
static void conclude(struct service *s, const struct run *run, const char *reason)
{
	arena_auto a = {0};
	struct err err;
	const char *details = reason;
	if (!runner_job_store_logs(s, run, &err))
		details = arena_printf(
			&a, "%s%s%s.", reason ? reason : "", reason ? " " : "", err.text);
	if (!runner_state_end(s, run->id, reason ? "FAILED" : "SUCCEEDED", details, &err))
		fprintf(stderr, "weir-local: run %s: %s\n", run->id, err.text);
	if (!fs_remove_tree(runner_place_folder(&a, s->home, run->id), &err))
		fprintf(stderr, "weir-local: run %s: %s\n", run->id, err.text);
}

/* The next run for this slot; false if there is none now. */
static bool claim(struct runner_slot *slot, struct arena *a, struct run *run)
{
	struct runner *r = slot->runner;
	struct err err;
	pthread_mutex_lock(&r->claims);
	bool ok = runner_state_claim(r->service, a, run, &err);
	bool found = ok && run->id;
	if (found) {
		pthread_mutex_lock(&r->lock);
		slot->run_id = arena_strdup(&r->ids, run->id);
		slot->user_id = arena_strdup(&r->ids, run->owner_principal_id);
		pthread_mutex_unlock(&r->lock);
	}
	pthread_mutex_unlock(&r->claims);
	if (!ok) {
		fprintf(stderr, "weir-local: the next run can't be taken: %s\n", err.text);
		usleep(STORE_RETRY_MS * 1000);
	}
	return found;
}

static bool run_next(struct runner_slot *slot)
{
	arena_auto a = {0};
	struct run run;
	const char *reason;
	if (!claim(slot, &a, &run))
		return false;
	struct runner_job job = {
		.slot = slot, .service = slot->runner->service, .arena = &a, .run = &run};
	execute(&job, &reason);
	conclude(job.service, &run, reason);
	release(slot);
	return true;
}

static void *work(void *ctx)
{
	struct runner_slot *slot = ctx;
	struct runner *r = slot->runner;
	pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		uint64_t seen = r->wakes;
		pthread_mutex_unlock(&r->lock);
		bool more = run_next(slot);
		pthread_mutex_lock(&r->lock);
		while (!more && !r->stop && r->wakes == seen)
			pthread_cond_wait(&r->woken, &r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Settles what a service that died left: processes, logs, states, folders. */
static bool recover(struct service *s, struct err *err)
{
	arena_auto a = {0};
	for (const char **id = runner_state_unfinished(s, &a); *id; id++) {
		struct run run;
		runner_process_end_marked(*id);
		if (runner_state_get(s, *id, &a, &run))
			conclude(s, &run, DIED);
	}
	char *runs = arena_printf(&a, "%s/runs", s->home);
	return fs_remove_tree(runs, err) && fs_mkdirs(runs, 0700, err);
}

static int64_t minute_ms(void)
{
	int64_t ms;
	const char *text = getenv("WEIR_LOCAL_MINUTE_MS");
	return text && text_i64(text, &ms) && ms > 0 && ms <= MINUTE_MS ? ms : MINUTE_MS;
}

static void free_runner(struct runner *r)
{
	for (int i = 0; i < r->slots_n; i++)
		close(r->slots[i].wake);
	pthread_mutex_destroy(&r->claims);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->woken);
	arena_clear(&r->ids);
	free(r->slots);
	free(r);
}

static bool add_slot(struct runner *r, struct err *err)
{
	struct runner_slot *slot = &r->slots[r->slots_n];
	*slot = (struct runner_slot){.runner = r, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	if (slot->wake < 0)
		return err_errno(err, ERR_IO, "eventfd");
	if (pthread_create(&slot->thread, NULL, work, slot)) {
		close(slot->wake);
		return err_set(err, ERR_IO, "a thread for runs can't be started");
	}
	r->slots_n++;
	return true;
}

struct runner *runner_start_with(
	struct service *s, int max_running, runner_launch_fn *launch, struct err *err)
{
	if (!recover(s, err))
		return NULL;
	struct runner *r = xalloc(sizeof *r);
	*r = (struct runner){.service = s,
		.launch = launch,
		.minute_ms = minute_ms(),
		.token_s = runner_principal_lifetime()};
	r->slots = xalloc((size_t)max_running * sizeof *r->slots);
	pthread_mutex_init(&r->claims, NULL);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->woken, NULL);
	for (int i = 0; i < max_running; i++) {
		if (!add_slot(r, err)) {
			runner_stop(r);
			return NULL;
		}
	}
	return r;
}

struct runner *runner_start(struct service *s, int max_running, struct err *err)
{
	return runner_start_with(s, max_running, runner_launch_spark, err);
}

static void wake_all(struct runner *r)
{
	r->wakes++;
	pthread_cond_broadcast(&r->woken);
	for (int i = 0; i < r->slots_n; i++)
		runner_slot_wake(&r->slots[i]);
}

void runner_stop(struct runner *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	wake_all(r);
	pthread_mutex_unlock(&r->lock);
	for (int i = 0; i < r->slots_n; i++)
		pthread_join(r->slots[i].thread, NULL);
	free_runner(r);
}

void runner_wake(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	wake_all(r);
	pthread_mutex_unlock(&r->lock);
}

static bool wake_slot_of(struct runner *r, const char *run_id)
{
	bool found = false;
	pthread_mutex_lock(&r->lock);
	for (int i = 0; i < r->slots_n && !found; i++) {
		found = text_equal(r->slots[i].run_id, run_id);
		if (found)
			runner_slot_wake(&r->slots[i]);
	}
	pthread_mutex_unlock(&r->lock);
	return found;
}

void runner_end(struct runner *r, const char *run_id)
{
	struct err err;
	pthread_mutex_lock(&r->claims);
	/* One that no thread has is ended as soon as its row is. */
	if (!wake_slot_of(r, run_id) &&
		!runner_state_end(r->service, run_id, "CANCELED", NULL, &err))
		fprintf(stderr, "weir-local: run %s: %s\n", run_id, err.text);
	pthread_mutex_unlock(&r->claims);
}

bool runner_is_busy(struct runner *r)
{
	bool busy = false;
	pthread_mutex_lock(&r->lock);
	for (int i = 0; i < r->slots_n; i++)
		busy = busy || r->slots[i].run_id;
	pthread_mutex_unlock(&r->lock);
	return busy || runner_state_any_accepted(r->service);
}

EVP_PKEY *runner_key(
	struct runner *r, const char *key_id, const char **ret_run_id, const char **ret_user_id)
{
	EVP_PKEY *key = NULL;
	pthread_mutex_lock(&r->lock);
	for (int i = 0; i < r->slots_n && !key; i++) {
		struct runner_slot *slot = &r->slots[i];
		if (!slot->key || strcmp(key_id, slot->key_id))
			continue;
		EVP_PKEY_up_ref(slot->key);
		key = slot->key;
		*ret_run_id = slot->run_id;
		*ret_user_id = slot->user_id;
	}
	pthread_mutex_unlock(&r->lock);
	return key;
}

bool runner_has_key(struct runner *r, const char *run_id, const EVP_PKEY *key,
	const char **ret_run_id, const char **ret_user_id)
{
	bool found = false;
	pthread_mutex_lock(&r->lock);
	for (int i = 0; i < r->slots_n && !found; i++) {
		struct runner_slot *slot = &r->slots[i];
		found = slot->key && slot->run_id && !strcmp(slot->run_id, run_id) &&
			EVP_PKEY_eq(slot->key, key) == 1;
		if (!found)
			continue;
		*ret_run_id = slot->run_id;
		*ret_user_id = slot->user_id;
	}
	pthread_mutex_unlock(&r->lock);
	return found;
}
