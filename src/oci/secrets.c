#include "oci/secrets.h"

#include "base/text.h"
#include "model/ocid.h"
#include "oci/call.h"

#include <openssl/crypto.h>

struct asking {
	secrets_fn *done;
	void *ctx;
};

static bool value_of(struct call *c, const struct http_reply *reply, unsigned char **ret,
	size_t *ret_n, struct err *err)
{
	const struct node *bundle = call_node(c, reply, err);
	const struct node *content = bundle ? node_get(bundle, "secretBundleContent") : NULL;
	const char *type = content ? node_get_str(content, "contentType") : NULL;
	const char *text = content ? node_get_str(content, "content") : NULL;
	*ret_n = 0;
	if (!bundle || !text)
		return bundle && call_has(c, "secretBundleContent.content", NULL, err);
	if (!*text)
		return true;
	return (text_equal(type, "BASE64") && text_unbase64(&c->arena, text, ret, ret_n)) ||
		err_set(err, ERR_PROTOCOL, "%s: the content of the service's reply is no base64",
			c->http.what);
}

static void on_reply(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	struct err err = reply->err;
	unsigned char *value = NULL;
	size_t n = 0;
	bool ok = !err.kind && value_of(c, reply, &value, &n, &err);
	if (reply->body.len)
		OPENSSL_cleanse(reply->body.data, reply->body.len);
	if (!ok) {
		k->done(k->ctx, &err, NULL, 0);
		return;
	}
	/* In the arena of the call, which is wiped behind us. */
	k->done(k->ctx, &err, n ? arena_strndup(&c->arena, (const char *)value, n) : "", n);
}

bool secrets_are_here(struct oci *oci, const char *id, struct err *err)
{
	arena_auto a = {0};
	struct ocid ocid;
	const char *here = oci_region(oci);
	bool known = here && ocid_parse(id, &a, &ocid) && oci_region_known(ocid.region) &&
		oci_region_known(here);
	if (!known || text_equal(oci_region_id(ocid.region), oci_region_id(here)))
		return true;
	err_set(err, ERR_INVALID, "secret %s is in the region %s, and the target in %s", id,
		oci_region_id(ocid.region), oci_region_id(here));
	return err_hint(err, "name a secret of the target's region, or its replica there");
}

void secrets_get(struct oci *oci, const char *id, secrets_fn *done, void *ctx)
{
	struct call *c = call_new(oci, "GET", oci_secrets_url(oci), "get secret %s", id);
	struct asking *k = arena_new(&c->arena, struct asking);
	*k = (struct asking){done, ctx};
	c->is_secret = true;
	call_policy(c, "read secret-bundles in " POLICY_PLACE);
	call_path(c, "/secretbundles/%s", text_percent(&c->arena, id));
	call_query(c, "stage", "CURRENT");
	call_start(c, on_reply, k);
}
