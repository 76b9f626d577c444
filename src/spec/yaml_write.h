/*
 * Nodes to YAML text, by libyaml's emitter: block style, two columns a level, one line a scalar. What was written is read
 * back equal by yaml_parse, and by readers of YAML 1.1 too: a text that one of them would take for something else is
 * quoted.
 *
 *	yaml_write_comment(&out, 0, "Imported from us-ashburn-1.");
 *	yaml_write(&out, 0, "pipeline", node_str(a, "flights"));
 */
#ifndef SPEC_YAML_WRITE_H
#define SPEC_YAML_WRITE_H

#include "field/node.h"

/* "key: value" as lines that begin at that column. Texts are UTF-8. */
void yaml_write(struct buf *out, int column, const char *key, const struct node *value);
/* "# text", each line of it; what a terminal or YAML could take for more than text is escaped. */
void yaml_write_comment(struct buf *out, int column, const char *text);

/* The text with each `$<` written `$$<`, so that spec takes it for no reference; and so for all texts and keys of a
   node. */
const char *yaml_literal(struct arena *a, const char *text);
struct node *yaml_literals(struct arena *a, const struct node *n);

#endif
