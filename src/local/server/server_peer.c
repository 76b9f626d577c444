/*
 * Whose process is at the other end of a connection. The kernel knows the user of each socket of this machine, and tells
 * everybody: sock_diag(7) of the one that is asked for, /proc/net/tcp of all, line by line, where sock_diag is not there.
 */
#include "local/server/server_inside.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The other end's socket: its address as ours names it, and what is found out. A socket that was closed has no inode any
   more, and the user 0. */
struct peer {
	struct sockaddr_in theirs, ours;
	unsigned uid;
	unsigned long inode;
};

static bool ask(int fd, const struct peer *p)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} q = {.head = {.nlmsg_len = sizeof q,
		       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		       .nlmsg_flags = NLM_F_REQUEST},
		.body = {.sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~0u,
			.id = {.idiag_sport = p->theirs.sin_port,
				.idiag_dport = p->ours.sin_port,
				.idiag_src = {p->theirs.sin_addr.s_addr},
				.idiag_dst = {p->ours.sin_addr.s_addr},
				.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
	return send(fd, &q, sizeof q, 0) == (ssize_t)sizeof q;
}

/* False where the kernel has no answer at all; one that there is no such socket leaves it as it is. */
static bool find_by_diag(struct peer *p)
{
	union {
		struct nlmsghdr head;
		char bytes[1024];
	} reply;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return false;
	ssize_t n = ask(fd, p) ? TEMP_FAILURE_RETRY(recv(fd, &reply, sizeof reply, 0)) : -1;
	close(fd);
	if (n < (ssize_t)sizeof reply.head || !NLMSG_OK(&reply.head, (unsigned)n))
		return false;
	if (reply.head.nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(&reply.head);
		return error->error == -ENOENT;
	}
	if (reply.head.nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
		return false;
	const struct inet_diag_msg *socket = NLMSG_DATA(&reply.head);
	p->uid = socket->idiag_uid;
	p->inode = socket->idiag_inode;
	return true;
}

/* The lines have addresses in hexadecimal, in memory's order, the last four bytes of an IPv6 one being those of IPv4. */
static bool find_in(const char *table, struct peer *p)
{
	char line[512], from[64];
	unsigned from_port, to_port, uid, last;
	unsigned long inode;
	bool found = false;
	FILE *f = fopen(table, "re");
	while (f && !found && fgets(line, sizeof line, f)) {
		if (sscanf(line, " %*d: %63[0-9A-F]:%x %*[0-9A-F]:%x %*x %*s %*s %*s %u %*s %lu",
			    from, &from_port, &to_port, &uid, &inode) != 5)
			continue;
		size_t n = strlen(from);
		found = n >= 8 && sscanf(from + n - 8, "%x", &last) == 1 &&
			last == p->theirs.sin_addr.s_addr &&
			from_port == ntohs(p->theirs.sin_port) &&
			to_port == ntohs(p->ours.sin_port);
	}
	if (f)
		fclose(f);
	if (found) {
		p->uid = uid;
		p->inode = inode;
	}
	return found;
}

bool request_peer_is_ours(const struct request *r)
{
	const struct call *c = r->conn;
	struct peer p = {.inode = 0};
	socklen_t n = sizeof p.theirs, m = sizeof p.ours;
	if (!c->conn || getpeername(c->conn->fd, (struct sockaddr *)&p.theirs, &n) ||
		getsockname(c->conn->fd, (struct sockaddr *)&p.ours, &m))
		return false;
	if (!find_by_diag(&p) && !find_in("/proc/net/tcp", &p))
		find_in("/proc/net/tcp6", &p);
	return p.inode && (p.uid == geteuid() || p.uid == 0);
}
