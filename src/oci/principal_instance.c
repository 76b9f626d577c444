#include "oci/principal_ask.h"

#include "base/digest.h"
#include "base/text.h"
#include "oci/config.h"
#include "oci/key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 64 * 1024 };
#define CERT "/identity/cert.pem"
#define INTERMEDIATE "/identity/intermediate.pem"
#define KEY "/identity/key.pem"

/* What the metadata service says of this instance. */
struct instance {
	X509 *leaf, *intermediate;
	EVP_PKEY *key;
	const char *region, *tenancy;
	char fingerprint[3 * 20];
};

static void clear(struct instance *i)
{
	X509_free(i->leaf);
	X509_free(i->intermediate);
	EVP_PKEY_free(i->key);
}

static bool get_region(struct ask *k, struct arena *a, const char **ret, struct err *err)
{
	buf_auto text = {.max = PEM_MAX};
	if (!ask_metadata(k, "/instance/region", &text, err))
		return false;
	if (!oci_region_ok(buf_str(&text)))
		return err_set(err, ERR_PROTOCOL,
			"the metadata service gave no region, but %zu bytes of something else",
			text.len);
	*ret = arena_strdup(a, oci_region_id(buf_str(&text)));
	return true;
}

static bool get_certificate(struct ask *k, const char *path, X509 **ret, struct err *err)
{
	buf_auto pem = {.max = PEM_MAX};
	if (!ask_metadata(k, path, &pem, err))
		return false;
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	*ret = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	return *ret ||
		err_set(err, ERR_PROTOCOL, "the metadata service's %s is no certificate in PEM",
			path);
}

static bool get_key(struct ask *k, EVP_PKEY **ret, struct err *err)
{
	struct buf pem = {.max = PEM_MAX};
	bool ok = ask_metadata(k, KEY, &pem, err);
	if (ok) {
		struct key_source source = {
			.content = buf_str(&pem), .name = "of the metadata service"};
		*ret = key_read(&source, err);
		ok = *ret ||
			err_set(err, ERR_PROTOCOL,
				"the metadata service's " KEY " is no private RSA key in PEM");
	}
	buf_wipe(&pem);
	return ok;
}

/* The value of a subject's attribute that begins with one of the two. */
static const char *find_tenancy(X509 *leaf, struct arena *a)
{
	static const char *const marks[] = {"opc-tenant:", "opc-identity:"};
	const X509_NAME *name = X509_get_subject_name(leaf);
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i));
		const char *text = arena_strndup(
			a, (const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
		for (size_t m = 0; m < 2; m++)
			if (text_starts(text, marks[m]))
				return text + strlen(marks[m]);
	}
	return NULL;
}

static bool check_time(struct ask *k, X509 *leaf, struct err *err)
{
	char end[64] = "";
	time_t now = (time_t)(clock_wall(k->clock) / 1000);
	if (X509_cmp_time(X509_get0_notAfter(leaf), &now) > 0 &&
		X509_cmp_time(X509_get0_notBefore(leaf), &now) < 0)
		return true;
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio && ASN1_TIME_print(bio, X509_get0_notAfter(leaf)))
		BIO_read(bio, end, sizeof end - 1);
	BIO_free(bio);
	err_set(err, ERR_AUTH, "the instance's certificate does not hold now; it ends on %s", end);
	return err_hint(err,
		"check this machine's clock; the metadata service renews the certificate by itself");
}

/* SHA-1 in upper-case hexadecimal pairs joined by `:`. */
static bool take_fingerprint(struct instance *i, struct err *err)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (!X509_digest(i->leaf, EVP_sha1(), sum, &n) || n != 20)
		return err_set(err, ERR_IO, "OpenSSL cannot digest the instance's certificate");
	for (unsigned b = 0; b < n; b++) {
		i->fingerprint[3 * b] = digits[sum[b] >> 4];
		i->fingerprint[3 * b + 1] = digits[sum[b] & 15];
		i->fingerprint[3 * b + 2] = b + 1 < n ? ':' : '\0';
	}
	return true;
}

static bool get_instance(struct ask *k, struct arena *a, struct instance *i, struct err *err)
{
	if (!get_region(k, a, &i->region, err) || !get_certificate(k, CERT, &i->leaf, err) ||
		!check_time(k, i->leaf, err) || !get_key(k, &i->key, err) ||
		!get_certificate(k, INTERMEDIATE, &i->intermediate, err))
		return false;
	if (X509_check_private_key(i->leaf, i->key) != 1)
		return err_set(err, ERR_PROTOCOL,
			"the metadata service's key is not that of its certificate");
	i->tenancy = find_tenancy(i->leaf, a);
	if (!i->tenancy)
		return err_set(err, ERR_PROTOCOL,
			"the instance's certificate names no tenancy (opc-tenant:...)");
	return take_fingerprint(i, err);
}

/* DER in base64: PEM without its armour and line ends. */
static struct node *bare(X509 *certificate, struct arena *a)
{
	unsigned char *der = NULL;
	int n = i2d_X509(certificate, &der);
	struct node *text = node_str(a, n > 0 ? text_base64(a, der, (size_t)n) : "");
	OPENSSL_free(der);
	return text;
}

static const char *federation_url(const struct ask *k, const char *region, struct arena *a)
{
	const char *given = getenv("OCI_CLI_FEDERATION_ENDPOINT");
	if (!text_empty(given))
		return given;
	const char *base = k->o->endpoint ? k->o->endpoint : oci_endpoint_auth(a, region);
	size_t n = strlen(base);
	while (n && base[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s/v1/x509", (int)n, base);
}

static bool federate(struct ask *k, const struct instance *i, struct arena *secrets,
	struct principal *p, struct err *err)
{
	const char *public_key, *url = federation_url(k, i->region, secrets);
	const char *what = arena_printf(secrets, "federation endpoint %s", url);
	p->key = principal_session_key(secrets, &public_key, err);
	if (!p->key)
		return false;
	struct node *body = node_map(secrets), *more = node_seq(secrets);
	node_append(secrets, more, bare(i->intermediate, secrets));
	node_put(secrets, body, "certificate", bare(i->leaf, secrets));
	node_put(secrets, body, "publicKey", node_str(secrets, public_key));
	node_put(secrets, body, "intermediateCertificates", more);
	k->by = (struct signing){.key = i->key,
		.key_id = arena_printf(secrets, "%s/fed-x509/%s", i->tenancy, i->fingerprint),
		.clock = k->clock,
		.without_host = true};
	const struct node *reply = ask_json(k, what, url, body, secrets, err);
	k->by.key = NULL;
	if (!reply && err->http_status == 401)
		err_hint(err, "Identity does not take the certificate of this instance");
	return reply && principal_take_token(what, reply, secrets, &p->token, err);
}

bool principal_instance(
	struct ask *k, struct arena *secrets, struct principal *ret, struct err *err)
{
	struct instance i = {0};
	struct principal p = {0};
	bool ok = get_instance(k, secrets, &i, err) && federate(k, &i, secrets, &p, err);
	p.region = i.region;
	p.tenancy = i.tenancy;
	clear(&i);
	if (ok)
		*ret = p;
	else
		principal_clear(&p);
	return ok;
}
