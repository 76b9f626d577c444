/* The service's own calls, signed like all others: its state, and faults on demand. */
#include "local/server/server_inside.h"

#include <unistd.h>

/* A job has no business here. */
static bool is_a_users(struct request *r, struct reply *reply)
{
	if (!r->caller.run_id)
		return true;
	reply_error(reply, 404, "NotAuthorizedOrNotFound", "The key of a run does not open this.");
	return false;
}

static void get_state(struct request *r, struct reply *reply)
{
	if (!is_a_users(r, reply))
		return;
	struct node *n = node_map(r->arena);
	node_put(r->arena, n, "version", node_str(r->arena, WEIR_VERSION));
	node_put(r->arena, n, "pid", node_int(r->arena, getpid()));
	const struct server *s = r->service->server;
	node_put(r->arena, n, "requests", node_int(r->arena, (int64_t)atomic_load(&s->served)));
	node_put(r->arena, n, "busy_ms",
		node_float(r->arena, (double)atomic_load(&s->busy_ns) / 1e6));
	node_put(r->arena, n, "home", node_str(r->arena, r->service->home));
	reply_json(reply, 200, n);
}

static void add_fault(struct request *r, struct reply *reply)
{
	struct fault_rule rule;
	if (!is_a_users(r, reply) ||
		!request_decode(r, &fault_rule_record, FORM_CREATE, &rule, reply))
		return;
	const char *mistake = fault_rule_mistake(&rule, r->arena);
	if (mistake) {
		reply_error(reply, 400, "InvalidParameter", "%s", mistake);
		return;
	}
	faults_add(r->service->server->faults, &rule);
	reply->status = 204;
}

static void list_faults(struct request *r, struct reply *reply)
{
	if (is_a_users(r, reply))
		reply_json(reply, 200, faults_list(r->service->server->faults, r->arena));
}

static void clear_faults(struct request *r, struct reply *reply)
{
	if (!is_a_users(r, reply))
		return;
	faults_clear(r->service->server->faults);
	work_release_hung(r->service->server);
	timer_release(r->service->server);
	reply->status = 204;
}

/* clang-format off */
const struct route admin_routes[] = {
	{"GET", "/weir/state", NEEDS(NONE, NONE, HOME), .handle = get_state},
	{"POST", "/weir/faults", NEEDS(NONE, NONE, HOME), .handle = add_fault},
	{"GET", "/weir/faults", NEEDS(NONE, NONE, HOME), .handle = list_faults},
	{"DELETE", "/weir/faults", NEEDS(NONE, NONE, HOME), .handle = clear_faults},
	{0},
};
/* clang-format on */
