#include "local/command/setup.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/program.h"
#include "base/text.h"
#include "local/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
	QUIET_MS = 2000,   /* what takes longer than this says that it goes on */
	REPEAT_MS = 5000,  /* and again each so often */
	TAIL_BYTES = 4096, /* of the log, shown when something fails */
	JAVA_AT_LEAST = 17,
};

struct setup;

/* What is installed by itself, and has a stamp of its own. */
struct setup_part {
	const char *stamp, *installed;
	int steps;
	bool (*install)(struct setup *s, struct err *err);
};

/* One installation under way. */
struct setup {
	struct arena *arena;
	struct setup_pins pins;
	const char *sdk; /* requirements of OCI's Python SDK */
	const char *folder;
	int log;
	/* The step that goes on, for its progress lines. */
	int step, steps;
	const char *what;   /* "jars of the oci:// connector" */
	const char *counts; /* what its output's lines that count begin with */
	size_t done, total;
	int64_t began, told;
};

char *setup_folder(struct arena *a, const char *home)
{
	const char *shared = getenv("WEIR_LOCAL_SPARK");
	if (text_empty(shared))
		return arena_printf(a, "%s/spark", home);
	char *here = get_current_dir_name();
	char *folder = fs_join(a, here, shared);
	free(here);
	return folder;
}

static bool is_stamped(const char *folder, const char *name, const struct setup_pins *pins)
{
	buf_auto stamp = {.max = 256};
	struct err none;
	arena_auto a = {0};
	return fs_read(fs_join(&a, folder, name), &stamp, &none) &&
		text_starts(buf_str(&stamp), pins->digest);
}

bool setup_is_complete(const char *folder, const struct setup_pins *pins)
{
	return is_stamped(folder, "stamp", pins);
}

int setup_java_major(const char *line)
{
	const char *v = strchr(line, '"');
	if (!v)
		return 0;
	v++;
	if (text_starts(v, "1."))
		v += 2;
	return (int)strtol(v, NULL, 10);
}

static void tell(struct setup *s, int64_t now)
{
	char took[24];
	text_duration(now - s->began, took);
	if (s->total)
		fprintf(stderr, "setup: [%d/%d] %s: %zu of %zu, %s\n", s->step, s->steps, s->what,
			s->done, s->total, took);
	else
		fprintf(stderr, "setup: [%d/%d] %s: %s\n", s->step, s->steps, s->what, took);
	s->told = now;
}

static void on_tick(void *ctx)
{
	struct setup *s = ctx;
	int64_t now = clock_mono(&clock_system);
	int64_t quiet = s->told ? REPEAT_MS : QUIET_MS;
	if (now - (s->told ? s->told : s->began) >= quiet)
		tell(s, now);
}

static void on_line(void *ctx, const char *line)
{
	struct setup *s = ctx;
	if (s->counts && text_starts(line, s->counts) && s->done < s->total)
		s->done++;
}

static void step_begin(struct setup *s, const char *what, const char *counts, size_t total)
{
	s->step++;
	s->what = what;
	s->counts = counts;
	s->done = 0;
	s->total = total;
	s->began = clock_mono(&clock_system);
	s->told = 0;
	fprintf(stderr, "setup: [%d/%d] %s\n", s->step, s->steps, what);
}

/* The end of what the command just said, so that its own words reach the reader. */
static void show_tail(struct setup *s, off_t from)
{
	off_t end = lseek(s->log, 0, SEEK_END);
	off_t start = end - from > TAIL_BYTES ? end - TAIL_BYTES : from;
	char text[TAIL_BYTES];
	ssize_t n = pread(s->log, text, sizeof text, start);
	if (n <= 0)
		return;
	buf_auto shown = {0};
	text_escape(&shown, text, (size_t)n, true);
	fprintf(stderr, "%s%s", buf_str(&shown), text[n - 1] == '\n' ? "" : "\n");
}

static bool run(struct setup *s, const char *const *argv, struct err *err)
{
	off_t from = lseek(s->log, 0, SEEK_END);
	struct program c = {
		.argv = argv, .log = s->log, .line = on_line, .tick = on_tick, .ctx = s};
	int status;
	if (!program_run(&c, &status, err))
		return false;
	if (status == 0)
		return true;
	show_tail(s, from);
	return err_set(err, ERR_IO, "%s: %s ended with status %d; all it said is in %s/setup.log",
		s->what, fs_basename(argv[0]), status, s->folder);
}

