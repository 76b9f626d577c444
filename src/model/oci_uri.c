#include "model/oci_uri.h"

#include "base/text.h"

#include <string.h>

#define SCHEME "oci://"

static bool each_in(const char *s, size_t n, const char *more)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		bool letter =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && (!c || !strchr(more, c)))
			return false;
	}
	return true;
}

static bool bucket_ok(const char *s, size_t n)
{
	return n >= 1 && n <= 256 && each_in(s, n, "._-");
}

bool bucket_name_ok(const char *s)
{
	return bucket_ok(s, strlen(s));
}

bool object_name_ok(const char *s)
{
	size_t n = strlen(s);
	return n >= 1 && n <= 1024 && !strpbrk(s, "\r\n") && text_is_utf8(s, n);
}

/* The three parts as places in s; object is "" for a bucket. */
struct parts {
	const char *bucket, *ns, *object;
	size_t bucket_n, ns_n;
};

static bool split(const char *s, struct parts *ret)
{
	if (!text_starts(s, SCHEME))
		return false;
	struct parts p = {.bucket = s + strlen(SCHEME)};
	p.bucket_n = strcspn(p.bucket, "@/");
	if (p.bucket[p.bucket_n] != '@' || !bucket_ok(p.bucket, p.bucket_n))
		return false;
	p.ns = p.bucket + p.bucket_n + 1;
	p.ns_n = strcspn(p.ns, "/");
	if (!p.ns_n || !each_in(p.ns, p.ns_n, "._-"))
		return false;
	p.object = p.ns + p.ns_n;
	if (*p.object == '/')
		p.object++;
	if (*p.object == '/' || (*p.object && !object_name_ok(p.object)))
		return false;
	*ret = p;
	return true;
}

bool oci_uri_parse(const char *s, struct arena *a, struct oci_uri *ret)
{
	struct parts p;
	if (!split(s, &p))
		return false;
	ret->bucket = arena_strndup(a, p.bucket, p.bucket_n);
	ret->ns = arena_strndup(a, p.ns, p.ns_n);
	ret->object = arena_strdup(a, p.object);
	return true;
}

char *oci_uri_format(struct arena *a, const char *bucket, const char *ns, const char *object)
{
	return arena_printf(a, SCHEME "%s@%s/%s", bucket, ns, object ? object : "");
}

bool oci_uri_ok(const char *s)
{
	struct parts p;
	return split(s, &p) && *p.object;
}

bool oci_uri_bucket_ok(const char *s)
{
	struct parts p;
	return split(s, &p);
}

const char *oci_uri_canon(struct arena *a, const char *s)
{
	struct parts p;
	if (!split(s, &p) || *p.object || text_ends(s, "/"))
		return s;
	return arena_printf(a, "%s/", s);
}

bool oci_uri_list_ok(const char *s)
{
	arena_auto a = {0};
	for (const char *comma; (comma = strchr(s, ',')); s = comma + 1)
		if (!oci_uri_ok(arena_strndup(&a, s, (size_t)(comma - s))))
			return false;
	return oci_uri_ok(s);
}
