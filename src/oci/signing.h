/*
 * What authenticates a request, as an http_signer adds it: the three stages of http/sign.h with a key, its id and this
 * moment's date. Facts: contract 1.1 and 1.2; the federation call alone leaves the host unsigned.
 */
#ifndef OCI_SIGNING_H
#define OCI_SIGNING_H

#include "http/http.h"

#include <openssl/types.h>

struct signing {
	EVP_PKEY *key; /* borrowed */
	const char *key_id;
	const struct clock *clock;
	bool without_host;
};
/* date, host, those of a body that is signed, authorization. */
bool signing_add(const struct signing *s, const struct http_request *r, const char *host,
	const char *target, struct arena *a, struct http_fields *add, struct err *err);

#endif
