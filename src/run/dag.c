#include "run/dag.h"

struct dag_edge {
	size_t to;
	struct dag_edge *next;
};
struct dag_node {
	size_t blocked; /* needs that are not done yet */
	bool dropped;
	struct dag_edge *blocks, *last; /* in order of dag_need */
};
/* Every node passes through each queue at most once. */
struct dag_queue {
	size_t *v, at, n;
};
struct dag {
	struct arena *arena;
	struct dag_node *v;
	size_t n, left;
	bool started;
	struct dag_queue ready, dropped;
};

struct dag *dag_new(struct arena *a, size_t n)
{
	struct dag *d = arena_new(a, struct dag);
	d->arena = a;
	d->v = arena_array(a, n, sizeof *d->v);
	d->ready.v = arena_array(a, n, sizeof *d->ready.v);
	d->dropped.v = arena_array(a, n, sizeof *d->dropped.v);
	d->n = d->left = n;
	return d;
}

void dag_need(struct dag *d, size_t node, size_t needs)
{
	struct dag_edge *edge = arena_new(d->arena, struct dag_edge);
	edge->to = node;
	if (d->v[needs].last)
		d->v[needs].last->next = edge;
	else
		d->v[needs].blocks = edge;
	d->v[needs].last = edge;
	d->v[node].blocked++;
}

static size_t take(struct dag_queue *q)
{
	return q->at < q->n ? q->v[q->at++] : DAG_NONE;
}

size_t dag_next(struct dag *d)
{
	for (size_t i = 0; !d->started && i < d->n; i++)
		if (!d->v[i].blocked)
			d->ready.v[d->ready.n++] = i;
	d->started = true;
	return take(&d->ready);
}

static void drop_waiting(struct dag *d, size_t node)
{
	for (struct dag_edge *e = d->v[node].blocks; e; e = e->next) {
		if (d->v[e->to].dropped)
			continue;
		d->v[e->to].dropped = true;
		d->dropped.v[d->dropped.n++] = e->to;
		d->left--;
	}
}

void dag_done(struct dag *d, size_t node, bool ok)
{
	d->left--;
	if (!ok) {
		size_t at = d->dropped.n;
		drop_waiting(d, node);
		for (; at < d->dropped.n; at++)
			drop_waiting(d, d->dropped.v[at]);
		return;
	}
	for (struct dag_edge *e = d->v[node].blocks; e; e = e->next)
		if (--d->v[e->to].blocked == 0 && !d->v[e->to].dropped)
			d->ready.v[d->ready.n++] = e->to;
}

size_t dag_dropped(struct dag *d)
{
	return take(&d->dropped);
}

size_t dag_left(const struct dag *d)
{
	return d->left;
}
