/*
 * Bytes on a connection to weir-local, the real server with libmicrohttpd in this process: whatever they are, what comes
 * back is whole replies of 4xx, since nobody signed anything, and the server goes on. @HOST@ stands for its address.
 */
#include "fuzz.h"

#include "base/fs.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/server/server_inside.h"
#include "local/store/store.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

enum { REPLY_MS = 4 };

static struct service service = {.tenancy = "ocid1.tenancy.oc1..t",
	.user = "ocid1.user.oc1..u",
	.fingerprint = "aa",
	.ns = "ns",
	.region = "us-ashburn-1",
	.clock = &clock_system};

static struct identity *identity;
static struct identity_box box;

static void end(void)
{
	server_stop(service.server);
	store_close(service.store);
	identity_free(identity);
}

static void start(void)
{
	struct err err;
	const struct server_options o = {.request_ms = 60 * 1000};
	if (service.server)
		return;
	signal(SIGPIPE, SIG_IGN);
	service.home = fuzz_folder();
	EVP_PKEY *key = EVP_RSA_gen(1024);
	identity = identity_default(&(struct identity_home){.tenancy = service.tenancy,
		.user = service.user,
		.fingerprint = service.fingerprint,
		.ns = service.ns,
		.key = key});
	EVP_PKEY_free(key);
	identity->tenancies[0].service = &service;
	atomic_store(&box.now, identity);
	service.identity = &box;
	service.store = store_open(service.home, &err);
	FUZZ_CHECK(service.store, "%s", err.text);
	service.server = server_start(&service, &o, &err);
	FUZZ_CHECK(service.server, "%s", err.text);
	FUZZ_CHECK(server_open(service.server, &err), "%s", err.text);
	atexit(end);
}

static int connected(void)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)server_port(service.server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	/* A reset, so that no port waits for two minutes. */
	const struct linger at_once = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FUZZ_CHECK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	FUZZ_CHECK(!connect(fd, (const struct sockaddr *)&at, sizeof at));
	return fd;
}

static void put_host(const uint8_t *data, size_t n, struct buf *out)
{
	const char *at = (const char *)data, *stop = at + n;
	while (at < stop) {
		const char *host = memmem(at, (size_t)(stop - at), "@HOST@", 6);
		buf_add(out, at, (size_t)((host ? host : stop) - at));
		at = host ? host + 6 : stop;
		if (host)
			buf_printf(out, "127.0.0.1:%d", server_port(service.server));
	}
}

static void talk(const struct buf *sent, struct buf *got)
{
	fd_auto fd = connected();
	char bytes[16 * 1024];
	ssize_t n;
	for (size_t at = 0; at < sent->len; at += (size_t)n)
		if ((n = send(fd, sent->data + at, sent->len - at, MSG_NOSIGNAL)) <= 0)
			break;
	shutdown(fd, SHUT_WR);
	/* A request that is not whole has no reply: the server gives it up after half a second, we at once. */
	struct pollfd p = {.fd = fd, .events = POLLIN};
	while (poll(&p, 1, REPLY_MS) > 0 && (n = recv(fd, bytes, sizeof bytes, 0)) > 0)
		buf_add(got, bytes, (size_t)n);
}

static bool is_refusal(const char *status)
{
	return *status == '4' || text_starts(status, "100") || text_starts(status, "501") ||
		text_starts(status, "505");
}

/* No body has a status line in it: JSON has no line ends, libmicrohttpd's own pages have none of ours. */
static void check_replies(const char *at)
{
	static const char version[] = "HTTP/1.1 ";
	FUZZ_CHECK(text_starts(at, version) || text_starts(at, "HTTP/1.0 "), "%s", at);
	for (const char *line = at; (line = strstr(line, version)); line++)
		FUZZ_CHECK(is_refusal(line + strlen(version)), "%s", line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	buf_auto sent = {0}, got = {0};
	start();
	put_host(data, n, &sent);
	talk(&sent, &got);
	if (got.len)
		check_replies(got.data);
	return 0;
}