/* pip's hash-checking mode refuses what is not in the file, so what is pinned is all that is installed. */
static bool pip_run(struct setup *s, const char *file, const char *const *options, struct err *err)
{
	const char *argv[16] = {arena_printf(s->arena, "%s/venv/bin/pip", s->folder), "install",
		"--no-input", "--disable-pip-version-check", "--require-hashes", "-r", file};
	size_t at = 7;
	for (; *options; options++)
		argv[at++] = *options;
	return run(s, argv, err);
}

static bool pip_install(struct setup *s, bool early, const char *const *options, struct err *err)
{
	struct arena *a = s->arena;
	buf_auto list = {0};
	size_t n = 0;
	for (size_t i = 0; i < s->pins.n; i++) {
		const struct setup_pin *pin = &s->pins.v[i];
		if (pin->maven || pin->early != early)
			continue;
		buf_printf(
			&list, "%s==%s --hash=sha256:%s\n", pin->name, pin->version, pin->sha256);
		n++;
	}
	const char *file =
		arena_printf(a, "%s/requirements-%s.txt", s->folder, early ? "build" : "run");
	if (!fs_write(file, list.data, list.len, 0644, err))
		return false;

	step_begin(s, early ? "tools that build Spark's package" : "Spark (317 MB to download)",
		"Collecting ", n);
	return pip_run(s, file, options, err);
}

static const char *python(void)
{
	/* Data Flow's Spark 3.5.0 has Python 3.11, and dependency archives are made for it. */
	const char *const probe[] = {"python3.11", "-c", "import venv, ensurepip", NULL};
	struct program c = {.argv = probe, .log = -1};
	struct err err;
	int status;
	return program_run(&c, &status, &err) && status == 0 ? "python3.11" : "python3";
}

static bool install_python(struct setup *s, struct err *err)
{
	step_begin(s, "virtual environment", NULL, 0);
	const char *const venv[] = {
		python(), "-m", "venv", arena_printf(s->arena, "%s/venv", s->folder), NULL};
	static const char *const wheels[] = {"--only-binary", ":all:", NULL};
	static const char *const source[] = {"--no-build-isolation", "--use-pep517", NULL};
	return run(s, venv, err) && pip_install(s, true, wheels, err) &&
		pip_install(s, false, source, err);
}

/*
 * The plugin's version matters: from 3.0 on it reads each artifact's POM, and the connector's names a parent that
 * no repository has.
 */
static const char pom_head[] =
	"<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n"
	"<modelVersion>4.0.0</modelVersion>\n"
	"<groupId>weir</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</"
	"packaging>\n"
	"<build><plugins><plugin>\n"
	"<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</"
	"artifactId>"
	"<version>2.10</version>\n"
	"<configuration><outputDirectory>${weir.jars}</outputDirectory><artifactItems>\n";
static const char pom_tail[] =
	"</artifactItems></configuration></plugin></plugins></build></project>\n";

static size_t pom_write(const struct setup_pins *pins, struct buf *out)
{
	size_t n = 0;
	buf_adds(out, pom_head);
	for (size_t i = 0; i < pins->n; i++) {
		const struct setup_pin *pin = &pins->v[i];
		if (!pin->maven)
			continue;
		buf_printf(out,
			"<artifactItem><groupId>%s</groupId><artifactId>%s</artifactId>"
			"<version>%s</version></artifactItem>\n",
			pin->group, pin->name, pin->version);
		n++;
	}
	buf_adds(out, pom_tail);
	return n;
}

static bool check_jar(
	struct setup *s, const char *folder, const struct setup_pin *pin, struct err *err)
{
	const char *path = arena_printf(s->arena, "%s/%s", folder, setup_pin_jar(s->arena, pin));
	unsigned char sha256[DIGEST_MAX];
	if (!digest_of_file(DIGEST_SHA256, path, sha256, err))
		return false;
	if (text_equal(text_hex(s->arena, sha256, sizeof sha256), pin->sha256))
		return true;
	return err_set(err, ERR_IO, "%s has not the SHA-256 that is pinned for it (%s)", path,
		pin->sha256);
}

/* To FOLDER/NAME, whole or not at all. */
static bool install_jars(struct setup *s, const char *name, const char *what, struct err *err)
{
	struct arena *a = s->arena;
	const char *part = arena_printf(a, "%s/%s.part", s->folder, name);
	const char *pom = arena_printf(a, "%s/pom.xml", s->folder);
	buf_auto text = {0};
	size_t n = pom_write(&s->pins, &text);
	if (!fs_write(pom, text.data, text.len, 0644, err) || !fs_mkdirs(part, 0755, err))
		return false;

	const char *const argv[] = {"mvn", "-B", "-ntp", "-C", "-f", pom,
		arena_printf(a, "-Dweir.jars=%s", part), "dependency:copy", NULL};
	step_begin(s, what, "[INFO] Configured Artifact:", n);
	if (!run(s, argv, err))
		return false;
	for (size_t i = 0; i < s->pins.n; i++)
		if (s->pins.v[i].maven && !check_jar(s, part, &s->pins.v[i], err))
			return false;
	const char *jars = fs_join(a, s->folder, name);
	return rename(part, jars) == 0 || err_errno(err, ERR_IO, "rename %s to %s", part, jars);
}

