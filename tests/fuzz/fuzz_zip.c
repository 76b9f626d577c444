/*
 * A dependency archive that somebody else made, unpacked into a run's folder: whatever it says, there is nothing new but
 * in that folder, and in it only plain files and folders. (What it may become is bounded by the limit on files, so that
 * the target does not fill the machine.)
 */
#include "fuzz.h"

#include "base/fs.h"
#include "local/runner/runner_archive.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { FILE_MAX = 256 << 10 };

static void limit_files(void)
{
	const struct rlimit limit = {FILE_MAX, FILE_MAX};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
}

static int check_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)flag, (void)ftw;
	FUZZ_CHECK(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode), "%s", path);
	FUZZ_CHECK(!(st->st_mode & (S_ISUID | S_ISGID)), "%s", path);
	return 0;
}

static void check_folder(const char *base)
{
	DIR *d = opendir(base);
	FUZZ_CHECK(d);
	for (struct dirent *e; (e = readdir(d));)
		FUZZ_CHECK(e->d_name[0] == '.' || !strcmp(e->d_name, "in.zip") ||
				!strcmp(e->d_name, "run"),
			"%s", e->d_name);
	closedir(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct runner_archive got = {.jars_n = 77};
	struct err err = {0};
	limit_files();
	if (n > FILE_MAX)
		return 0;
	fuzz_write("in.zip", data, n);
	const char *base = fuzz_folder(), *run = fs_join(&a, base, "run"),
		   *into = fs_join(&a, run, "archive");
	fd_auto fd = open(fs_join(&a, base, "in.zip"), O_RDONLY | O_CLOEXEC);
	FUZZ_CHECK(fd >= 0);
	if (!runner_archive_unpack(fd, into, &a, &got, &err)) {
		fuzz_check_err(&err);
		FUZZ_CHECK(got.jars_n == 77);
	}
	check_folder(base);
	if (fs_exists(run)) {
		FUZZ_CHECK(nftw(run, check_entry, 16, FTW_PHYS) == 0);
		FUZZ_CHECK(fs_remove_tree(run, &err), "%s", err.text);
	}
	return 0;
}
