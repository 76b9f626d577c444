#include "http/http_status.h"

#include "base/text.h"

static const struct row {
	int status;
	enum err_kind kind;
	const char *name;
} rows[] = {
	/* clang-format off */
	{400, ERR_INVALID, "Bad Request"},
	{401, ERR_AUTH, "Unauthorized"},
	{402, ERR_PERMISSION, "Payment Required"},
	{403, ERR_PERMISSION, "Forbidden"},
	{404, ERR_NOT_FOUND, "Not Found"},
	{405, ERR_INVALID, "Method Not Allowed"},
	{409, ERR_CONFLICT, "Conflict"},
	{412, ERR_CONFLICT, "Precondition Failed"},
	{413, ERR_LIMIT, "Content Too Large"},
	{422, ERR_INVALID, "Unprocessable Content"},
	{429, ERR_THROTTLED, "Too Many Requests"},
	{431, ERR_INVALID, "Request Header Fields Too Large"},
	{500, ERR_SERVICE, "Internal Server Error"},
	{501, ERR_PROTOCOL, "Not Implemented"},
	{502, ERR_SERVICE, "Bad Gateway"},
	{503, ERR_SERVICE, "Service Unavailable"},
	{504, ERR_SERVICE, "Gateway Timeout"},
	/* clang-format on */
};
static const int64_t SKEW_MS = 5 * 60 * 1000;

static const struct row *find(int status)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].status == status)
			return &rows[i];
	return NULL;
}

enum err_kind http_status_kind(int status)
{
	const struct row *row = find(status);
	if (row)
		return row->kind;
	if ((status >= 200 && status < 300) || status == 304)
		return ERR_NONE;
	if (status >= 500 && status < 600)
		return ERR_SERVICE;
	return status >= 400 && status < 500 ? ERR_INVALID : ERR_PROTOCOL;
}

const char *http_status_name(int status)
{
	const struct row *row = find(status);
	return row ? row->name : "";
}

void http_status_skew(const struct http_reply *reply, int64_t now_ms, struct err *err)
{
	const char *date = http_fields_get(&reply->fields, "date");
	int64_t theirs;
	char span[24];
	if (reply->status != 401 || !date || !text_parse_http_date(date, &theirs))
		return;
	int64_t off = now_ms - theirs;
	if (off >= -SKEW_MS && off <= SKEW_MS)
		return;
	err_hint(err,
		"this machine's clock is %s %s the service's, which allows five minutes: set the "
		"clock (timedatectl set-ntp true)",
		text_duration(off < 0 ? -off : off, span), off < 0 ? "behind" : "ahead of");
}
