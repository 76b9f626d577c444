/*
 * An OCID that somebody typed: is it of the kind that is meant, and why may it not be found?
 */
#ifndef CLI_GIVEN_OCID_H
#define CLI_GIVEN_OCID_H

#include "cli/session.h"
#include "model/ocid.h"

/* ERR_USAGE for what is no OCID, or one of another kind. */
bool given_ocid_check(const char *text, const char *kind, struct err *err);
/* The request for it failed: where its region is another than the one asked, this is said too. Returns false. */
bool given_ocid_failed(const struct session *s, const char *ocid, struct err *err);

#endif
