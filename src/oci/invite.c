#include "oci/invite.h"

#include "oci/call.h"

struct asking {
	invite_fn *done;
	void *ctx;
};

static void on_reply(void *ctx, struct call *c, struct http_reply *reply)
{
	struct asking *k = ctx;
	struct err err = reply->err;
	struct invite invite = {0};
	const struct node *n = err.kind ? NULL : call_node(c, reply, &err);
	if (n) {
		struct arena *a = oci_arena(c->oci);
		invite.address = arena_strdup(a, node_get_str(n, "address"));
		invite.time_expires = arena_strdup(a, node_get_str(n, "timeExpires"));
	}
	k->done(k->ctx, &err, n && call_has(c, "address", invite.address, &err) ? &invite : NULL);
}

void oci_invite(struct oci *oci, const char *page, invite_fn *done, void *ctx)
{
	/* Its paths begin where those of Object Storage do. */
	struct call *c =
		call_new(oci, "POST", oci_storage_url(oci), "ask for an address of %s", page);
	struct asking *k = arena_new(&c->arena, struct asking);
	*k = (struct asking){done, ctx};
	struct node *body = node_map(&c->arena);
	node_put(&c->arena, body, "page", node_str(&c->arena, page));
	call_path(c, "/weir/pages");
	call_json(c, body);
	call_start(c, on_reply, k);
}
