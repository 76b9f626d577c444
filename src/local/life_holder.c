/* Who has a port: /proc/net/tcp names the inode of the socket, a descriptor of its process points to it. */
#include "base/fs.h"
#include "local/life.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

enum { TCP_LISTENS = 0x0a };

static unsigned long inode_of_listener(int port)
{
	unsigned long inode, found = 0;
	unsigned local_port, state;
	char line[512];
	FILE *f = fopen("/proc/net/tcp", "re");
	while (f && !found && fgets(line, sizeof line, f)) {
		int n = sscanf(line, " %*d: %*x:%x %*x:%*x %x %*s %*s %*s %*s %*s %lu", &local_port,
			&state, &inode);
		if (n == 3 && state == TCP_LISTENS && (int)local_port == port)
			found = inode;
	}
	if (f)
		fclose(f);
	return found;
}

static bool has_descriptor(const char *pid, const char *socket)
{
	char path[64], link[64];
	snprintf(path, sizeof path, "/proc/%.16s/fd", pid);
	DIR *dir = opendir(path);
	bool found = false;
	for (struct dirent *e; dir && !found && (e = readdir(dir));) {
		snprintf(path, sizeof path, "/proc/%.16s/fd/%.16s", pid, e->d_name);
		ssize_t n = readlink(path, link, sizeof link - 1);
		link[n > 0 ? n : 0] = '\0';
		found = !strcmp(link, socket);
	}
	if (dir)
		closedir(dir);
	return found;
}

static const char *name_of(const char *pid, struct arena *a)
{
	buf_auto text = {.max = 256};
	struct err ignored;
	if (!fs_read(arena_printf(a, "/proc/%.16s/comm", pid), &text, &ignored))
		return "?";
	return arena_strndup(a, buf_str(&text), strcspn(buf_str(&text), "\n"));
}

bool life_holder_of_port(int port, struct arena *a, const char **ret_who)
{
	unsigned long inode = inode_of_listener(port);
	const char *socket = arena_printf(a, "socket:[%lu]", inode);
	const char *found = NULL;
	DIR *dir = inode ? opendir("/proc") : NULL;
	for (struct dirent *e; dir && !found && (e = readdir(dir));)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && has_descriptor(e->d_name, socket))
			found = arena_strdup(a, e->d_name);
	if (dir)
		closedir(dir);
	if (found)
		*ret_who = arena_printf(a, "process %s (%s)", found, name_of(found, a));
	return found != NULL;
}
