#include "local/runner/cluster.h"

#include "base/fs.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define SCHEME "spark://"
enum { CONNECT_MS = 3000 };

/* "127.0.0.1:7077" or "localhost:7077"; false for any other host, and for several. */
static bool parse(const char *master, struct sockaddr_in *ret)
{
	arena_auto a = {0};
	const char *colon = strrchr(master, ':');
	int64_t port;
	if (!text_starts(master, SCHEME) || colon < master + strlen(SCHEME) ||
		!text_i64(colon + 1, &port) || port < 1 || port > 65535)
		return false;
	const char *host = master + strlen(SCHEME);
	host = arena_strndup(&a, host, (size_t)(colon - host));
	*ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	return inet_pton(AF_INET, text_equal(host, "localhost") ? "127.0.0.1" : host,
		       &ret->sin_addr) == 1 &&
		ntohl(ret->sin_addr.s_addr) >> 24 == 127;
}

bool cluster_is_master(const char *master, struct err *err)
{
	struct sockaddr_in to;
	if (text_equal(master, CLUSTER_NONE) || parse(master, &to))
		return true;
	err_set(err, ERR_USAGE, "`%s` is no Spark master of this machine", master);
	return err_hint(err,
		"--spark-master takes spark://127.0.0.1:PORT, the address of a standalone master on "
		"loopback, or `" CLUSTER_NONE "` for none");
}

/* 0, or why not. */
static int connect_within(int fd, const struct sockaddr_in *to)
{
	struct pollfd on = {.fd = fd, .events = POLLOUT};
	int why = 0;
	socklen_t size = sizeof why;
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (poll(&on, 1, CONNECT_MS) != 1)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) ? errno : why;
}

bool cluster_answers(const char *master, struct err *err)
{
	struct sockaddr_in to;
	if (!parse(master, &to))
		return cluster_is_master(master, err);
	fd_auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, ERR_IO, "a socket");
	int why = connect_within(fd, &to);
	if (!why)
		return true;
	err_set(err, ERR_SERVICE, "no Spark master answers at %s: %s", master, strerror(why));
	return err_hint(err,
		"start it, or leave the cluster: `weir local down`, then `weir local up "
		"--spark-master " CLUSTER_NONE "`");
}

static char *kept_file(struct arena *a, const char *home)
{
	return fs_join(a, home, "spark-master");
}

const char *cluster_kept(struct arena *a, const char *home)
{
	buf_auto text = {.max = 1024};
	struct err ignored;
	if (!fs_read(kept_file(a, home), &text, &ignored))
		return NULL;
	if (text.len && text.data[text.len - 1] == '\n')
		buf_truncate(&text, text.len - 1);
	const char *master = arena_strdup(a, buf_str(&text));
	return cluster_is_master(master, &ignored) && strcmp(master, CLUSTER_NONE) ? master : NULL;
}

bool cluster_keep(const char *home, const char *master, struct err *err)
{
	arena_auto a = {0};
	const char *file = kept_file(&a, home);
	const char *text = arena_printf(&a, "%s\n", master);
	if (text_equal(master, CLUSTER_NONE))
		return fs_remove_tree(file, err);
	return fs_write(file, text, strlen(text), 0600, err);
}
