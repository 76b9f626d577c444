#include "report/paint.h"

#include "base/text.h"

#include <string.h>

void paint_text(struct buf *out, bool color, enum paint paint, const char *text)
{
	static const char *const codes[] = {
		"", "\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[36m"};
	bool painted = color && paint != PAINT_PLAIN;
	buf_adds(out, painted ? codes[paint] : "");
	buf_adds(out, text);
	buf_adds(out, painted ? "\033[0m" : "");
}

void paint_safe_n(struct buf *out, const char *text, size_t n)
{
	text_escape(out, text, n, false);
}

void paint_safe(struct buf *out, const char *text)
{
	if (text)
		paint_safe_n(out, text, strlen(text));
}

void paint_lines(struct buf *out, const char *text, size_t indent)
{
	for (;;) {
		size_t n = strcspn(text, "\n");
		paint_safe_n(out, text, n);
		if (!text[n])
			return;
		buf_addc(out, '\n');
		paint_spaces(out, indent);
		text += n + 1;
	}
}

void paint_spaces(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}
