/*
 * Applications that are there already become a pipeline's folder: pipeline.yaml, and beside it the scripts and archives
 * that they run. They come from the live service (gather.h, pull.h) or from a definition for another tool
 * (definition.h); contents.h decides which file is what, document.h writes the YAML, folder.h puts all of it in place.
 *
 * A file made of live applications plans to no change: each is adopted by its OCID, its objects keep their names. Where
 * the applications are a weir pipeline's own, the file is that pipeline's again.
 *
 *	struct import im = {.arena = a, .ns = ns, .target = {...}, ...};
 *	import_add(&im, app);                                          for each
 *	import_name(&im, folder); import_contents(&im); pull(&im, ...);
 *	import_document(&im, &out);
 *
 * Names come from strangers: none of them becomes a path but through names.h.
 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "import/names.h"
#include "model/application.h"

struct import_content {
	const char *bucket, *object; /* NULL: of a definition, a local file ... */
	const char *source;          /* ... this one */
	const char *file;            /* in the folder, relative; a name that is safe */
	bool declared; /* the file says that it is what lies there: an edit is uploaded */
	bool pulled;
	const char *why; /* not declared, or not pulled: for people. NULL: all is well */
	struct opt_i64 size;
	/* When declared, and by what is seen of apps: by the script of one; under `archives` or `objects`. */
	const char *archive_key, *object_key;
	bool is_script, is_archive; /* of an app, as the document has it */
};
struct import_note {
	const char *text;
	bool serious; /* something is missing that should be here */
};
struct import_notes {
	struct import_note *v;
	size_t n, cap;
};
struct import_app {
	const struct application *app;
	const char *key; /* under `apps` */
	bool adopt;
	bool prevent_delete;
	struct import_content *script; /* NULL: what it runs is not known, or elsewhere */
	struct import_content
		*archive;          /* NULL: it has none, or several, or one that is elsewhere */
	const char *script_bucket; /* of a definition: where its local files are to go */
	struct import_notes notes;
};
struct import_target {
	const char *key, *type; /* type: oci or local */
	const char *profile, *config_file, *region, *endpoint;
	const char *compartment_id;         /* NULL: what most applications are in */
	const char *implied_compartment_id; /* where the target is without one; NULL: nowhere */
};
struct import {
	struct arena *arena;
	const char *ns;       /* NULL: of a definition, nobody was asked */
	const char *from;     /* for the first comment: "region us-ashburn-1", "job.yaml" */
	const char *pipeline; /* its name */
	bool own;             /* the applications are this pipeline's already, at this target */
	bool unowned; /* of what they run weir did not put something there: adopting them adopts it */
	struct import_target target;
	struct import_app *apps;
	size_t n, cap;
	struct import_content **contents;
	size_t contents_n, contents_cap;
	struct map by_object; /* "bucket/object" to its struct import_content */
	struct import_names files, keys, object_keys, archive_keys;
	struct import_names pipelines; /* those that there are: a new one is none of them */
	struct import_notes notes;
};

/* Begins with what is set of it: arena, ns, from, target. */
void import_begin(struct import *im);
struct import_app *import_add(struct import *im, const struct application *app);
void import_note(struct import *im, struct import_notes *notes, bool serious, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Names the apps, and the pipeline after `name` where it has no name yet. */
void import_name(struct import *im, const char *name);
/* Finds the live applications' objects and names their files. */
void import_contents(struct import *im);
/* Notes, behind the pulling, what of the contents is not as it should be. */
void import_contents_tell(struct import *im);
/* The content of an object, made where it is new. */
struct import_content *import_content(struct import *im, const char *bucket, const char *object);
/* pipeline.yaml. */
void import_document(struct import *im, struct buf *out);

/* Whether the tag says that it is an application of weir's, and of which: "<pipeline>/<target>" and its key. */
struct import_owner {
	const char *pipeline, *target, *app;
};
bool import_owner(struct arena *a, const struct application *app, struct import_owner *ret);

#endif
