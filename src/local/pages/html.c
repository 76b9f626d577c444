#include "local/pages/html.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *reference_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(struct buf *out, const char *s, size_t n, bool keep_lines)
{
	buf_auto shown = {0};
	text_escape(&shown, s, n, keep_lines);
	const char *text = buf_str(&shown), *end = text + shown.len;
	while (text < end) {
		size_t plain = strcspn(text, "&<>\"'");
		buf_add(out, text, plain);
		text += plain;
		if (text < end)
			buf_adds(out, reference_of(*text++));
	}
}

/* The value of the directive behind a '%'; what follows the directive. */
static const char *put_value(struct buf *out, const char *directive, va_list *ap)
{
	if (text_starts(directive, "s")) {
		const char *s = va_arg(*ap, const char *);
		html_text(out, s ? s : "", s ? strlen(s) : 0, false);
		return directive + 1;
	}
	if (text_starts(directive, "d")) {
		buf_printf(out, "%d", va_arg(*ap, int));
		return directive + 1;
	}
	if (text_starts(directive, "lld")) {
		buf_printf(out, "%lld", va_arg(*ap, long long));
		return directive + 3;
	}
	if (text_starts(directive, "zu")) {
		buf_printf(out, "%zu", va_arg(*ap, size_t));
		return directive + 2;
	}
	if (!text_starts(directive, "%"))
		abort(); /* the format is ours */
	buf_addc(out, '%');
	return directive + 1;
}

void html(struct buf *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	while (*fmt) {
		size_t plain = strcspn(fmt, "%");
		buf_add(out, fmt, plain);
		fmt += plain;
		if (*fmt)
			fmt = put_value(out, fmt + 1, &ap);
	}
	va_end(ap);
}
