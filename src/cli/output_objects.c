#include "cli/output_objects.h"

#include "base/text.h"
#include "cli/output.h"
#include "run/download.h"

static bool parse(struct session *s, const char *uri, struct oci_uri *ret, struct err *err)
{
	struct arena *a = &s->cli->arena;
	const char *bucket = uri + strlen("oci://"), *end = strchrnul(bucket, '/'), *ns;
	const char *whole = uri;
	if (!memchr(bucket, '@', (size_t)(end - bucket))) {
		if (!session_namespace(s, &ns, err))
			return false;
		whole = arena_printf(a, "oci://%.*s@%s%s", (int)(end - bucket), bucket, ns, end);
	}
	if (oci_uri_parse(whole, a, ret))
		return true;
	err_set(err, ERR_USAGE, "`%s`: no address of objects", uri);
	return err_hint(err, "such as oci://BUCKET@NAMESPACE/PREFIX");
}

static void say(struct cli *cli, const struct download_result *r, const char *folder)
{
	char size[16];
	buf_printf(&cli->out, "Downloaded %zu object%s (%s) to ", r->done, r->done == 1 ? "" : "s",
		text_bytes(r->bytes, size));
	text_escape(&cli->out, folder, strlen(folder), false);
	if (r->there)
		buf_printf(&cli->out, ", %zu %s there", r->there, r->there == 1 ? "was" : "were");
	if (r->failed)
		buf_printf(&cli->out, ", %zu failed", r->failed);
	buf_adds(&cli->out, ".\n");
	if (r->resumed)
		output_say(cli, OUTPUT_NOTE, "%zu went on where an earlier download had ended",
			r->resumed);
	if (r->unchecked)
		output_say(cli, OUTPUT_NOTE,
			"%zu came in the right size, but the service tells no checksum of "
			"them that can be compared",
			r->unchecked);
}

static void put_json(struct cli *cli, const struct download_result *r, const char *folder)
{
	static const char *const states[] = {
		[DOWNLOAD_WAITS] = "not_begun", "there", "downloaded", "failed"};
	struct arena *a = &cli->arena;
	struct node *doc = node_map(a), *list = node_seq(a);
	node_put(a, doc, "format_version", node_str(a, "1.0"));
	node_put(a, doc, "folder", node_str(a, folder));
	node_put(a, doc, "bytes", node_int(a, (int64_t)r->bytes));
	node_put(a, doc, "objects", list);
	for (size_t i = 0; i < r->n; i++) {
		const struct downloaded *v = &r->v[i];
		struct node *one = node_map(a);
		node_put(a, one, "name", node_str(a, v->object->name));
		node_put(a, one, "path", node_str(a, v->path));
		node_put(a, one, "size", node_int(a, v->object->size.v));
		node_put(a, one, "state", node_str(a, states[v->state]));
		if (v->state == DOWNLOAD_DONE) {
			node_put(a, one, "resumed", node_int(a, (int64_t)v->resumed));
			node_put(a, one, "checked", node_bool(a, !v->unchecked));
		}
		if (v->state == DOWNLOAD_FAILED)
			node_put(a, one, "error", node_str(a, v->err.text));
		node_append(a, list, one);
	}
	output_node(cli, doc);
}

bool output_objects(struct session *s, const char *uri, const char *folder, struct err *err)
{
	struct cli *cli = s->cli;
	struct download d = {.folder = folder, .overwrite = cli->overwrite};
	struct download_result r = {0};
	if (!parse(s, uri, &d.uri, err))
		return false;
	bool ok = download(s->oci, &d, &r, err);
	if (!ok && !r.done && !r.failed)
		return false;
	if (output_json(cli))
		put_json(cli, &r, folder);
	else
		say(cli, &r, folder);
	return ok;
}
