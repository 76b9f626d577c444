/* Whose process is at the other end of a connection: /proc/net/tcp tells the user of each socket of this machine. */
#include "local/server/server_inside.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The lines of a table have addresses in hexadecimal, in memory's order, the last four bytes of an IPv6 one being those
   of IPv4. A socket that was closed has no inode any more, and the user 0. */
static bool find_in(const char *table, unsigned address, int port, int our_port, unsigned *ret_uid)
{
	char line[512], from[64];
	unsigned from_port, to_port, uid;
	unsigned long inode;
	bool found = false;
	FILE *f = fopen(table, "re");
	while (f && !found && fgets(line, sizeof line, f)) {
		if (sscanf(line, " %*d: %63[0-9A-F]:%x %*[0-9A-F]:%x %*x %*s %*s %*s %u %*s %lu",
			    from, &from_port, &to_port, &uid, &inode) != 5)
			continue;
		unsigned last = 0;
		size_t n = strlen(from);
		found = n >= 8 && sscanf(from + n - 8, "%x", &last) == 1 && last == address &&
			(int)from_port == port && (int)to_port == our_port && inode;
	}
	if (f)
		fclose(f);
	if (found)
		*ret_uid = uid;
	return found;
}

bool request_peer_is_ours(const struct request *r)
{
	const struct call *c = r->conn;
	struct sockaddr_in peer = {0};
	socklen_t n = sizeof peer;
	unsigned uid;
	if (!c->conn || getpeername(c->conn->fd, (struct sockaddr *)&peer, &n))
		return false;
	unsigned address = peer.sin_addr.s_addr;
	int port = ntohs(peer.sin_port), ours = c->server->port;
	return (find_in("/proc/net/tcp", address, port, ours, &uid) ||
		       find_in("/proc/net/tcp6", address, port, ours, &uid)) &&
		(uid == geteuid() || uid == 0);
}
