#include "oci/principal_ask.h"

#include "base/text.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

enum { SESSION_KEY_BITS = 2048 };

const char *principal_name(enum principal_kind kind)
{
	return kind == PRINCIPAL_INSTANCE ? "instance principal" : "resource principal";
}

void principal_hint(enum principal_kind kind, struct err *err)
{
	err_hint(err, "the service does not take the token of this %s", principal_name(kind));
	err_hint(err,
		kind == PRINCIPAL_INSTANCE
			? "it must be of the realm and tenancy of the instance; a dynamic group that holds "
			  "the instance is what policies name"
			: "it must be the one of OCI_RESOURCE_PRINCIPAL_RPST, with its own key");
}

EVP_PKEY *principal_session_key(struct arena *a, const char **ret_public, struct err *err)
{
	unsigned char *der = NULL;
	EVP_PKEY *key = EVP_RSA_gen(SESSION_KEY_BITS);
	int n = key ? i2d_PUBKEY(key, &der) : 0;
	if (n > 0) {
		*ret_public = text_base64(a, der, (size_t)n);
		OPENSSL_free(der);
		return key;
	}
	EVP_PKEY_free(key);
	err_set(err, ERR_IO, "OpenSSL cannot make a session key");
	return NULL;
}

bool principal_take_token(const char *what, const struct node *reply, struct arena *secrets,
	struct token *ret, struct err *err)
{
	const char *text = node_get_str(reply, "token");
	if (text_empty(text))
		return err_set(err, ERR_PROTOCOL, "%s: the reply has no `token`", what);
	if (token_parse(text, strlen(text), secrets, ret, err))
		return true;
	err->kind = ERR_PROTOCOL;
	return err_wrap(err, "%s: the reply's token", what);
}

bool principal_get(const struct principal_options *o, struct arena *secrets, struct principal *ret,
	struct err *err)
{
	struct ask k;
	struct principal got = {0};
	ask_open(&k, o);
	bool ok = o->kind == PRINCIPAL_INSTANCE ? principal_instance(&k, secrets, &got, err)
						: principal_resource(&k, secrets, &got, err);
	ask_close(&k);
	if (ok && got.token.expires_ms <= clock_wall(k.clock)) {
		char time[32];
		ok = err_set(err, ERR_AUTH, "its token has expired, at %s",
			text_rfc3339(got.token.expires_ms, time));
		err_hint(err,
			"check this machine's clock; a token that OCI_RESOURCE_PRINCIPAL_RPST holds "
			"itself is never renewed, one in a file that it names is");
	}
	if (!ok) {
		principal_clear(&got);
		return err->kind == ERR_INTERRUPTED ? false
						    : err_wrap(err, "%s", principal_name(o->kind));
	}
	*ret = got;
	return true;
}

void principal_clear(struct principal *p)
{
	EVP_PKEY_free(p->key);
	*p = (struct principal){0};
}
