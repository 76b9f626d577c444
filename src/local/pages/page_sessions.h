/*
 * Who looks at the pages: a browser cannot sign, so a signed request gets a one-time address, and opening that begins a
 * session, which the browser's cookie stands for.
 *
 *	token = page_sessions_invite(s, user, "/ui/runs/...", now, a);      into the address; holds for a minute, once
 *	cookie = page_sessions_enter(s, token, now, a, &page);              the session, for PAGE_SESSION_MS
 *	page_sessions_find(s, cookie, now, a, &session);
 *
 * All is in memory, of tokens and cookies only their SHA-256. A user has at most PAGE_OF_USER_MAX of each, all users
 * together PAGE_SESSIONS_MAX: the oldest gives way. Times are of the monotonic clock. Used by many threads at once.
 */
#ifndef LOCAL_PAGE_SESSIONS_H
#define LOCAL_PAGE_SESSIONS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PAGE_INVITE_MS = 60 * 1000,
	PAGE_SESSION_MS = 12 * 3600 * 1000,
	PAGE_OF_USER_MAX = 16,
	PAGE_SESSIONS_MAX = 128,
	PAGE_SECRET_SIZE = 32, /* bytes; 43 characters of base64url */
};

struct page_sessions;
struct page_sessions *page_sessions_new(void);
void page_sessions_free(struct page_sessions *s);

/* A token for the user (OCID), who will be led to that page. */
const char *page_sessions_invite(
	struct page_sessions *s, const char *user, const char *page, int64_t now, struct arena *a);
/* The cookie's value, and the page; NULL for a token that is unknown, was used, or is too old. */
const char *page_sessions_enter(struct page_sessions *s, const char *token, int64_t now,
	struct arena *a, const char **ret_page);

struct page_session {
	const char *user;
	unsigned char secret[PAGE_SECRET_SIZE];
};
bool page_sessions_find(struct page_sessions *s, const char *cookie, int64_t now, struct arena *a,
	struct page_session *ret);
void page_sessions_leave(struct page_sessions *s, const char *cookie);

/* What a form of that session must send with a change to be made at path: good for no other path or session. */
const char *page_session_csrf(const struct page_session *s, const char *path, struct arena *a);

#endif
