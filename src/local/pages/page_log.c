#include "local/pages/page_log.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/store/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PIECE = 64 * 1024, GZIP_WINDOW = 15 + 16 };

const struct runner_place_log *page_log_stream(const char *name)
{
	return !strcmp(name, "stdout")    ? &runner_place_logs[RUNNER_STDOUT]
		: !strcmp(name, "stderr") ? &runner_place_logs[RUNNER_STDERR]
					  : NULL;
}

const char *page_log_name(const struct runner_place_log *stream)
{
	return stream == &runner_place_logs[RUNNER_STDOUT] ? "stdout" : "stderr";
}

/* Drops what lies before the last `keep` bytes. */
static void keep_end(struct page_log *l, size_t keep)
{
	struct buf *b = &l->text;
	if (b->len <= keep)
		return;
	size_t drop = b->len - keep;
	memmove(b->data, b->data + drop, keep);
	buf_truncate(b, keep);
	l->from += drop;
}

static void add(struct page_log *l, const void *bytes, size_t n, size_t keep)
{
	buf_add(&l->text, bytes, n);
	l->next += n;
	if (l->text.len / 2 > keep)
		keep_end(l, keep);
}

static ssize_t read_piece(int fd, unsigned char piece[static PIECE], off_t at)
{
	ssize_t n;
	do
		n = pread(fd, piece, PIECE, at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* What is damaged, or larger than a log is, ends there. */
static void gunzip(int fd, size_t keep, struct page_log *l)
{
	unsigned char in[PIECE], out[PIECE];
	z_stream z = {0};
	off_t at = 0;
	int status = inflateInit2(&z, GZIP_WINDOW);
	while (status == Z_OK && l->next < PAGE_LOG_MAX) {
		if (!z.avail_in) {
			ssize_t n = read_piece(fd, in, at);
			if (n <= 0)
				break;
			at += n;
			z.next_in = in;
			z.avail_in = (uInt)n;
		}
		z.next_out = out;
		z.avail_out = sizeof out;
		status = inflate(&z, Z_NO_FLUSH);
		add(l, out, sizeof out - z.avail_out, keep);
	}
	inflateEnd(&z);
}

static void read_file(int fd, uint64_t from, uint64_t to, struct page_log *l)
{
	unsigned char piece[PIECE];
	l->from = l->next = from;
	while (l->next < to) {
		ssize_t n = read_piece(fd, piece, (off_t)l->next);
		if (n <= 0)
			break;
		size_t left = (size_t)(to - l->next);
		add(l, piece, (size_t)n < left ? (size_t)n : left, SIZE_MAX);
	}
}

/* What is left out ends with a line, or, where one is longer than a page shows, with a character. */
static void begin_well(struct page_log *l)
{
	const char *text = buf_str(&l->text), *end = text + l->text.len;
	const char *line = l->from ? memchr(text, '\n', l->text.len) : NULL, *at = text;
	if (line && line + 1 < end)
		at = line + 1;
	else if (l->from)
		while (at < end && at < text + 3 && ((unsigned char)*at & 0xc0) == 0x80)
			at++;
	keep_end(l, (size_t)(end - at));
}

/* A character of which more bytes are to come waits for them. */
static void end_with_a_character(struct page_log *l)
{
	size_t n = l->text.len, back = 0;
	const unsigned char *s = (const unsigned char *)l->text.data;
	while (back < 3 && back < n && (s[n - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back == n)
		return;
	unsigned char lead = s[n - 1 - back];
	size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (need <= back + 1)
		return;
	buf_truncate(&l->text, n - 1 - back);
	l->next -= back + 1;
}

static void read_object(
	struct request *r, const struct dataflow_log *log, size_t keep, struct page_log *ret)
{
	struct err ignored;
	uint64_t size;
	fd_auto fd = store_object_open(
		r->service->store, log->bucket, log->object.name, &size, &ignored);
	if (fd < 0)
		return;
	ret->there = true;
	gunzip(fd, keep, ret);
	keep_end(ret, keep);
	begin_well(ret);
}

void page_log_end(struct request *r, const struct run *run, const struct runner_place_log *stream,
	size_t keep, struct page_log *ret)
{
	struct dataflow_log log;
	*ret = (struct page_log){.there = false};
	if (!dataflow_log_find(r, run, stream, &log))
		return;
	if (log.fd < 0) {
		read_object(r, &log, keep, ret);
		return;
	}
	uint64_t size = (uint64_t)log.size;
	ret->there = true;
	read_file(log.fd, size > keep ? size - keep : 0, size, ret);
	close(log.fd);
	begin_well(ret);
	end_with_a_character(ret);
}

void page_log_since(struct request *r, const struct run *run, const struct runner_place_log *stream,
	uint64_t from, struct page_log *ret)
{
	struct dataflow_log log;
	*ret = (struct page_log){.from = from, .next = from};
	if (!dataflow_log_find(r, run, stream, &log) || log.fd < 0)
		return;
	uint64_t size = (uint64_t)log.size;
	ret->there = true;
	if (from < size)
		read_file(log.fd, from, size - from > PAGE_LOG_SHOWN ? from + PAGE_LOG_SHOWN : size,
			ret);
	close(log.fd);
	end_with_a_character(ret);
}
