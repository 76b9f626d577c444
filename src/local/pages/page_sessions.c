#include "local/pages/page_sessions.h"

#include "base/digest.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* An invitation or a session. */
struct entry {
	unsigned char digest[DIGEST_MAX]; /* of token or cookie */
	char *user, *page; /* owned; user NULL: a free place; page: of an invitation */
	unsigned char secret[PAGE_SECRET_SIZE]; /* of a session */
	int64_t began, ends;
};
struct page_sessions {
	pthread_mutex_t lock;
	struct entry invitations[PAGE_SESSIONS_MAX], sessions[PAGE_SESSIONS_MAX];
};

struct page_sessions *page_sessions_new(void)
{
	struct page_sessions *s = xalloc(sizeof *s);
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void forget(struct entry *e)
{
	free(e->user);
	free(e->page);
	OPENSSL_cleanse(e, sizeof *e);
}

void page_sessions_free(struct page_sessions *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < PAGE_SESSIONS_MAX; i++) {
		forget(&s->invitations[i]);
		forget(&s->sessions[i]);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void digest_of(const char *secret, unsigned char out[static DIGEST_MAX])
{
	digest_bytes(DIGEST_SHA256, secret, strlen(secret), out);
}

static const char *new_secret(struct arena *a)
{
	unsigned char random[PAGE_SECRET_SIZE];
	if (RAND_bytes(random, sizeof random) != 1)
		abort();
	return text_base64url(a, random, sizeof random);
}

static struct entry *find(struct entry *entries, const char *secret, int64_t now)
{
	unsigned char digest[DIGEST_MAX];
	digest_of(secret, digest);
	for (struct entry *e = entries; e < entries + PAGE_SESSIONS_MAX; e++)
		if (e->user && now < e->ends && !CRYPTO_memcmp(e->digest, digest, DIGEST_MAX))
			return e;
	return NULL;
}

/* A free place, or that of the oldest: of the user's where they have as many as they may. */
static struct entry *place_for(struct entry *entries, const char *user, int64_t now)
{
	struct entry *none = NULL, *oldest = entries, *own = NULL;
	int count = 0;
	for (struct entry *e = entries; e < entries + PAGE_SESSIONS_MAX; e++) {
		if (e->user && now >= e->ends)
			forget(e);
		if (!e->user) {
			none = e;
			continue;
		}
		if (e->began < oldest->began)
			oldest = e;
		if (strcmp(e->user, user) != 0)
			continue;
		count++;
		if (!own || e->began < own->began)
			own = e;
	}
	return count >= PAGE_OF_USER_MAX ? own : none ? none : oldest;
}

static struct entry *take_place(
	struct entry *entries, const char *user, const char *secret, int64_t now, int64_t lasts)
{
	struct entry *e = place_for(entries, user, now);
	forget(e);
	e->user = xstrdup(user);
	e->began = now;
	e->ends = now + lasts;
	digest_of(secret, e->digest);
	return e;
}

const char *page_sessions_invite(
	struct page_sessions *s, const char *user, const char *page, int64_t now, struct arena *a)
{
	const char *token = new_secret(a);
	pthread_mutex_lock(&s->lock);
	struct entry *e = take_place(s->invitations, user, token, now, PAGE_INVITE_MS);
	e->page = xstrdup(page);
	pthread_mutex_unlock(&s->lock);
	return token;
}

const char *page_sessions_enter(struct page_sessions *s, const char *token, int64_t now,
	struct arena *a, const char **ret_page)
{
	const char *cookie = NULL;
	pthread_mutex_lock(&s->lock);
	struct entry *invitation = find(s->invitations, token, now);
	if (invitation) {
		cookie = new_secret(a);
		struct entry *e =
			take_place(s->sessions, invitation->user, cookie, now, PAGE_SESSION_MS);
		if (RAND_bytes(e->secret, sizeof e->secret) != 1)
			abort();
		*ret_page = arena_strdup(a, invitation->page);
		forget(invitation);
	}
	pthread_mutex_unlock(&s->lock);
	return cookie;
}

bool page_sessions_find(struct page_sessions *s, const char *cookie, int64_t now, struct arena *a,
	struct page_session *ret)
{
	pthread_mutex_lock(&s->lock);
	struct entry *e = find(s->sessions, cookie, now);
	if (e) {
		ret->user = arena_strdup(a, e->user);
		memcpy(ret->secret, e->secret, sizeof ret->secret);
	}
	pthread_mutex_unlock(&s->lock);
	return e;
}

void page_sessions_leave(struct page_sessions *s, const char *cookie)
{
	pthread_mutex_lock(&s->lock);
	struct entry *e = find(s->sessions, cookie, INT64_MIN);
	if (e)
		forget(e);
	pthread_mutex_unlock(&s->lock);
}

const char *page_session_csrf(const struct page_session *s, const char *path, struct arena *a)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (!HMAC(EVP_sha256(), s->secret, sizeof s->secret, (const unsigned char *)path,
		    strlen(path), sum, &n))
		abort();
	return text_base64url(a, sum, n);
}
