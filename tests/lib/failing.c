/*
 * A library to preload that lets calls of libc fail, for tests of what a program does then (machine.py writes its rules).
 *
 *	LD_PRELOAD=libfailing.so WEIR_FAILING=rules-file program
 *
 * The rules file is read anew at each call, so that a test changes it while the program runs; where there is none, nothing
 * fails. A line is a rule:
 *
 *	CALL ACTION NTH COUNT [TEXT]
 *
 * CALL: open, write, read, fsync, rename, truncate, mkdir, socket, connect, accept, send, recv, alloc, or clock. ACTION: the
 * number of an errno; `short`: one byte only; of clock: milliseconds that the wall clock is off. It acts on the NTH call
 * that matches, and on COUNT from there (0: all). TEXT must be in the path of the file. Each time a line is appended to
 * WEIR_FAILING.log: the call and the path. Counts start anew when the file has another text.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { RULES_MAX = 8, TEXT_MAX_BYTES = 2048, PASS = 0, SHORT = -1 };

static atomic_long seen[RULES_MAX];
static char last_text[TEXT_MAX_BYTES];
static atomic_flag lock = ATOMIC_FLAG_INIT;
static _Thread_local bool inside;

/* ---- no libc in here: what it would call may be ours ---- */

static long file_text(const char *path, char *out)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	long n = syscall(SYS_read, fd, out, TEXT_MAX_BYTES - 1);
	syscall(SYS_close, fd);
	out[n > 0 ? n : 0] = '\0';
	return n;
}

static void note(const char *rules, const char *call, const char *path)
{
	char name[512], line[1024];
	snprintf(name, sizeof name, "%s.log", rules);
	int n = snprintf(line, sizeof line, "%s %s\n", call, path);
	long fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	syscall(SYS_write, fd, line, n);
	syscall(SYS_close, fd);
}

/* Counts begin anew with another text. */
static void look_for_change(const char *text)
{
	while (atomic_flag_test_and_set(&lock))
		;
	if (strcmp(text, last_text) != 0) {
		strcpy(last_text, text);
		for (int i = 0; i < RULES_MAX; i++)
			atomic_store(&seen[i], 0);
	}
	atomic_flag_clear(&lock);
}

static int judge(const char *rules, char *text, const char *call, const char *path)
{
	int i = 0;
	for (char *line = text; line && *line && i < RULES_MAX; i++) {
		char name[32], action[32], in[256] = "";
		long nth, count;
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		int n = sscanf(line, "%31s %31s %ld %ld %255s", name, action, &nth, &count, in);
		line = end ? end + 1 : NULL;
		if (n < 4 || strcmp(name, call) != 0 || (*in && !strstr(path, in)))
			continue;
		long now = atomic_fetch_add(&seen[i], 1) + 1;
		if (now < nth || (count && now >= nth + count))
			continue;
		if (strcmp(call, "clock") != 0)
			note(rules, call, path);
		return !strcmp(action, "short") ? SHORT : atoi(action);
	}
	return PASS;
}

/* 0, SHORT, or an errno. */
static int fate(const char *call, const char *path)
{
	const char *rules = inside ? NULL : getenv("WEIR_FAILING");
	char text[TEXT_MAX_BYTES], before[TEXT_MAX_BYTES];
	int saved = errno, result = PASS;
	if (!rules)
		return PASS;
	inside = true;
	if (file_text(rules, text) > 0) {
		strcpy(before, text);
		look_for_change(before);
		result = judge(rules, text, call, path);
	}
	inside = false;
	errno = saved;
	return result;
}

static int fate_of(const char *call, int fd)
{
	char link[64], path[512];
	if (inside)
		return PASS;
	inside = true;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	long n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	inside = false;
	return *path == '/' ? fate(call, path) : PASS; /* no socket, pipe or eventfd */
}

/* ---- the calls ---- */

