#include "local/server/fault.h"

#include "base/text.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>

static const char *const actions[] = {"status", "reset", "lose", "hang", "hang-after", "delay",
	"truncate", "throttle", "exit", "exit-after", NULL};

const struct record fault_rule_record = RECORD("fault rule", struct fault_rule,
	STR(struct fault_rule, method, "method", ABSENT_SERVER, "Method; absent: any."),
	STR(struct fault_rule, path, "path", ABSENT_SERVER,
		"Pattern of the raw path; absent: any."),
	I64(struct fault_rule, nth, "nth", ABSENT_SERVER, "The first match it acts on.", .min = 1,
		.max = 1e9),
	I64(struct fault_rule, count, "count", ABSENT_SERVER, "On how many; 0: all.", .min = 0,
		.max = 1e9),
	ENUM(struct fault_rule, action, actions, "action", ABSENT_REQUIRED, "What goes wrong.",
		.flags = FIELD_REQUIRED),
	I64(struct fault_rule, status, "status", ABSENT_SERVER, "Of action status.", .min = 400,
		.max = 599),
	STR(struct fault_rule, code, "code", ABSENT_SERVER, "Of the error body."),
	I64(struct fault_rule, retry_after, "retryAfter", ABSENT_SERVER, "Seconds.", .min = 0,
		.max = 3600),
	I64(struct fault_rule, delay_ms, "delayMs", ABSENT_SERVER, "Of action delay.", .min = 1,
		.max = 600000),
	I64(struct fault_rule, bytes, "bytes", ABSENT_SERVER,
		"Of action truncate: where the body ends.", .min = 0, .max = 1e15),
	I64(struct fault_rule, rate, "bytesPerSecond", ABSENT_SERVER, "Of action throttle.",
		.min = 1, .max = 1e9),
	I64(struct fault_rule, seen, "seen", ABSENT_REQUIRED, "Matches so far.",
		.flags = FIELD_COMPUTED),
	I64(struct fault_rule, acted, "acted", ABSENT_REQUIRED, "How often it acted.",
		.flags = FIELD_COMPUTED),
	STR(struct fault_rule, acted_on, "actedOn", ABSENT_SERVER, "The first request it acted on.",
		.flags = FIELD_COMPUTED));

static enum fault_action action_of(const char *name)
{
	for (int i = 0; actions[i]; i++)
		if (text_equal(actions[i], name))
			return (enum fault_action)(FAULT_STATUS + i);
	return FAULT_NONE;
}

const char *fault_rule_mistake(const struct fault_rule *r, struct arena *a)
{
	const struct {
		const char *name;
		bool is_set;
		enum fault_action of;
	} settings[] = {
		{"status", r->status.set, FAULT_STATUS},
		{"code", r->code != NULL, FAULT_STATUS},
		{"retryAfter", r->retry_after.set, FAULT_STATUS},
		{"delayMs", r->delay_ms.set, FAULT_DELAY},
		{"bytes", r->bytes.set, FAULT_TRUNCATE},
		{"bytesPerSecond", r->rate.set, FAULT_THROTTLE},
	};
	enum fault_action action = action_of(r->action);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (settings[i].is_set && settings[i].of != action)
			return arena_printf(a, "%s: only the action %s takes it, not %s",
				settings[i].name, actions[settings[i].of - FAULT_STATUS],
				r->action);
	if (action == FAULT_DELAY && !r->delay_ms.set)
		return "delayMs: the action delay needs it";
	return NULL;
}

struct faults {
	pthread_mutex_t lock;
	struct arena arena; /* the rules' */
	struct fault_rule *rules;
	size_t n, cap;
	_Atomic uint64_t age; /* how often they were removed */
};

struct faults *faults_new(void)
{
	struct faults *f = xalloc(sizeof *f);
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void faults_free(struct faults *f)
{
	pthread_mutex_destroy(&f->lock);
	arena_clear(&f->arena);
	free(f);
}

void faults_add(struct faults *f, const struct fault_rule *rule)
{
	pthread_mutex_lock(&f->lock);
	f->rules = arena_grow(&f->arena, f->rules, f->n, &f->cap, sizeof *f->rules);
	struct fault_rule *r = &f->rules[f->n++];
	field_copy(&fault_rule_record, rule, r, &f->arena);
	r->seen = r->acted = (struct opt_i64){.set = true};
	pthread_mutex_unlock(&f->lock);
}

void faults_clear(struct faults *f)
{
	pthread_mutex_lock(&f->lock);
	arena_clear(&f->arena);
	f->rules = NULL;
	f->n = f->cap = 0;
	f->age++;
	pthread_mutex_unlock(&f->lock);
}

bool faults_removed_since(struct faults *f, const struct fault *then)
{
	return f->age != then->age;
}

struct node *faults_list(struct faults *f, struct arena *a)
{
	struct node *list = node_seq(a);
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n; i++)
		node_append(a, list, field_encode(&fault_rule_record, &f->rules[i], FORM_REPLY, a));
	pthread_mutex_unlock(&f->lock);
	return list;
}

static bool applies(const struct fault_rule *r, const char *method, const char *path)
{
	return (!r->method || text_equal(r->method, method)) &&
		(!r->path || !fnmatch(r->path, path, FNM_NOESCAPE));
}

/* Whether it is this match that it acts on. */
static bool is_due(const struct fault_rule *r)
{
	int64_t nth = r->nth.set ? r->nth.v : 1, count = r->count.set ? r->count.v : 1;
	return r->seen.v >= nth && (!count || r->seen.v < nth + count);
}

static void note(struct faults *f, struct fault_rule *r, const char *method, const char *path)
{
	r->acted.v++;
	if (!r->acted_on)
		r->acted_on = arena_printf(&f->arena, "%s %s", method, path);
}

/* Two find their rules: a delay, and what else goes wrong. */
struct fault faults_match(struct faults *f, const char *method, const char *path, struct arena *a)
{
	struct fault_rule *other = NULL, *delay = NULL;
	struct fault fault = {.action = FAULT_NONE};
	pthread_mutex_lock(&f->lock);
	fault.age = f->age;
	for (size_t i = 0; i < f->n; i++) {
		struct fault_rule *r = &f->rules[i];
		if (!applies(r, method, path))
			continue;
		struct fault_rule **found = action_of(r->action) == FAULT_DELAY ? &delay : &other;
		r->seen.v++;
		if (!*found && is_due(r))
			*found = r;
	}
	if (delay) {
		note(f, delay, method, path);
		fault.delay_ms = delay->delay_ms.v;
	}
	if (other) {
		struct fault_rule *copy = arena_new(a, struct fault_rule);
		note(f, other, method, path);
		field_copy(&fault_rule_record, other, copy, a);
		fault.action = action_of(other->action);
		fault.rule = copy;
	}
	pthread_mutex_unlock(&f->lock);
	return fault;
}
