/*
 * An application as another tool's file defines it: an ADS job (`kind: job` with infrastructure `dataFlow` and runtime
 * `dataFlow`), or the JSON that `oci data-flow application create --from-json` takes, as made by
 * --generate-full-command-json-input. Facts: ADS 2.11's classes DataFlow and DataFlowRuntime, which take keys in camel
 * and in snake case; OCI CLI 3.95.
 *
 * Nothing is asked of a service. Local scripts and archives are named for folder_copy (import_content.source).
 */
#ifndef IMPORT_DEFINITION_H
#define IMPORT_DEFINITION_H

#include "base/diag.h"
#include "import/import.h"

/* Adds the file's application. ERR_SPEC for what is no definition, with an empty text where diags has the reason;
   ERR_IO for a file that cannot be read. */
bool definition_read(struct import *im, const char *path, struct diags *d, struct err *err);

/* For the kinds of definition alone. */
struct definition {
	struct import *im;
	const char *path;
	struct node *fields;                     /* by the names of application_record */
	const char *id;                          /* of an application that is there; NULL: none */
	struct import_content *script, *archive; /* local files */
	const char *script_bucket, *archive_bucket;
	struct import_notes notes;
};
/* The row of a key in camel or snake case; NULL: there is none. */
const struct field *definition_field(const struct record *r, const char *key);
/* Puts a field as it is to be decoded; what there was before is replaced. */
void definition_put(struct definition *d, const char *name, const struct node *value);
/* Takes the fields of a map; what is none of an application's is noted, unless `known` has its name. */
void definition_take(struct definition *d, const struct node *map, const char *const *known);
/* A local file; NULL, and noted, where there is none that may be copied. */
struct import_content *definition_file(
	struct definition *d, const char *path, const char *const *endings);
bool definition_ads(struct definition *d, const struct node *doc, struct err *err);
void definition_skeleton(struct definition *d, const struct node *doc);

#endif
