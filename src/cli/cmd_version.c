#include "cli/commands.h"
#include "cli/output.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

bool cmd_version(struct cli *cli, struct err *err)
{
	(void)err;
	if (!output_json(cli)) {
		buf_printf(&cli->out, "weir %s\n", WEIR_VERSION);
		return true;
	}
	struct arena *a = &cli->arena;
	struct node *out = node_map(a);
	node_put(a, out, "weir", node_str(a, WEIR_VERSION));
	node_put(a, out, "libcurl", node_str(a, curl_version_info(CURLVERSION_NOW)->version));
	node_put(a, out, "openssl", node_str(a, OpenSSL_version(OPENSSL_VERSION_STRING)));
	output_node(cli, out);
	return true;
}
