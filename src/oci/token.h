/*
 * Session tokens, as `oci session authenticate` leaves them: a file with one JSON Web Token, which stands for the user
 * until it expires and is exchanged for a new one before that. What is in it is told by the service, and believed for
 * two things only: when it expires, and whose it is. Those of instances and resources (principal.h) are of the same form.
 * Facts: the CLI's session commands.
 */
#ifndef OCI_TOKEN_H
#define OCI_TOKEN_H

#include "base/arena.h"
#include "base/err.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

struct token {
	char *text;         /* white space stripped; a secret: in the arena given */
	int64_t expires_ms; /* Unix time */
	const char *user;   /* the claim `sub`; NULL if it has none */
};
/* A token as it came from the service or a file; ERR_CONFIG, without its text, if it is none. */
bool token_parse(const char *text, size_t n, struct arena *a, struct token *ret, struct err *err);
/* ERR_CONFIG names the file and the cure. */
bool token_read(const char *path, struct arena *a, struct token *ret, struct err *err);
/* Whole or not at all, mode 0600; through a link, as the CLI does. */
bool token_write(const char *path, const char *text, struct err *err);
/* A claim that is a text, in the arena; NULL if it has none. */
char *token_claim(const struct token *t, const char *name, struct arena *a);
/* False if the token says that it is for another key (the claim `jwk`). */
bool token_is_for(const struct token *t, EVP_PKEY *key);

#endif
