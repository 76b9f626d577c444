/*
 * YAML text to nodes: libyaml's events, because its documents lose aliases and take a minute for a hostile
 * file. Scalars follow YAML 1.2's core schema (`no` is a string, 0o17 is 15); a merge key `<<` puts in what a
 * map does not have itself; an alias shares the node of its anchor.
 *
 * The limits make a hostile file an error at once, in memory that does not depend on what it stands for.
 */
#ifndef SPEC_YAML_H
#define SPEC_YAML_H

#include "field/node.h"

enum {
	YAML_BYTES_MAX = 8 << 20,
	YAML_DEPTH_MAX = 100,
	YAML_NODES_MAX = 100000,   /* written in the file */
	YAML_ALIASED_MAX = 100000, /* that aliases stand for */
};

/* NULL after errors in d. text is read only during the call. */
struct node *yaml_parse(
	const char *text, size_t len, const char *file, struct arena *a, struct diags *d);

/* A plain scalar by the core schema: null, boolean, integer, number, else a string. Its text is as written. */
struct node *yaml_plain(struct arena *a, const char *text, size_t len);

/* Whether text is UTF-8 without characters that YAML forbids; else the first place that is not. */
bool yaml_is_text(const char *text, size_t len, struct mark *ret_at, const char **ret_why);

/* How many values a tree stands for, shared ones counted each time; stops counting at limit. */
size_t yaml_size(const struct node *n, size_t limit);

#endif
