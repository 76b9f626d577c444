/*
 * One error: a kind, which decides the exit status and whether a retry makes sense, and a text that each
 * layer wraps with what it was doing ("create application copy: POST ...: connection reset").
 *
 * A struct err is a plain value: it owns nothing, may be copied, and needs no clear. Functions that can
 * fail return false and fill it; they leave it alone on success. A text too long for it ends in "...".
 *
 *	struct err err;
 *	if (!fs_read(path, &buf, &err))
 *		return err_wrap(&err, "read script of %s", name);
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * KIND, name in JSON output, exit status (design: section "Plan, apply"), and whether the same request
 * may be sent again. Exit statuses: 1 file or command line, 3 service or machine, 4 conflict, 5 in part,
 * 6 run failed, 7 run cancelled or stopped, 70 a bug, 130 interrupted.
 */
#define ERR_KINDS(X)                                       \
	X(ERR_USAGE, "usage", 1, false)                    \
	X(ERR_SPEC, "spec", 1, false)                      \
	X(ERR_GUARD, "guard", 1, false)                    \
	X(ERR_CONFIG, "config", 3, false)                  \
	X(ERR_AUTH, "not-authenticated", 3, false)         \
	X(ERR_PERMISSION, "permission", 3, false)          \
	X(ERR_NOT_FOUND, "not-found", 3, false)            \
	X(ERR_INVALID, "invalid-request", 3, false)        \
	X(ERR_LIMIT, "limit", 3, false)                    \
	X(ERR_THROTTLED, "throttled", 3, true)             \
	X(ERR_NETWORK, "network", 3, true)                 \
	X(ERR_SERVICE, "service", 3, true)                 \
	X(ERR_INCORRECT_STATE, "incorrect-state", 3, true) \
	X(ERR_PROTOCOL, "protocol", 3, false)              \
	X(ERR_IO, "io", 3, false)                          \
	X(ERR_MISSING_TOOL, "missing-tool", 3, false)      \
	X(ERR_CONFLICT, "conflict", 4, false)              \
	X(ERR_PARTIAL, "partial", 5, false)                \
	X(ERR_RUN_FAILED, "run-failed", 6, false)          \
	X(ERR_RUN_STOPPED, "run-stopped", 7, false)        \
	X(ERR_BUG, "bug", 70, false)                       \
	X(ERR_INTERRUPTED, "interrupted", 130, false)

enum err_kind {
	ERR_NONE = 0,
#define X(kind, name, status, retry) kind,
	ERR_KINDS(X)
#undef X
};

struct err {
	enum err_kind kind;
	int http_status; /* of the service's reply; 0 if none */
	char code[64];   /* of the service's error body: "NotAuthorizedOrNotFound"; "" if none */
	bool maybe_done; /* what failed may have been done all the same: its reply was lost, and nobody could look */
	char text[2048]; /* for people: one line, or a few; no final newline */
};

/* Sets kind and text; all else becomes none. Always returns false. */
bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* As err_set, with ": strerror(errno)" behind the text. */
bool err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "context: " before the text. Always returns false. */
bool err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts a new line with advice behind the text. Always returns false. */
bool err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int err_exit_status(enum err_kind kind); /* 0 for ERR_NONE */
const char *err_kind_name(enum err_kind kind);
bool err_retryable(enum err_kind kind);

#endif
