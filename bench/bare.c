/*
 * The least that a server which lets in only signed requests can do: libmicrohttpd with as many threads as weir-local
 * takes, each GET's signature verified, a fixed reply. What weir-local is measured against in bench/run.
 *
 *	bench_bare KEY.pem BYTES     prints its port, serves until its stdin ends
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static EVP_PKEY *key;
static struct MHD_Response *reply, *refusal;

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

struct request {
	int begun;
	char target[512];
};

/* Called with the raw target; what it returns comes back as the request's own. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
	(void)cls, (void)c;
	struct request *r = malloc(sizeof *r);
	r->begun = 0;
	snprintf(r->target, sizeof r->target, "%s", target);
	return r;
}

static void on_completed(
	void *cls, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode code)
{
	(void)cls, (void)c, (void)code;
	free(*request);
}

static int signature_of(const char *authorization, unsigned char *out)
{
	const char *at = authorization ? strstr(authorization, "signature=\"") : NULL;
	const char *end = at ? strchr(at += 11, '"') : NULL;
	if (!end || end - at > 512 || (end - at) % 4)
		return -1;
	int n = EVP_DecodeBlock(out, (const unsigned char *)at, (int)(end - at));
	return n - (end[-1] == '=') - (end[-2] == '=');
}

static int is_signed(struct MHD_Connection *c, const char *target)
{
	char text[1024];
	unsigned char signature[512];
	const char *date = header(c, "date"), *host = header(c, "host");
	int n = signature_of(header(c, "authorization"), signature);
	if (!date || !host || n < 0)
		return 0;
	int len = snprintf(text, sizeof text, "date: %s\n(request-target): get %s\nhost: %s", date,
		target, host);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = len < (int)sizeof text &&
		EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(
			ctx, signature, (size_t)n, (const unsigned char *)text, (size_t)len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *bytes, size_t *n, void **request)
{
	(void)cls, (void)url, (void)method, (void)version, (void)bytes, (void)n;
	struct request *r = *request;
	if (!r->begun++) /* a reply now would close the connection */
		return MHD_YES;
	return is_signed(c, r->target) ? MHD_queue_response(c, 200, reply)
				       : MHD_queue_response(c, 401, refusal);
}

static struct MHD_Daemon *serve(int *ret_port)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = cores < 2 ? 2 : cores > 8 ? 8 : (unsigned)cores;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, 256) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		return NULL;
	*ret_port = ntohs(at.sin_port);
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_access, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, threads,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
	int port;
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	FILE *f = size ? fopen(argv[1], "r") : NULL;
	key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	char *body = calloc(1, size + 1);
	if (!key || !body) {
		fputs("usage: bench_bare KEY.pem BYTES\n", stderr);
		return 1;
	}
	reply = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_PERSISTENT);
	refusal = MHD_create_response_from_buffer(0, body, MHD_RESPMEM_PERSISTENT);
	struct MHD_Daemon *daemon = serve(&port);
	if (!daemon) {
		perror("bench_bare");
		return 1;
	}
	printf("%d\n", port);
	fflush(stdout);
	while (getchar() != EOF)
		;
	MHD_stop_daemon(daemon);
	return 0;
}
