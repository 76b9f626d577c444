#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct kind_row {
	const char *name;
	int status;
	bool retry;
};

#define X(kind, name, status, retry) [kind] = {name, status, retry},
static const struct kind_row kinds[] = {[ERR_NONE] = {"none", 0, false}, ERR_KINDS(X)};
#undef X

static void put(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);
	if (n >= 0 && (size_t)n >= size)
		memcpy(out + size - 4, "...", 4);
}

static void append(struct err *err, const char *text)
{
	size_t len = strlen(err->text);
	int n = snprintf(err->text + len, sizeof err->text - len, "%s", text);
	if (n >= 0 && (size_t)n >= sizeof err->text - len)
		memcpy(err->text + sizeof err->text - 4, "...", 4);
}

bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	struct err made = {.kind = kind};
	va_list ap;
	va_start(ap, fmt);
	put(made.text, sizeof made.text, fmt, ap);
	va_end(ap);
	*err = made;
	return false;
}

bool err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	int saved = errno;
	struct err made = {.kind = kind};
	va_list ap;
	va_start(ap, fmt);
	put(made.text, sizeof made.text, fmt, ap);
	va_end(ap);
	append(&made, ": ");
	append(&made, strerror(saved));
	*err = made;
	return false;
}

bool err_wrap(struct err *err, const char *fmt, ...)
{
	struct err made = *err;
	va_list ap;
	va_start(ap, fmt);
	put(made.text, sizeof made.text, fmt, ap);
	va_end(ap);
	append(&made, ": ");
	append(&made, err->text);
	*err = made;
	return false;
}

bool err_hint(struct err *err, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	put(text, sizeof text, fmt, ap);
	va_end(ap);
	append(err, "\n  ");
	append(err, text);
	return false;
}

int err_exit_status(enum err_kind kind)
{
	return kinds[kind].status;
}

const char *err_kind_name(enum err_kind kind)
{
	return kinds[kind].name;
}

bool err_retryable(enum err_kind kind)
{
	return kinds[kind].retry;
}
