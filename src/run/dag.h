/*
 * Which steps may start: nodes with a counter of what still blocks each (samurai's way). A node that is done
 * well decrements what it blocks; one that is not drops all that waits for it, directly or not. No I/O, no
 * clock; linear in nodes and edges.
 *
 *	struct dag *dag = dag_new(a, n);
 *	dag_need(dag, 1, 0);                  1 starts after 0
 *	while ((i = dag_next(dag)) != DAG_NONE)
 *		launch(i);                    later: dag_done(dag, i, ok)
 */
#ifndef RUN_DAG_H
#define RUN_DAG_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAG_NONE SIZE_MAX

struct dag;
struct dag *dag_new(struct arena *a, size_t n);
/* Before the first dag_next. The same need twice counts twice, which is harmless. */
void dag_need(struct dag *d, size_t node, size_t needs);
/* A node that may start, lowest number first among those that became free together; each once. */
size_t dag_next(struct dag *d);
/* The end of a node that dag_next gave. */
void dag_done(struct dag *d, size_t node, bool ok);
/* A node that will never start, since something it needs was not done well; each once. */
size_t dag_dropped(struct dag *d);
/* Nodes that neither are done nor dropped: 0 at the end, more when something runs or a cycle waits. */
size_t dag_left(const struct dag *d);

#endif
