/*
 * Files. Paths are relative to the working directory; errors name the path. Writes are whole or not at all:
 * to a temporary file beside the target, fsync, rename, fsync of the folder.
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* A descriptor to read a regular file (never a FIFO or device) by; -1 with ERR_IO. ret_stat may be NULL. */
int fs_open_regular(const char *path, struct stat *ret_stat, struct err *err);
/* Appends the file to buf; ERR_IO if it is unreadable, no regular file, or larger than the room in buf. */
bool fs_read(const char *path, struct buf *buf, struct err *err);
/* The file gets exactly this mode, whatever the umask. */
bool fs_write(const char *path, const void *bytes, size_t n, mode_t mode, struct err *err);
/* What a new file of the user's gets: 0666, less the umask. Of one thread. */
mode_t fs_new_mode(void);
/* mkdir -p; mode is for those made. */
bool fs_mkdirs(const char *path, mode_t mode, struct err *err);
/* rm -r, not following links; a path that is not there is fine. */
bool fs_remove_tree(const char *path, struct err *err);
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* a/b; b alone when it is absolute or a is "." or ""; "~" and "~/x" are expanded in b. */
char *fs_join(struct arena *a, const char *dir, const char *path);
char *fs_expand_home(struct arena *a, const char *path);
const char *fs_basename(const char *path); /* what follows the last "/" */
/* One part of a path made of a name that may be anything: no "/", no leading ".", nothing that a terminal would obey, valid
   UTF-8, at most max bytes and at least one. */
char *fs_safe_name(struct arena *a, const char *name, size_t max);
char *fs_dirname(struct arena *a, const char *path);
/* Absolute, links resolved; NULL with err if it does not exist. */
char *fs_real(struct arena *a, const char *path, struct err *err);
/* fsync of a folder, so that a rename in it is durable. */
bool fs_sync_dir(const char *dir, struct err *err);
/* pread(2) until all n bytes are there. False with errno: EIO where the file is shorter. */
bool fs_read_at(int fd, void *out, size_t n, uint64_t at);
/* write(2) until all n bytes are out. */
bool fs_write_all(int fd, const void *bytes, size_t n, struct err *err);
/* Reads to the end of one and writes it to the other. */
bool fs_copy_all(int from, int to, struct err *err);

static inline void fs_close_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
/* A descriptor that closes itself at the end of its scope; -1 is none. */
#define fd_auto __attribute__((cleanup(fs_close_cleanup))) int

#endif
