/* The service's error body, {"code", "message"}, as an err: its kind, and a text that names code and request id. */
#ifndef OCI_CLASSIFY_H
#define OCI_CLASSIFY_H

#include "http/http.h"

/* http_options.classify: refines err, which the status has filled. */
void classify_reply(const struct http_reply *reply, struct err *err);

#endif
