/* The main of a fuzz target without libFuzzer: gives it each file named, and each file of a folder named. */
#include "fuzz.h"

#include "base/fs.h"

#include <dirent.h>
#include <string.h>

static size_t replayed;

static void one(const char *path)
{
	struct buf bytes = {0};
	struct err err;
	fprintf(stderr, "%s\n", path);
	FUZZ_CHECK(fs_read(path, &bytes, &err), "%s", err.text);
	/* Exactly its bytes, so that a sanitizer sees a look behind them. */
	uint8_t *exact = xalloc(bytes.len);
	if (bytes.len)
		memcpy(exact, bytes.data, bytes.len);
	LLVMFuzzerTestOneInput(exact, bytes.len);
	free(exact);
	buf_clear(&bytes);
	replayed++;
}

static void all_of(const char *path)
{
	struct dirent **v;
	int n = scandir(path, &v, NULL, alphasort);
	FUZZ_CHECK(n >= 0, "%s", path);
	for (int i = 0; i < n; i++) {
		arena_auto a = {0};
		if (v[i]->d_name[0] != '.')
			one(fs_join(&a, path, v[i]->d_name));
		free(v[i]);
	}
	free(v);
}

int main(int argc, char **argv)
{
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		if (fs_is_dir(argv[i]))
			all_of(argv[i]);
		else
			one(argv[i]);
	}
	fprintf(stderr, "%zu inputs replayed\n", replayed);
	return replayed ? 0 : 1;
}
