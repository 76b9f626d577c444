/*
 * For the files of `spec` alone: an open pipeline file, and what its parts share. Everything lives in the
 * caller's arena. A call sets `d` and counts its own mistakes; from one spec_resolve to the next a mistake
 * is told once, wherever it is come upon.
 */
#ifndef SPEC_STATE_H
#define SPEC_STATE_H

#include "base/map.h"
#include "spec/spec.h"

/* One declared parameter. */
enum param_state { PARAM_NEW, PARAM_DONE };
struct param {
	const struct param_decl *decl;
	const struct node *in_target; /* the target's value, as written; NULL: none */
	const char *given;            /* of -p; NULL: none */
	/* The value, once asked for. */
	enum param_state state;
	bool failed;              /* there was a mistake, which has been told */
	const struct node *value; /* NULL: none, or failed */
	const char *changes;      /* the built-in that makes it change by itself; NULL: none */
	const char *secret;       /* the sensitive parameter that is in it; NULL: none */
};
struct params {
	struct param *v;
	size_t n;
	struct map by_name; /* struct param * */
	const char *where;  /* "" or "sequences.nightly" */
};

/* What is being resolved, innermost first: for cycles. */
struct chain {
	const char *name;
	const struct chain *up;
	size_t depth;
};

struct spec {
	struct arena *a;
	struct spec_options o;
	const char *file;          /* as it is named in messages */
	const char *dir;           /* its folder: paths are relative to it */
	const char *root;          /* real path: local files must be in it; NULL until asked for */
	const char *name, *was;    /* was NULL: it had no other name before */
	struct map sources;        /* paths of files that were found good */
	struct map script_objects; /* path of a script to its object's name */
	struct node *raw;
	struct params params;
	struct keyed targets;
	struct keyed param_decls; /* of `parameters` */
	const struct target_decl *target;
	struct strs secrets; /* values of sensitive parameters so far */
	size_t secrets_cap;
	bool resolved;           /* builtins are set: names of the service may be used */
	const char *base_folder; /* of the pipeline, as far as it was resolved */
	bool launching;          /* no value of a sequence waits for its launch any more */

	/* Of the call under way. */
	struct spec_builtins b;
	struct diags *d;
	size_t errors;
	const struct chain *chain;
	size_t reference_nodes, reference_bytes; /* made by references so far */
	struct map told;                         /* mistakes in told_to */
	const struct diags *told_to;
	struct map
		wrong; /* places whose value could not be resolved: nothing more is said of them */
	const struct node *defaults; /* resolved; NULL: not yet, or none */
	struct map apps;           /* key, resolved, to its node in raw; no arena: not known yet */
	struct map archives;       /* likewise */
	struct map overrides;      /* likewise, to its node at the target */
	struct map archive_bucket; /* archive key to the bucket that $<archives.X.uri> gave */
};

/* Begins a call that resolves all anew: b NULL is nothing known. And one that goes on from there. */
void state_begin(struct spec *s, const struct spec_builtins *b, struct diags *d);
void state_go_on(struct spec *s, struct diags *d);

/* A mistake at a place, and a warning; hint may be NULL. state_error returns false. */
bool state_error(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void state_warning(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Of what an app may have from `defaults`: told of one app, not of each that has it from the same place. */
bool state_app_error(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void state_app_warning(struct spec *s, struct mark at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Whether names are still suggested: not after a hundred mistakes, so that a hostile file cannot make every
   mistake cost a list of names. Lists made after that are empty. */
bool state_suggests(const struct spec *s);
/* "did you mean `x`?", or NULL. names ends by NULL. */
const char *state_nearest(struct spec *s, const char *name, const char *const *names);
/* The keys of a map, for state_nearest. */
const char **state_keys(struct spec *s, const struct node *map);
/* The keys of a keyed field whose records have their head at head_at. */
const char **state_keyed_keys(struct spec *s, const struct keyed *k, size_t size, size_t head_at);

/* No more is said of what stands here. */
void state_mark_wrong(struct spec *s, struct mark at);
bool state_is_wrong(const struct spec *s, struct mark at);

/* field_decode of YAML, with its complaints told. */
bool state_decode(
	struct spec *s, const struct record *r, const struct node *n, const char *path, void *out);
/* Of one field alone, whose value is raw (NULL: absent), into a whole record. */
bool state_decode_field(struct spec *s, const struct record *r, const char *name,
	const struct node *raw, const char *path, void *out);

#endif
