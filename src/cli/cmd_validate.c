#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

static void put_count(
	struct buf *out, const char *before, size_t n, const char *one, const char *many)
{
	buf_printf(out, "%s%zu %s", before, n, n == 1 ? one : many);
}

static void tell_json(struct cli *cli, bool valid)
{
	struct arena *a = &cli->arena;
	struct node *doc = node_map(a);
	node_put(a, doc, "format_version", node_str(a, "1.0"));
	node_put(a, doc, "valid", node_bool(a, valid));
	node_put(a, doc, "error_count", node_int(a, (int64_t)cli->diags.errors));
	node_put(a, doc, "warning_count", node_int(a, (int64_t)cli->diags.warnings));
	output_node(cli, doc);
}

bool cmd_validate(struct cli *cli, struct err *err)
{
	session_auto s = {0};
	bool valid = session_check(&s, cli, err);
	if (output_json(cli))
		tell_json(cli, valid);
	if (!valid || output_json(cli))
		return valid;
	const struct pipeline *p = s.desired;
	buf_printf(&cli->out, "%s is valid", p->file);
	put_count(&cli->out, ": ", p->apps.n, "app", "apps");
	put_count(&cli->out, ", ", p->sequences.n, "sequence", "sequences");
	buf_printf(&cli->out, ", for target %s.\n", s.target_name);
	return true;
}
