/*
 * What tables cannot say of a pipeline: what excludes, needs or names something else, and whether local files
 * are there. All mistakes are told. Fields that could not be decoded are absent here: that was told, so
 * presence is asked of the nodes.
 */
#ifndef SPEC_CHECK_H
#define SPEC_CHECK_H

#include "spec/state.h"

void check_pipeline(struct spec *s, const struct pipeline *p);
/* Each archive by itself. */
void check_archives(struct spec *s, const struct pipeline *p);
/* `was`, `adopt`, `protect`. */
void check_guards(struct spec *s, const struct pipeline *p);
void check_apps(struct spec *s, const struct pipeline *p);
/* Driver and executors: sizes of Flex shapes, one family. */
void check_shapes(struct spec *s, const struct app_decl *app);
void check_sequence(struct spec *s, const struct pipeline *p, const struct sequence_decl *sequence);

/* The value of a key of a record as it was decoded; NULL: absent, null or no map. */
const struct node *check_value(const struct keyed_head *head, const char *key);
/* Where it stands; the record itself where it has none. */
struct mark check_mark(const struct keyed_head *head, const char *key);
/* A text that waits for a parameter's value: it is looked at when the sequence is launched. */
bool check_waits(const char *text);
/* Tells of a name of one's own for an object that is none, or is weir's. name NULL: none is given. */
void check_object_name(
	struct spec *s, const struct keyed_head *head, const char *key, const char *name);
/* Of keys that exclude each other, the first that is there; each further one is told. where: "apps.copy". */
const char *check_one_of(
	struct spec *s, const struct keyed_head *head, const char *where, const char *const *keys);
/* Tells of OCIDs, of an app or a step, that are of another kind than their field. where: "apps.copy". */
void check_ids(struct spec *s, const struct keyed_head *head, const char *where);
/* Tells of each freeform tag that is weir's own; n: the tags, NULL: none. */
void check_tag_keys(struct spec *s, const struct node *n);
/* Tells of each ${name} in arguments that neither of two lists of parameters declares; second may be NULL. at:
   the list's node. */
void check_placeholders(struct spec *s, const struct strs *arguments, const struct node *at,
	const struct pairs *first, const struct pairs *second, const char *hint);
/* Warns of arguments and parameters, of an app or a step, that Spark's own launch script changes on their way to the
   job: bin/spark-class of Spark 3.5 strips carriage returns. */
void check_returns(struct spec *s, const struct keyed_head *head);
/* Tells of `checks` of a step that are of no kind, of several, or can never hold. where: the step's address. */
void check_checks(struct spec *s, const struct step_decl *step, const char *where);

#endif
