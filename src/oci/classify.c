#include "oci/classify.h"

#include "base/text.h"
#include "field/node.h"

#include <stdio.h>
#include <string.h>

/* Bytes; what is longer is cut, so that code and request id are seen whatever else is said. */
enum { MESSAGE_MAX = 1200, REQUEST_ID_MAX = 200 };

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

/* At most max bytes of it, as it may be shown. */
static void put_shown(struct buf *out, const char *text, size_t max)
{
	struct buf shown = {.max = max};
	text_escape(&shown, text, strnlen(text, max), false);
	buf_add(out, buf_str(&shown), shown.len);
	buf_clear(&shown);
}

/* "message (404 BucketNotFound, opc-request-id 1/2)"; without a message what the status says: "404 Not Found
   (opc-request-id 1/2)". */
static void put_text(struct err *err, const char *message, const char *request_id)
{
	buf_auto out = {0}, notes = {0};
	if (message) {
		put_shown(&out, message, MESSAGE_MAX);
		buf_printf(&notes, "%d", err->http_status);
	} else {
		buf_adds(&out, err->text);
	}
	if (*err->code)
		buf_printf(&notes, "%s%s", notes.len ? " " : "", err->code);
	if (request_id) {
		buf_printf(&notes, "%sopc-request-id ", notes.len ? ", " : "");
		put_shown(&notes, request_id, REQUEST_ID_MAX);
	}
	if (notes.len)
		buf_printf(&out, " (%s)", buf_str(&notes));
	snprintf(err->text, sizeof err->text, "%s", buf_str(&out));
}

void classify_reply(const struct http_reply *reply, struct err *err)
{
	arena_auto a = {0};
	buf_auto shown = {0};
	struct err bad;
	const struct node *body = reply->body.len
		? node_from_json(&a, reply->body.data, reply->body.len, &bad)
		: NULL;
	const char *code = node_get_str(body, "code"), *message = node_get_str(body, "message");
	if (code)
		put_shown(&shown, code, sizeof err->code - 1);
	snprintf(err->code, sizeof err->code, "%s", buf_str(&shown));
	err->http_status = reply->status;
	err->kind = kind_of(err->code, err->kind);
	put_text(err, text_empty(message) ? NULL : message,
		http_fields_get(&reply->fields, "opc-request-id"));
}
