/*
 * What principal.c and its parts ask of the metadata service and of Identity: one request at a time, waited for. Replies
 * may hold keys and tokens: they go to buffers that the caller wipes.
 */
#ifndef OCI_PRINCIPAL_ASK_H
#define OCI_PRINCIPAL_ASK_H

#include "oci/principal.h"
#include "oci/signing.h"

#include "field/node.h"

/* Seconds for a service that is on this machine or beside it. */
enum { ASK_CONNECT_MS = 2000, ASK_SILENCE_MS = 5 * 1000, ASK_ATTEMPTS = 2 };

struct ask {
	const struct principal_options *o;
	const struct clock *clock;
	struct signing by; /* key NULL: unsigned */
	struct http *http;
};
void ask_open(struct ask *k, const struct principal_options *o);
void ask_close(struct ask *k);
/* GET with the metadata service's header; the text without white space around it. */
bool ask_metadata(struct ask *k, const char *path, struct buf *ret, struct err *err);
/* GET, or POST where there is a body, signed; the reply's JSON object in the arena. */
const struct node *ask_json(struct ask *k, const char *what, const char *url,
	const struct node *body, struct arena *a, struct err *err);

/* The instance's own, for itself and for version 1.1 of a resource. */
bool principal_instance(
	struct ask *k, struct arena *secrets, struct principal *ret, struct err *err);
/* A session key, and its public half as base64 without armour. */
EVP_PKEY *principal_session_key(struct arena *a, const char **ret_public, struct err *err);
bool principal_resource(
	struct ask *k, struct arena *secrets, struct principal *ret, struct err *err);
/* A reply's token; ERR_PROTOCOL if it is none. */
bool principal_take_token(const char *what, const struct node *reply, struct arena *secrets,
	struct token *ret, struct err *err);

#endif
