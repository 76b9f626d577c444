/*
 * Where scripts and archives lie in Object Storage, and `$<apps.X.file_uri>` and `$<archives.X.uri>`, which
 * name them: asked for while the apps are being resolved, so they look at the raw file.
 */
#ifndef SPEC_URIS_H
#define SPEC_URIS_H

#include "spec/interpolate.h"

/* In place of what the service knows while it is not asked. Valid in an address, and never sent. */
#define STAND_IN_NAMESPACE "namespace"
#define STAND_IN_REGION "region"
#define STAND_IN_TENANCY "ocid1.tenancy.oc1..unknown"
#define STAND_IN_COMPARTMENT "ocid1.compartment.oc1..unknown"

/* Finds the resolved keys of `apps` and `archives`. Before it there are none. */
void uris_prepare(struct spec *s);
/* What the target says of an app, not resolved; NULL: nothing. */
const struct node *uris_override(struct spec *s, const char *app);
bool uris_has_app(const struct spec *s, const char *name);
bool uris_has_archive(const struct spec *s, const char *name);
enum lookup uris_app_file(struct scope *scope, const char *name, struct mark at, struct found *ret);
enum lookup uris_archive(struct scope *scope, const char *name, struct mark at, struct found *ret);

/* The namespace, or its stand-in. */
const char *uris_namespace(const struct spec *s);
/* Object names: weir/<pipeline>/<target>/scripts/<path>, and the archive's own or .../archives/<key>.zip. */
const char *uris_script_object(struct spec *s, const char *script);
const char *uris_archive_object(struct spec *s, const char *key);

#endif
