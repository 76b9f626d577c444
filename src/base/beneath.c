#include "base/beneath.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NAME_MAX is 255 bytes; room is left for what is put before a name aside. */
enum { PART_MAX = 230, KEPT_MAX = 200 };

static bool is_dots(const char *s, size_t n)
{
	return n <= 2 && strspn(s, ".") >= n;
}

static bool is_plain(const char *s, size_t left)
{
	bool ambiguous = *s == '%' && left > 2 && isxdigit((unsigned char)s[1]) &&
		isxdigit((unsigned char)s[2]);
	return (unsigned char)*s >= ' ' && *s != 0x7f && *s != '\\' && !ambiguous;
}

static void put_part(const char *s, size_t n, struct buf *out)
{
	size_t from = out->len;
	bool dots = is_dots(s, n);
	if (!n)
		buf_adds(out, "%2F");
	for (size_t i = 0, len; i < n; i += len) {
		uint32_t code;
		len = text_utf8(s + i, n - i, &code);
		bool control = len == 2 && code < 0xa0;
		if (len && !dots && !control && is_plain(s + i, n - i))
			buf_add(out, s + i, len);
		else
			for (len = len ? len : 1, code = 0; code < len; code++)
				buf_printf(out, "%%%02X", (unsigned char)s[i + code]);
	}
	if (out->len - from <= PART_MAX)
		return;
	unsigned char digest[DIGEST_MAX];
	arena_auto a = {0};
	digest_bytes(DIGEST_SHA256, s, n, digest);
	size_t kept = from + KEPT_MAX;
	while (((unsigned char)out->data[kept] & 0xc0) == 0x80)
		kept--;
	buf_truncate(out, kept);
	buf_printf(out, "~%s", text_hex(&a, digest, 12));
}

char *beneath_path(struct arena *a, const char *name)
{
	buf_auto out = {0};
	for (const char *end;; name = end + 1) {
		end = strchrnul(name, '/');
		put_part(name, (size_t)(end - name), &out);
		if (!*end)
			return arena_strdup(a, buf_str(&out));
		buf_addc(&out, '/');
	}
}

static int open_folder(int dir, const char *name, bool make, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags);
	if (fd < 0 && errno == ENOENT && make) {
		if (mkdirat(dir, name, 0777) && errno != EEXIST)
			err_errno(err, ERR_IO, "make folder %s", name);
		else
			fd = openat(dir, name, flags);
	} else if (fd < 0 && errno == ENOENT) {
		err_errno(err, ERR_NOT_FOUND, "folder %s", name);
	}
	if (fd < 0 && !err->kind && (errno == ENOTDIR || errno == ELOOP))
		err_set(err, ERR_IO, "%s is in the way: a link, or no folder", name);
	else if (fd < 0 && !err->kind)
		err_errno(err, ERR_IO, "folder %s", name);
	return fd;
}

int beneath_open(int dir, const char *path, bool make, const char **ret_file, struct err *err)
{
	struct err why = {0};
	int at = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (at < 0)
		err_errno(&why, ERR_IO, "%s", path);
	for (const char *slash; at >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		char name[PART_MAX + 1] = "";
		size_t n = (size_t)(slash - path);
		if (n > PART_MAX) {
			err_set(&why, ERR_BUG, "a folder's name is too long: %s", path);
			close(at);
			at = -1;
			break;
		}
		memcpy(name, path, n);
		int next = open_folder(at, name, make, &why);
		close(at);
		at = next;
	}
	*ret_file = path;
	if (at < 0)
		*err = why;
	return at;
}
