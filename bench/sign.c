/*
 * What OpenSSL needs for that many signatures, one after the other: the floor under anything that sends so many signed
 * requests.
 *
 *	bench_sign KEY.pem COUNT     prints seconds
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int sign(EVP_PKEY *key, long number)
{
	char text[256];
	unsigned char signature[1024];
	size_t n = sizeof signature;
	int len = snprintf(text, sizeof text,
		"date: Wed, 25 Nov 2026 12:00:00 GMT\n(request-target): get /20200129/applications/%ld\n"
		"host: dataflow.us-ashburn-1.oci.oraclecloud.com",
		number);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestSign(ctx, signature, &n, (unsigned char *)text, (size_t)len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	FILE *f = count > 0 ? fopen(argv[1], "r") : NULL;
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	if (!key) {
		fputs("usage: bench_sign KEY.pem COUNT\n", stderr);
		return 1;
	}
	double began = now();
	for (long i = 0; i < count; i++)
		if (!sign(key, i))
			return 1;
	printf("%.4f\n", now() - began);
	return 0;
}
