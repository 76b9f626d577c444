#include "oci/classify.h"

#include "base/text.h"
#include "field/node.h"

#include <stdio.h>
#include <string.h>

/* Where the code says more than the status (contract 3.1). */
static const struct {
	const char *code;
	enum err_kind kind;
} codes[] = {
	/* clang-format off */
	{"IncorrectState", ERR_INCORRECT_STATE},
	{"LockConflict", ERR_INCORRECT_STATE},
	{"ExternalServerIncorrectState", ERR_INCORRECT_STATE},
	{"LimitExceeded", ERR_LIMIT},
	{"QuotaExceeded", ERR_LIMIT},
	{"SignUpRequired", ERR_PERMISSION},
	{"NotAuthorized", ERR_PERMISSION},
	{"NotAllowed", ERR_PERMISSION},
	{"InsufficientServicePermissions", ERR_PERMISSION},
	{"RelatedResourceNotAuthorizedOrNotFound", ERR_NOT_FOUND},
	/* clang-format on */
};

static enum err_kind kind_of(const char *code, enum err_kind by_status)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (!strcmp(code, codes[i].code))
			return codes[i].kind;
	return by_status;
}

static void put_text(struct err *err, const char *message, const char *request_id)
{
	struct buf out = {.max = sizeof err->text - 1};
	text_escape(&out, message, strnlen(message, 1000), false);
	buf_printf(&out, " (%d", err->http_status);
	if (*err->code)
		buf_printf(&out, " %s", err->code);
	if (request_id) {
		buf_adds(&out, ", opc-request-id ");
		text_escape(&out, request_id, strnlen(request_id, 120), false);
	}
	buf_addc(&out, ')');
	snprintf(err->text, sizeof err->text, "%s", buf_str(&out));
	buf_clear(&out);
}

void classify_reply(const struct http_reply *reply, struct err *err)
{
	arena_auto a = {0};
	struct err bad;
	const struct node *body = reply->body.len
		? node_from_json(&a, reply->body.data, reply->body.len, &bad)
		: NULL;
	const char *code = node_get_str(body, "code"), *message = node_get_str(body, "message");
	if (!code && !message)
		return;
	struct err made = *err;
	struct buf clean = {.max = sizeof made.code - 1};
	if (code)
		text_escape(&clean, code, strnlen(code, sizeof made.code - 1), false);
	snprintf(made.code, sizeof made.code, "%s", buf_str(&clean));
	buf_clear(&clean);
	made.http_status = reply->status;
	made.kind = kind_of(made.code, err->kind);
	put_text(&made, message ? message : "no message",
		http_fields_get(&reply->fields, "opc-request-id"));
	*err = made;
}
