/*
 * Who is let in to the pages. A page takes a session's cookie and never a signature, the API a signature and never a
 * cookie. The cookie is bound to the service's user: browsers send it to every port of 127.0.0.1, so that whoever
 * listens on another one may have got it; it counts only from a process of the service's own user (or root).
 */
#ifndef LOCAL_PAGE_ADMIT_H
#define LOCAL_PAGE_ADMIT_H

#include "local/server/server.h"

/* route.admit: of what a session is needed for (of_bucket: the arguments become those of the API's routes, namespace
   first); and of what anybody gets, a style sheet or the opening of a one-time address. */
bool page_admit(struct request *r, struct reply *reply);
bool page_admit_of_bucket(struct request *r, struct reply *reply);
bool page_admit_all(struct request *r, struct reply *reply);

/* Whether a change comes from a form of ours: Origin, Sec-Fetch-Site and the CSRF token of the session for this path.
   False with a 403. */
bool page_form_ok(struct request *r, struct reply *reply);

/* "weir-local-PORT": cookies know no ports, so that those of two services would be one. */
const char *page_cookie_name(struct request *r);
/* Its value; NULL where it is missing or there twice. */
const char *page_cookie(struct request *r);

#endif