static void keep_first(void *ctx, const char *line)
{
	struct buf *first = ctx;
	if (!first->len)
		buf_adds(first, line);
}

static bool have(const char *const *argv, struct buf *first)
{
	struct program c = {.argv = argv, .log = -1, .line = keep_first, .ctx = first};
	struct err err;
	int status;
	return program_run(&c, &status, &err) && status == 0;
}

/* All that is missing, with what installs it, so that one look is enough. */
static bool check_tools(struct arena *a, struct err *err)
{
	const char *home = getenv("JAVA_HOME");
	const char *const java[] = {
		text_empty(home) ? "java" : arena_printf(a, "%s/bin/java", home), "-version", NULL};
	const char *const venv[] = {python(), "-c", "import venv, ensurepip", NULL};
	const char *const mvn[] = {"mvn", "-version", NULL};
	buf_auto first = {0}, ignored = {0}, missing = {0}, packages = {0};

	if (!have(venv, &ignored)) {
		buf_adds(&missing, "Python 3 with its venv module");
		buf_adds(&packages, " python3 python3-venv");
	}
	if (!have(java, &first) || setup_java_major(buf_str(&first)) < JAVA_AT_LEAST) {
		buf_printf(&missing, "%sJava %d or later", missing.len ? ", " : "", JAVA_AT_LEAST);
		buf_adds(&packages, " openjdk-17-jre-headless");
	}
	if (!have(mvn, &ignored)) {
		buf_printf(&missing, "%sMaven", missing.len ? ", " : "");
		buf_adds(&packages, " maven");
	}
	if (!missing.len)
		return true;
	err_set(err, ERR_MISSING_TOOL, "this machine lacks %s", buf_str(&missing));
	return err_hint(err, "on Debian or Ubuntu: sudo apt-get install%s", buf_str(&packages));
}

static bool folder_is_empty(const char *folder)
{
	DIR *d = opendir(folder);
	if (!d)
		return true;
	bool empty = true;
	for (struct dirent *e = readdir(d); e && empty; e = readdir(d))
		empty = e->d_name[0] == '.' && strcmp(e->d_name, ".weir-spark") != 0;
	closedir(d);
	return empty;
}

/* Removes what a setup that did not end left, but only from a folder that a setup made. */
static bool folder_clean(struct setup *s, struct err *err)
{
	static const char *const ours[] = {
		"venv", "jars", "jars.part", "stamp", "sdk.stamp", "setup.log"};
	const char *mark = arena_printf(s->arena, "%s/.weir-spark", s->folder);
	if (!folder_is_empty(s->folder) && !fs_exists(mark)) {
		err_set(err, ERR_CONFIG,
			"%s holds something that `weir local setup` did not put there", s->folder);
		return err_hint(err, "name another folder by WEIR_LOCAL_SPARK, or empty this one");
	}
	if (!fs_write(mark, "", 0, 0644, err))
		return false;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!fs_remove_tree(arena_printf(s->arena, "%s/%s", s->folder, ours[i]), err))
			return false;
	return true;
}

static bool open_log(struct setup *s, struct err *err)
{
	const char *path = arena_printf(s->arena, "%s/setup.log", s->folder);
	s->log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return s->log >= 0 || err_errno(err, ERR_IO, "%s", path);
}

static bool install_spark(struct setup *s, struct err *err)
{
	return folder_clean(s, err) && open_log(s, err) && install_python(s, err) &&
		install_jars(s, "jars", "jars of the oci:// connector", err);
}

/* Compiling its 30,000 modules would take most of the time, and a job imports a few. */
static bool install_sdk(struct setup *s, struct err *err)
{
	static const char *const options[] = {"--only-binary", ":all:", "--no-compile", NULL};
	const char *file = fs_join(s->arena, s->folder, "requirements-sdk.txt");
	size_t n = 0;
	for (const char *at = s->sdk; (at = strstr(at, "==")); at += 2)
		n++;
	if (!open_log(s, err) || !fs_write(file, s->sdk, strlen(s->sdk), 0644, err))
		return false;
	step_begin(s, "OCI's Python SDK (47 MB to download)", "Collecting ", n);
	return pip_run(s, file, options, err);
}