#define REAL(name, result, ...)                                           \
	static result (*real)(__VA_ARGS__);                               \
	if (!real)                                                        \
		*(void **)&real = dlsym(RTLD_NEXT, #name)
#define FAIL(what, value)               \
	do {                            \
		int why_ = (what);      \
		if (why_ > 0) {         \
			errno = why_;   \
			return (value); \
		}                       \
	} while (0)
#define FAIL_OR_SHORT(what, n)          \
	do {                            \
		int why_ = (what);      \
		if (why_ > 0) {         \
			errno = why_;   \
			return -1;      \
		}                       \
		if (why_ == SHORT && n) \
			n = 1;          \
	} while (0)

#define OPEN(name)                                                                 \
	int name(const char *path, int flags, ...)                                 \
	{                                                                          \
		REAL(name, int, const char *, int, ...);                           \
		va_list ap;                                                        \
		va_start(ap, flags);                                               \
		mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
		va_end(ap);                                                        \
		FAIL(fate("open", path), -1);                                      \
		return real(path, flags, mode);                                    \
	}
OPEN(open)
OPEN(open64)

#define TEMPORARY(name)                                    \
	int name(char *path, int flags)                    \
	{                                                  \
		REAL(name, int, char *, int);              \
		FAIL(fate("open", path), -1);              \
		return real(path, flags);                  \
	}
TEMPORARY(mkostemp)
TEMPORARY(mkostemp64)

#define BYTES(name, call, type)                            \
	ssize_t name(int fd, type buf, size_t n)           \
	{                                                  \
		REAL(name, ssize_t, int, type, size_t);    \
		FAIL_OR_SHORT(fate_of(call, fd), n);       \
		return real(fd, buf, n);                   \
	}
BYTES(write, "write", const void *)
BYTES(read, "read", void *)

#define BYTES_AT(name, call, type, offset_t)                         \
	ssize_t name(int fd, type buf, size_t n, offset_t at)        \
	{                                                            \
		REAL(name, ssize_t, int, type, size_t, offset_t);    \
		FAIL_OR_SHORT(fate_of(call, fd), n);                 \
		return real(fd, buf, n, at);                         \
	}
BYTES_AT(pwrite, "write", const void *, off_t)
BYTES_AT(pwrite64, "write", const void *, off64_t)
BYTES_AT(pread, "read", void *, off_t)
BYTES_AT(pread64, "read", void *, off64_t)

#define ON_FD(name, call)                             \
	int name(int fd)                              \
	{                                             \
		REAL(name, int, int);                 \
		FAIL(fate_of(call, fd), -1);          \
		return real(fd);                      \
	}
ON_FD(fsync, "fsync")
ON_FD(fdatasync, "fsync")

int rename(const char *from, const char *to)
{
	REAL(rename, int, const char *, const char *);
	FAIL(fate("rename", to), -1);
	return real(from, to);
}

#define TRUNCATE(name, offset_t)                         \
	int name(int fd, offset_t n)                     \
	{                                                \
		REAL(name, int, int, offset_t);          \
		FAIL(fate_of("truncate", fd), -1);       \
		return real(fd, n);                      \
	}
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int mkdir(const char *path, mode_t mode)
{
	REAL(mkdir, int, const char *, mode_t);
	FAIL(fate("mkdir", path), -1);
	return real(path, mode);
}

int socket(int domain, int type, int protocol)
{
	REAL(socket, int, int, int, int);
	FAIL(fate("socket", ""), -1);
	return real(domain, type, protocol);
}

int connect(int fd, const struct sockaddr *to, socklen_t n)
{
	REAL(connect, int, int, const struct sockaddr *, socklen_t);
	FAIL(fate("connect", ""), -1);
	return real(fd, to, n);
}

int accept4(int fd, struct sockaddr *from, socklen_t *n, int flags)
{
	REAL(accept4, int, int, struct sockaddr *, socklen_t *, int);
	FAIL(fate("accept", ""), -1);
	return real(fd, from, n, flags);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	REAL(send, ssize_t, int, const void *, size_t, int);
	FAIL_OR_SHORT(fate("send", ""), n);
	return real(fd, buf, n, flags);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	REAL(recv, ssize_t, int, void *, size_t, int);
	FAIL_OR_SHORT(fate("recv", ""), n);
	return real(fd, buf, n, flags);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	long result = syscall(SYS_clock_gettime, id, t);
	if (!result && id == CLOCK_REALTIME) {
		long off = fate("clock", "");
		t->tv_sec += off / 1000;
	}
	return (int)result;
}

/* dlsym allocates before it has told where malloc is. */
static char early[65536];
static size_t early_n;

static void *from_early(size_t n)
{
	n = (n + 15) & ~(size_t)15;
	if (early_n + n > sizeof early)
		abort();
	early_n += n;
	return early + early_n - n;
}

static void *(*real_calloc)(size_t, size_t);
static void *(*real_malloc)(size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

static bool find_allocators(void)
{
	static _Thread_local bool finding;
	if (real_free)
		return true;
	if (finding)
		return false;
	finding = true;
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	finding = false;
	return true;
}

static bool fails_to_allocate(void)
{
	return fate("alloc", "") > 0;
}

void *malloc(size_t n)
{
	if (!find_allocators())
		return from_early(n);
	return fails_to_allocate() ? NULL : real_malloc(n);
}

void *calloc(size_t count, size_t n)
{
	if (!find_allocators())
		return from_early(count * n);
	return fails_to_allocate() ? NULL : real_calloc(count, n);
}

void *realloc(void *p, size_t n)
{
	if (!find_allocators())
		return from_early(n);
	return fails_to_allocate() ? NULL : real_realloc(p, n);
}

void free(void *p)
{
	if ((char *)p >= early && (char *)p < early + sizeof early)
		return;
	if (find_allocators())
		real_free(p);
}
