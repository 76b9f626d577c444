/* What a reply's status means before anybody reads its body, and what the reply tells of our clock. */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include "http/http.h"

enum err_kind http_status_kind(int status); /* ERR_NONE for 2xx and 304 */
const char *http_status_name(int status);   /* "Service Unavailable"; "" if unknown */
/* A 401 whose Date is more than five minutes from now_ms: adds the offset and the cure to err. The service
   allows five minutes. */
void http_status_skew(const struct http_reply *reply, int64_t now_ms, struct err *err);

#endif
