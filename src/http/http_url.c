#include "http/http_url.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

static bool host_name(const char *host, size_t n)
{
	if (!n)
		return false;
	if (*host == '[')
		return n > 2 && host[n - 1] == ']' &&
			strspn(host + 1, "0123456789abcdefABCDEF:.") == n - 2;
	for (size_t i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
			    host[i]))
			return false;
	return true;
}

/* This machine, or what only this machine reaches: the metadata service of an instance, which has no https. */
static bool is_near(const char *host, size_t n)
{
	static const char *const names[] = {
		"127.0.0.1", "[::1]", "localhost", "169.254.169.254", "[fd00:c1::a9fe:a9fe]"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && !strncasecmp(names[i], host, n))
			return true;
	return false;
}

static bool port(const char *s)
{
	int64_t v;
	return text_i64(s, &v) && v > 0 && v < 65536;
}

/* Splits host[:port], without the colons of an IPv6 address. */
static bool authority(const char *s, size_t *ret_host_n)
{
	const char *bracket = strchr(s, ']'), *colon = strchr(bracket ? bracket : s, ':');
	size_t n = colon ? (size_t)(colon - s) : strlen(s);
	if (!host_name(s, n) || (colon && !port(colon + 1)))
		return false;
	*ret_host_n = n;
	return true;
}

/* libcurl and the signature would disagree on anything that needs encoding. */
static bool plain(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s == 0x7f || *s == '#')
			return false;
	return true;
}

bool http_url_parse(const char *url, struct arena *a, struct http_url *ret, struct err *err)
{
	bool https = !strncasecmp(url, "https://", 8);
	if ((!https && strncasecmp(url, "http://", 7)) || !plain(url))
		return err_set(err, ERR_CONFIG, "not a URL that can be sent: %s", url);
	const char *start = url + (https ? 8 : 7);
	size_t n = strcspn(start, "/?"), host_n;
	char *host = arena_strndup(a, start, n);
	if (!authority(host, &host_n))
		return err_set(err, ERR_CONFIG, "no host and port in the URL %s", url);
	bool near = is_near(host, host_n);
	if (!https && !near)
		return err_set(
			err, ERR_CONFIG, "%s: http is for this machine only; use https", url);
	const char *target = start + n;
	ret->host = host;
	ret->near = near;
	ret->target = *target == '/' ? arena_strdup(a, target) : arena_printf(a, "/%s", target);
	return true;
}
