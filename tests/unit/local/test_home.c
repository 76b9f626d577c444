/* The home folder, its identity, its port, and who has a port. */
#include "../unit.h"
#include "base/fs.h"
#include "http/sign.h"
#include "local/home.h"
#include "local/life.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char folder[64];
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/weir-unit-home-XXXXXX");
	return !mkdtemp(folder);
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	arena_clear(&arena);
	return !fs_remove_tree(folder, &err);
}

static struct home_identity identity(void)
{
	struct home_identity id;
	struct err err;
	if (!home_identity_make(folder, &arena, &id, &err))
		fail_msg("%s", err.text);
	const struct identity_home own = home_own(&id);
	struct identity *all = identity_default(&own);
	if (!home_config_write(folder, all, &err))
		fail_msg("%s", err.text);
	identity_free(all);
	return id;
}

static void identity_is_made_once(void **state)
{
	(void)state;
	struct stat st;
	struct home_identity a = identity(), b = identity();
	assert_string_equal(a.tenancy, b.tenancy);
	assert_string_equal(a.user, b.user);
	assert_string_equal(a.fingerprint, b.fingerprint);
	assert_string_not_equal(a.tenancy + strlen("ocid1.tenancy"), a.user + strlen("ocid1.user"));
	assert_int_equal(strlen(a.tenancy), strlen("ocid1.tenancy.oc1..") + 60);
	assert_int_equal(EVP_PKEY_eq(a.key, b.key), 1);
	assert_int_equal(stat(fs_join(&arena, folder, "key.pem"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	EVP_PKEY_free(a.key);
	EVP_PKEY_free(b.key);
}

static void config_is_mended(void **state)
{
	(void)state;
	struct err err;
	struct home_identity id = identity();
	const char *path = fs_join(&arena, folder, "config");
	EVP_PKEY_free(id.key);
	assert_true(fs_write(path, "x", 1, 0600, &err));
	id = identity();
	buf_auto text = {0};
	assert_true(fs_read(path, &text, &err));
	assert_has(buf_str(&text), id.fingerprint);
	assert_has(buf_str(&text), arena_printf(&arena, "key_file=%s/key.pem\n", folder));
	EVP_PKEY_free(id.key);
}

static void port_is_kept(void **state)
{
	(void)state;
	struct err err;
	const char *path = fs_join(&arena, folder, "port");
	assert_int_equal(home_port(folder), 0);
	assert_true(home_port_keep(folder, 23456, &err));
	assert_int_equal(home_port(folder), 23456);
	static const char *const wrong[] = {"", "x", "0", "-1", "65536", "1 2"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_true(fs_write(path, wrong[i], strlen(wrong[i]), 0600, &err));
		assert_int_equal(home_port(folder), 0);
	}
}

static void home_is_ours_alone(void **state)
{
	(void)state;
	struct err err;
	struct stat st;
	const char *home = fs_join(&arena, folder, "a/b");
	assert_true(home_make(home, &err));
	assert_int_equal(chmod(home, 0755), 0);
	assert_true(home_make(home, &err));
	assert_int_equal(stat(home, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	char longer[500];
	memset(longer, 'x', sizeof longer - 1);
	longer[0] = '/';
	longer[sizeof longer - 1] = '\0';
	assert_false(home_make(longer, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
}

static void holder_of_a_port(void **state)
{
	(void)state;
	const char *who = NULL;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	assert_false(life_holder_of_port(ntohs(at.sin_port), &arena, &who));
	assert_int_equal(listen(fd, 1), 0);
	assert_true(life_holder_of_port(ntohs(at.sin_port), &arena, &who));
	assert_has(who, arena_printf(&arena, "process %d (", (int)getpid()));
	close(fd);
}

static void one_lock(void **state)
{
	(void)state;
	struct err err;
	struct node *told;
	assert_int_equal(life_look(folder, &arena, &told), LIFE_DOWN);
	int lock = life_lock(folder, &err);
	assert_in_range(lock, 0, 1000);
	assert_int_equal(life_look(folder, &arena, &told), LIFE_STARTING);
	assert_int_equal(life_lock(folder, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	struct node *n = node_map(&arena);
	node_put(&arena, n, "pid", node_int(&arena, 7));
	assert_true(life_state_write(folder, n, &err));
	assert_int_equal(life_look(folder, &arena, &told), LIFE_UP);
	assert_int_equal(life_state_pid(told), 7);
	close(lock);
	assert_int_equal(life_look(folder, &arena, &told), LIFE_DOWN);
	assert_null(told);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(identity_is_made_once),
		T(config_is_mended),
		T(port_is_kept),
		T(home_is_ours_alone),
		T(holder_of_a_port),
		T(one_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
