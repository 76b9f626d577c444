#include "base/jwt.h"

#include "base/text.h"

#include <string.h>

bool jwt_split(struct arena *a, const char *token, struct jwt *ret)
{
	unsigned char *parts[3];
	size_t sizes[3], signed_n = 0;
	const char *at = token;
	for (int i = 0; i < 3; i++) {
		size_t n = strcspn(at, ".");
		if (!n || at[n] != (i < 2 ? '.' : 0) ||
			!text_unbase64url(a, at, n, &parts[i], &sizes[i]))
			return false;
		if (i == 1)
			signed_n = (size_t)(at - token) + n;
		at += n + 1;
	}
	*ret = (struct jwt){.header = (char *)parts[0],
		.header_n = sizes[0],
		.payload = (char *)parts[1],
		.payload_n = sizes[1],
		.signed_n = signed_n,
		.signature = parts[2],
		.signature_n = sizes[2]};
	return true;
}
