#include "local/runner/runner_log.h"

#include "base/fs.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 64 << 10, ERROR_TAIL = 64 << 10, ERROR_MAX = 400 };

bool runner_log_open(struct runner_log *l, const char *path, uint64_t max, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_IO, "%s", path);
	*l = (struct runner_log){.fd = fd, .max = max};
	return true;
}

static void keep_tail(struct runner_log *l, const char *bytes, size_t n)
{
	if (!l->tail)
		l->tail = xalloc(RUNNER_LOG_TAIL);
	for (size_t i = 0; i < n; i++)
		l->tail[(l->seen - l->kept + i) % RUNNER_LOG_TAIL] = bytes[i];
}

void runner_log_add(struct runner_log *l, const char *bytes, size_t n)
{
	uint64_t room = l->seen == l->kept && l->kept < l->max ? l->max - l->kept : 0;
	size_t first = n < room ? n : (size_t)room;
	struct err none;
	if (first && fs_write_all(l->fd, bytes, first, &none))
		l->kept += first;
	else
		first = 0;
	l->seen += first;
	if (n > first) {
		keep_tail(l, bytes + first, n - first);
		l->seen += n - first;
	}
}

bool runner_log_take(struct runner_log *l, int pipe)
{
	char bytes[CHUNK];
	ssize_t n = read(pipe, bytes, sizeof bytes);
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	runner_log_add(l, bytes, (size_t)n);
	return true;
}

/* What is in the ring, oldest first, behind the line that says what is missing. */
static void write_tail(struct runner_log *l)
{
	uint64_t dropped = l->seen - l->kept;
	size_t n = dropped < RUNNER_LOG_TAIL ? (size_t)dropped : RUNNER_LOG_TAIL;
	size_t start = (size_t)((dropped - n) % RUNNER_LOG_TAIL);
	size_t to_end = n < RUNNER_LOG_TAIL - start ? n : RUNNER_LOG_TAIL - start;
	buf_auto text = {0};
	buf_printf(&text,
		"\n[weir-local: the log is larger than %llu bytes; %llu bytes are left out here]\n",
		(unsigned long long)l->max, (unsigned long long)(dropped - n));
	buf_add(&text, l->tail + start, to_end);
	buf_add(&text, l->tail, n - to_end);
	struct err none;
	fs_write_all(l->fd, text.data, text.len, &none);
}

void runner_log_close(struct runner_log *l)
{
	if (l->tail)
		write_tail(l);
	free(l->tail);
	close(l->fd);
	*l = (struct runner_log){.fd = -1};
}

static bool deflate_some(z_stream *z, int flush, struct buf *out)
{
	unsigned char bytes[CHUNK];
	int status;
	do {
		z->next_out = bytes;
		z->avail_out = sizeof bytes;
		status = deflate(z, flush);
		if (!buf_add(out, bytes, sizeof bytes - z->avail_out))
			return false;
	} while (z->avail_out == 0);
	return status != Z_STREAM_ERROR;
}

static bool deflate_file(z_stream *z, int fd, struct buf *out)
{
	unsigned char bytes[CHUNK];
	ssize_t n;
	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		z->next_in = bytes;
		z->avail_in = (uInt)n;
		if (!deflate_some(z, Z_NO_FLUSH, out))
			return false;
	}
	z->avail_in = 0;
	return deflate_some(z, Z_FINISH, out);
}

bool runner_log_gzip(const char *path, struct buf *out, struct err *err)
{
	fd_auto fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, "%s", path);
	enum { GZIP_WINDOW = 15 + 16, MEMORY = 8 };
	z_stream z = {0};
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) !=
		Z_OK)
		return err_set(err, ERR_IO, "%s: can't be compressed", path);
	bool ok = deflate_file(&z, fd, out);
	deflateEnd(&z);
	return ok || err_set(err, ERR_IO, "%s: can't be compressed", path);
}

/*
 * How Python, the JVM, spark-submit and spark-sql ("[PARSE_SYNTAX_ERROR] ...") begin the line that says what
 * went wrong. Python's is the last of a traceback, so the last match of a log is the one to show.
 */
static const char error_pattern[] =
	"^(([A-Za-z_][A-Za-z0-9_]*\\.)*[A-Z][A-Za-z0-9_]*(Error|Exception|Failure|Interrupt)(:|$)"
	"|Exception in thread |Error:|Error in query"
	"|\\[[A-Z0-9]+(_[A-Z0-9]+)+(\\.[A-Z0-9_]+)?\\] )";

static char *shorten(struct arena *a, const char *line)
{
	buf_auto shown = {.max = 4 * ERROR_MAX + 16};
	size_t len = strnlen(line, ERROR_MAX);
	/* Not in the middle of a character. */
	while (len && line[len] && ((unsigned char)line[len] & 0xc0) == 0x80)
		len--;
	text_escape(&shown, line, len, false);
	if (line[len])
		buf_adds(&shown, "...");
	return arena_strdup(a, buf_str(&shown));
}

static bool read_end(const char *path, char *text, size_t *n)
{
	fd_auto fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t got = pread(fd, text, ERROR_TAIL, end > ERROR_TAIL ? end - ERROR_TAIL : 0);
	*n = got > 0 ? (size_t)got : 0;
	return got > 0;
}

char *runner_log_error(struct arena *a, const char *path)
{
	char *text = arena_alloc(a, ERROR_TAIL + 1);
	size_t n;
	regex_t error;
	if (!read_end(path, text, &n) || regcomp(&error, error_pattern, REG_EXTENDED | REG_NOSUB))
		return NULL;
	const char *last = NULL;
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		if (regexec(&error, line, 0, NULL, 0) == 0)
			last = line;
	regfree(&error);
	return last ? shorten(a, last) : NULL;
}
