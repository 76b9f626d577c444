/*
 * The parts of a request's URL, as they will be sent: nothing is decoded, encoded or normalised, so that what
 * is signed is what goes out. https, or http to what is near; no user info, no fragment.
 */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/arena.h"
#include "base/err.h"

struct http_url {
	const char *host;   /* with the port if the URL has one: the Host header */
	const char *target; /* path and query; "/" for none */
	bool near; /* loopback, or an instance's metadata service: http is fine, and no proxy is asked */
};
bool http_url_parse(const char *url, struct arena *a, struct http_url *ret, struct err *err);

#endif
