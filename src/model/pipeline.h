/*
 * A pipeline file, as declared: the tables of each of its parts, from which come the check with its
 * diagnostics, the JSON Schema (schemas/pipeline.schema.json) and the reference page (docs/reference/).
 * `spec` reads YAML into this for one target, all `$<key>` resolved; and makes resources of it.
 */
#ifndef MODEL_PIPELINE_H
#define MODEL_PIPELINE_H

#include "model/application.h"
#include "model/bucket.h"
#include "model/run.h"

/* One of `parameters:`; what `$<key>` can name. */
struct param_decl {
	struct keyed_head head;
	const char *type;        /* string (default) | integer | number | boolean | list | map */
	const struct node *dflt; /* YAML key `default` */
	struct strs choices;     /* YAML key `enum` */
	const char *pattern;     /* PCRE2, the whole value */
	struct opt_num minimum, maximum;
	struct opt_bool sensitive;
	const char *description;
};
/* One of `targets:`. type local, or a profile of the OCI config file. */
struct target_decl {
	struct keyed_head head;
	const char *type;           /* local | oci (default) */
	struct opt_bool is_default; /* YAML key `default` */
	const char *was;            /* the target's key before */
	const char *auth; /* of target_auth_choices; NULL: as the environment and the profile say */
	const char *profile, *config_file, *region, *endpoint, *compartment_id;
	struct strs also_look_in;      /* compartments where applications of ours may be */
	struct strs protect;           /* "delete": nothing is deleted here */
	const char *base_folder;       /* over the pipeline's */
	struct opt_bool sync;          /* false: a run takes what was applied */
	const struct node *parameters; /* values for declared parameters */
	const struct node *apps;       /* overrides by app, merged */
};
/* What an app takes beside the application's own fields. At offset 0 the application itself. */
struct app_fields {
	struct application app;
	const char *script; /* local file */
	const char
		*script_object; /* name of your own for its object; default weir/<pipeline>/... */
	const char *archive;    /* of `archives:` */
	const char *script_bucket;                  /* bucket, for script and archive */
	const char *logs_bucket, *warehouse_bucket; /* bucket names; short for the ..._bucket_uri */
	struct opt_bool overwrite;                  /* of script_object */
};
struct app_decl {
	struct app_fields fields;
	struct keyed_head head;
	const char *was;   /* the app's key before */
	const char *adopt; /* OCID */
};
struct bucket_decl {
	struct keyed_head head; /* key: the bucket's name */
	const char *compartment_id, *public_access_type, *storage_tier, *versioning;
	struct pairs freeform_tags, defined_tags;
};
struct object_decl {
	struct keyed_head head;
	const char *path; /* local file */
	const char *bucket;
	const char
		*object; /* name of your own; default weir/<pipeline>/<target>/objects/<key>... */
	const char *content_type;
	struct opt_bool overwrite, prevent_delete;
};
struct archive_decl {
	struct keyed_head head;
	const char *path; /* a prebuilt zip; or NULL, and it is built of: */
	const char *packages,
		*requirements; /* files of Maven coordinates and of Python requirements */
	struct strs files;
	const char *python; /* "3.11" */
	const char
		*object; /* name of your own; default weir/<pipeline>/<target>/archives/<key>.zip */
	struct opt_bool overwrite;
};
/* Where a built one lies, relative to the pipeline's folder: ".weir/KEY.zip". */
char *archive_built_path(struct arena *a, const char *key);
/* What a step's run must have printed; the fields that are there all hold. */
struct printed_check {
	const char *contains, *matches;
	struct pairs json; /* path in the last line that is JSON, to the value there */
};
/* One of `printed`, `objects`, `manifest` and `not_logged`. */
struct check_decl {
	struct keyed_head head;
	struct printed_check *printed;
	const char *objects; /* oci://, a prefix */
	struct opt_bool exists;
	struct opt_i64 count, min_count, max_count, min_bytes, max_bytes; /* of `objects` */
	const char *manifest;   /* oci://, JSON lines: {"name", "size", "md5"} */
	struct strs not_logged; /* texts; `$<vault.OCID>` stands for the value of a secret */
};
/* At offset 0 what its run has otherwise than the application. */
struct step_decl {
	struct run run;
	struct keyed_head head;
	const char *app;
	struct strs needs;
	const char *logs_bucket, *warehouse_bucket; /* as those of an app */
	struct keyed checks;                        /* struct check_decl */
};
struct sequence_decl {
	struct keyed_head head;
	const char *description;
	struct keyed parameters; /* struct param_decl */
	struct keyed steps;      /* struct step_decl */
};
struct pipeline {
	const char *name; /* YAML key `pipeline`; its identity */
	const char *was;  /* its name before */
	const char *description;
	const char *base_folder; /* local: where folders of runs are made */
	struct keyed parameters, targets, buckets, objects, archives, apps, sequences;
	struct app_fields *defaults; /* NULL once `spec` has merged it into the apps */
	/* Not of the file: the target chosen, and the folder that paths are relative to. */
	const struct target_decl *target;
	const char *dir, *file;
};
extern const struct record param_decl_record, target_decl_record, app_fields_record,
	app_decl_record, bucket_decl_record, object_decl_record, archive_decl_record,
	printed_check_record, check_decl_record, step_decl_record, sequence_decl_record,
	pipeline_record;

extern const char *const param_type_choices[], *const target_type_choices[],
						       *const target_auth_choices[];

/* What a parameter may be called: [A-Za-z0-9_][A-Za-z0-9_-]{0,63}. */
bool param_key_ok(const char *key);
#define PARAM_KEY_DOC "a parameter's name: letters, digits, _ and -"
/* [a-z0-9][a-z0-9_-]{0,39}: pipelines, targets, apps, sequences, steps, archives, objects. */
bool pipeline_key_ok(const char *key);
#define PIPELINE_KEY_DOC "a key: [a-z0-9][a-z0-9_-]{0,39}"

#endif
