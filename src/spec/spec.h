/*
 * A pipeline file to a `struct pipeline`, for one target: YAML events -> nodes with marks -> parameters and
 * target -> `$<key>` -> merged nodes (defaults < app < target's override) -> records. Every mistake is put in
 * diags with its place; nothing is printed, executed or sent.
 *
 * Limits make a hostile file an error at once: 8 MiB a file, depth 100, 100,000 nodes from aliases, no alias
 * inside its own anchor, PCRE2 match and depth limits.
 */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include "base/diag.h"
#include "model/pipeline.h"
#include "model/resource.h"

/* Of -p NAME=VALUE; a list or map as JSON. */
struct spec_param {
	const char *name, *value;
};
/* What the live service knows. NULL: not known now, since nobody asked (validate is offline): then a stand-in
   keeps the checks going, and the result may not be sent. */
struct spec_builtins {
	const char *ns, *region, *tenancy;
	const char *compartment_id; /* instead of the target's */
};
struct spec_options {
	const char *dir;    /* -C; NULL: "." */
	const char *file;   /* -f; NULL: pipeline.yaml in dir */
	const char *target; /* -t; NULL: the default one */
	const struct spec_param *params;
	size_t params_n;
	int64_t now_ms; /* for $<date> */
};

/* Stage 1: the file as nodes. NULL after errors in diags (not YAML, too deep, duplicate keys ...). */
struct node *spec_parse(
	const char *text, size_t len, const char *file, struct arena *a, struct diags *d);

/* A file that is read and whose target is chosen: what is needed to find config and endpoint before the rest
   (which may need the namespace) is resolved. With errors here, the rest is resolved too, for its errors. */
struct spec;
struct spec *spec_open(
	const struct spec_options *o, struct arena *a, struct diags *d); /* NULL: errors */
const struct target_decl *spec_target(const struct spec *s);             /* never NULL */
const char *spec_name(const struct spec *s);
/* Stage 2: everything resolved, checked and decoded, local files looked for. NULL after errors. May be called
   again: first with nothing known, so that nothing is sent for a file that is wrong, then with what the service
   says. Each time all is told. */
const struct pipeline *spec_resolve(struct spec *s, const struct spec_builtins *b, struct diags *d);
/* The same of `archives` alone, with nothing known of the service: what else is in the file does not matter, nor do
   parameters that they do not name. */
const struct pipeline *spec_resolve_archives(struct spec *s, struct diags *d);

/* The values of sensitive parameters that are known so far, which whoever prints leaves out. Lives with s, and
   grows with each call. Each has at least SPEC_SECRET_MIN bytes. */
enum { SPEC_SECRET_MIN = 4 };
const struct strs *spec_secrets(const struct spec *s);
/* One more of them, which lives as long as s. */
void spec_add_secret(struct spec *s, const char *value);

/* The OCID in `$<vault.OCID>`, which stands for the value of a secret where weir itself has a use for it; NULL: it is
   another text. Nothing of spec fetches one. */
#define SPEC_VAULT "vault."
const char *spec_secret_named(const char *text, struct arena *a);

/* Desired records. Of local files the size is known, not the content (archive/digests.h); a missing one is a
   diagnostic. Application URIs are made from script, archive and bucket names; tags and needs are set. */
bool spec_desired(struct spec *s, const struct pipeline *p, const struct spec_builtins *b,
	struct resources *ret, struct diags *d);
/* Whose objects and applications are ours too, since the pipeline or the target was renamed: "<pipeline>/<target>"
   of before. */
struct strs spec_former(const struct spec *s, struct arena *a);
/* Each compartment that a plan must look in, once: the target's, those of the apps, its `also_look_in`. */
struct strs spec_compartments(const struct spec *s, const struct resources *want, struct arena *a);

/* Where folders of runs are made, `~` as it is; NULL: the file does not say. After spec_resolve. */
const char *spec_base_folder(const struct spec *s, struct arena *a);
/* The compartments that apps, and steps for their runs, name, as far as the file can be resolved: of one with mistakes none. */
struct strs spec_run_compartments(struct spec *s, const struct spec_builtins *b, struct arena *a);

/* The launch of one sequence or application: parameters of the sequence given by -p are resolved into its
   steps. `name` is apps.X, sequences.X, or X where only one of them exists. Steps are in an order that respects
   needs; for an application there is one step of its name. */
struct spec_step {
	const char *name;
	const struct app_decl *app;
	size_t *needs; /* indexes of earlier steps */
	size_t needs_n;
	/* What it has otherwise than its application (run_given_record), and the compartment; bucket names are
	   addresses. */
	const struct run *run;
	struct keyed checks; /* struct check_decl; of an application none */
};
struct spec_steps {
	struct spec_step *v;
	size_t n;
	const char *name;
	bool is_sequence;
};
bool spec_launch(struct spec *s, const struct pipeline *p, const char *name, struct spec_steps *ret,
	struct diags *d, struct err *err);

/* The JSON Schema of pipeline files and the Markdown reference of their keys. */
struct node *spec_schema(struct arena *a);
void spec_reference(struct buf *out);

#endif
