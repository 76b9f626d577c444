#include "local/server/server_inside.h"

#include "local/store/store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static bool has_body(const struct call *c)
{
	return strcmp(c->request.method, "HEAD") != 0 &&
		(c->reply.fd >= 0 ? c->reply.length : c->reply.body.len);
}

void call_judged(struct call *c)
{
	enum fault_action fault = c->fault.action;
	if (fault == FAULT_EXIT_AFTER)
		raise(SIGKILL);
	if (fault == FAULT_LOSE || (fault == FAULT_TRUNCATE && !has_body(c)))
		c->drop = true;
	c->phase = PHASE_REPLY;
}

/* Without the token that lets in: behind its second segment, or the pattern alone. */
static const char *path_to_log(const struct call *c)
{
	const char *path = c->request.path;
	if (!c->route || !c->route->by_token)
		return path;
	const char *rest = strstr(path, "/n/");
	return rest && !c->route->is_page ? rest : c->route->pattern;
}

void call_look_for_failure(struct call *c)
{
	struct err err;
	if (!store_failed(&err) || c->reply.status >= 500)
		return;
	fprintf(stderr, "weir-local: %s %s: %s\n", c->request.method, path_to_log(c), err.text);
	reply_clear(&c->reply);
	reply_error(&c->reply, 500, "InternalServerError",
		"The service cannot read what it keeps: %s", err.text);
}

void call_handle(struct call *c)
{
	c->streaming = false; /* the handler ends what on_head began, whatever comes of it */
	store_failure_clear();
	c->route->handle(&c->request, &c->reply);
	call_look_for_failure(c);
	call_judged(c);
}

/* The connection's thread calls on_access again. */
static void resume(struct call *c)
{
	MHD_resume_connection(c->mhd);
}

void work_hang(struct call *c)
{
	struct server *s = c->server;
	c->drop = true;
	c->phase = PHASE_REPLY;
	pthread_mutex_lock(&s->work_lock);
	bool at_once = s->work_stop || faults_removed_since(s->faults, &c->fault);
	if (!at_once) {
		c->next = s->hung;
		s->hung = c;
	}
	pthread_mutex_unlock(&s->work_lock);
	if (at_once)
		resume(c);
}

void work_release_hung(struct server *s)
{
	pthread_mutex_lock(&s->work_lock);
	struct call *hung = s->hung;
	s->hung = NULL;
	pthread_mutex_unlock(&s->work_lock);
	while (hung) {
		struct call *c = hung;
		hung = c->next;
		resume(c);
	}
}

static struct call *next_call(struct server *s)
{
	pthread_mutex_lock(&s->work_lock);
	while (!s->work && !s->work_stop)
		pthread_cond_wait(&s->work_there, &s->work_lock);
	struct call *c = s->work;
	if (c && !(s->work = c->next))
		s->work_end = &s->work;
	pthread_mutex_unlock(&s->work_lock);
	return c;
}

static void work_on(struct call *c)
{
	call_handle(c);
	if (c->fault.action == FAULT_HANG_AFTER)
		work_hang(c);
	else if (c->fault.delay_ms)
		timer_add(c, timer_now() + c->fault.delay_ms * 1000000);
	else
		resume(c);
}

static void *worker_main(void *arg)
{
	struct server *s = arg;
	for (struct call *c; (c = next_call(s));) {
		uint64_t began = server_ns();
		work_on(c);
		atomic_fetch_add(&s->busy_ns, server_ns() - began);
	}
	return NULL;
}

void work_submit(struct call *c)
{
	struct server *s = c->server;
	c->next = NULL;
	pthread_mutex_lock(&s->work_lock);
	bool stopping = s->work_stop;
	if (!stopping) {
		*s->work_end = c;
		s->work_end = &c->next;
		pthread_cond_signal(&s->work_there);
	}
	pthread_mutex_unlock(&s->work_lock);
	if (stopping)
		work_on(c); /* no worker is left */
}

bool work_start(struct server *s, struct err *err)
{
	for (; s->workers_n < WORKERS; s->workers_n++)
		if (pthread_create(&s->workers[s->workers_n], NULL, worker_main, s))
			return err_set(err, ERR_IO, "cannot start a thread");
	return true;
}

void work_stop(struct server *s)
{
	pthread_mutex_lock(&s->work_lock);
	s->work_stop = true;
	pthread_cond_broadcast(&s->work_there);
	pthread_mutex_unlock(&s->work_lock);
	while (s->workers_n)
		pthread_join(s->workers[--s->workers_n], NULL);
	work_release_hung(s);
}