static bool install_azure(struct setup *s, struct err *err)
{
	struct arena *a = s->arena;
	return fs_remove_tree(fs_join(a, s->folder, "azure"), err) &&
		fs_remove_tree(fs_join(a, s->folder, "azure.part"), err) && open_log(s, err) &&
		install_jars(s, "azure", "jars of the abfss:// driver", err);
}

static bool install(struct setup *s, const struct setup_part *part, struct err *err)
{
	if (!check_tools(s->arena, err))
		return false;
	bool ok = part->install(s, err);
	if (s->log >= 0)
		close(s->log);
	s->log = -1;
	if (!ok)
		return false;
	const char *stamp = arena_printf(s->arena, "%s\n", s->pins.digest);
	return fs_write(fs_join(s->arena, s->folder, part->stamp), stamp, strlen(stamp), 0644, err);
}

/* One setup at a time; the second finds the work of the first done. */
static bool lock(struct setup *s, int *ret_fd, struct err *err)
{
	const char *path = arena_printf(s->arena, "%s/.lock", s->folder);
	fd_auto fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(err, ERR_IO, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		fprintf(stderr, "setup: waiting for another setup of %s\n", s->folder);
		while (flock(fd, LOCK_EX))
			if (errno != EINTR)
				return err_errno(err, ERR_IO, "lock %s", path);
	}
	*ret_fd = fd;
	fd = -1;
	return true;
}

static bool setup(struct setup *s, const struct setup_part *part, struct err *err)
{
	s->step = 0;
	s->steps = part->steps;
	if (!fs_mkdirs(s->folder, 0755, err))
		return false;
	fd_auto held = -1;
	if (!is_stamped(s->folder, part->stamp, &s->pins) && !lock(s, &held, err))
		return false;
	if (is_stamped(s->folder, part->stamp, &s->pins)) {
		fprintf(stderr, "setup: already %s %s\n", part->installed, s->folder);
		return true;
	}
	int64_t began = clock_mono(&clock_system);
	if (!install(s, part, err))
		return false;
	char took[24];
	fprintf(stderr, "setup: %s %s in %s\n", part->installed, s->folder,
		text_duration(clock_mono(&clock_system) - began, took));
	return true;
}

static bool has_python_311(struct setup *s)
{
	return fs_is_dir(fs_join(s->arena, s->folder, "venv/lib/python3.11"));
}

static bool setup_all(struct setup *s, bool azure, struct err *err)
{
	static const struct setup_part spark = {"stamp", "installed in", 4, install_spark};
	static const struct setup_part driver = {
		"azure.stamp", "installed the abfss:// driver in", 1, install_azure};
	static const struct setup_part sdk = {
		"sdk.stamp", "installed OCI's Python SDK in", 1, install_sdk};
	setup_pins_load(s->arena, &s->pins);
	if (!setup(s, &spark, err))
		return false;
	s->sdk = setup_pins_load_sdk(s->arena, &s->pins);
	if (!has_python_311(s))
		fprintf(stderr,
			"setup: without OCI's Python SDK, which is pinned for Python 3.11, as Data Flow has it\n");
	else if (!setup(s, &sdk, err))
		return false;
	setup_pins_load_azure(s->arena, &s->pins);
	return !azure || setup(s, &driver, err);
}

int setup_main(int argc, char **argv)
{
	bool azure = argc == 2 && text_equal(argv[1], "--azure");
	if (argc > 1 && !azure) {
		bool help = text_equal(argv[1], "--help") || text_equal(argv[1], "-h");
		fprintf(help ? stdout : stderr,
			"usage: weir-local setup [--azure]\n"
			"Installs Spark, the oci:// connector and OCI's Python SDK into $WEIR_LOCAL_SPARK, or the "
			"home's spark folder.\n"
			"--azure: into its folder `azure` too, a driver of abfss:// that works with "
			"Azurite.\n");
		return help ? 0 : 1;
	}
	arena_auto arena = {0};
	struct setup s = {.arena = &arena, .log = -1};
	struct err err;
	const char *home = home_folder(&arena);
	s.folder = setup_folder(&arena, home);
	/* What is first in the home makes it, as ours alone. */
	bool in_home = text_equal(fs_dirname(&arena, s.folder), home);
	if ((!in_home || home_make(home, &err)) && setup_all(&s, azure, &err))
		return 0;
	fprintf(stderr, "setup: error: %s\n", err.text);
	return err_exit_status(err.kind);
}
