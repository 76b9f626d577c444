/* Wheels by pip, for a Python and a machine that need not be this one's. */
#include "archive/fetch.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/program.h"
#include "base/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { ARGS = 40 };

/* Spark's own Python, which every run has: an archive's would be before it on the path. */
static const char *const sparks[] = {"pyspark", "py4j", NULL};

/* Of this machine, such as that its disk is full: what pip tells at the end of a traceback. */
static bool is_of_machine(const char *line)
{
	return text_starts(line, "OSError: [Errno ");
}

static bool is_complaint(const char *line)
{
	return (text_starts(line, "ERROR:") && !text_equal(line, "ERROR: Exception:")) ||
		text_starts(line, "WARNING: Retrying") || is_of_machine(line);
}

static bool is_error(const char *line)
{
	return *line;
}

static const char *program(struct archive_fetch *f)
{
	const char *wanted = arena_printf(f->arena, "python%s", f->in->python);
	const char *const probe[] = {wanted, "-c", "import venv, ensurepip", NULL};
	struct program p = {.argv = probe, .log = -1};
	struct err none;
	int status;
	return program_run(&p, &status, &none) && !status ? wanted : "python3";
}

/* Made aside, so that one that was broken off is none. */
static bool need_pip(struct archive_fetch *f, const char **ret, struct err *err)
{
	struct arena *a = f->arena;
	const char *python = program(f);
	const char *folder = arena_printf(a, "%s/%s", f->tools, python);
	*ret = arena_printf(a, "%s/bin/python", folder);
	if (fs_exists(*ret) && fs_exists(arena_printf(a, "%s/whole", folder)))
		return true;
	const char *const argv[] = {python, "-m", "venv", "--clear", folder, NULL};
	if (!fs_mkdirs(f->tools, 0700, err))
		return false;
	if (archive_run(f, argv, is_error, "a Python of its own for pip", err))
		return fs_write(arena_printf(a, "%s/whole", folder), "", 0, 0600, err);
	if (err->kind == ERR_NETWORK)
		err_hint(err,
			"%s needs venv and ensurepip (on Debian or Ubuntu: sudo apt-get install "
			"python3-venv), and room in %s",
			python, folder);
	return false;
}

struct args {
	const char *v[ARGS];
	size_t n;
};

static void add(struct args *args, const char *one)
{
	if (args->n < ARGS - 1)
		args->v[args->n++] = one;
}

/* Data Flow runs on Oracle Linux 8 and later: glibc 2.28. */
static void add_platform(struct archive_fetch *f, struct args *args)
{
	static const char *const platforms[] = {
		"manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"};
	const char *python = f->in->python;
	char *digits = arena_printf(f->arena, "cp3%s", python + 2);
	const char *const abis[] = {digits, "abi3", "none"};
	add(args, "--only-binary=:all:");
	add(args, "--implementation=cp");
	add(args, arena_printf(f->arena, "--python-version=%s", python));
	for (size_t i = 0; i < 3; i++) {
		add(args, arena_printf(f->arena, "--abi=%s", abis[i]));
		add(args, arena_printf(f->arena, "--platform=%s", platforms[i]));
	}
}

/* The line of requirements.txt that is at fault, where a complaint names a package of it. */
static bool blame(struct archive_fetch *f, struct err *err)
{
	const struct archive_inputs *in = f->in;
	if (err->kind != ERR_NETWORK)
		return false;
	if (strstr(f->complaint, "DO NOT MATCH THE HASHES")) {
		err_set(err, ERR_SPEC,
			"%s: a wheel has another SHA-256 than the one that is locked",
			archive_lock_name(in, f->arena));
		return err_hint(err,
			"find out why, and if it is well: `weir archive build --update %s`",
			in->key);
	}
	if (is_of_machine(f->complaint)) {
		err_set(err, ERR_IO, "Python packages by pip: %s", f->complaint);
		return err_hint(err, "what is built needs room in %s", f->work);
	}
	if (text_starts(f->complaint, "WARNING:"))
		return err_hint(err, "the package index is not reached");
	for (const char *at = f->complaint; *at; at += strcspn(at, ARCHIVE_NAME_CHARACTERS)) {
		size_t n = strspn(at, ARCHIVE_NAME_CHARACTERS);
		unsigned line = archive_requirement_line(in, arena_strndup(f->arena, at, n));
		at += n;
		if (!line)
			continue;
		err_set(err, ERR_SPEC, "%s:%u: %s", in->requirements_file, line, f->complaint);
		return err_hint(err,
			"is there a wheel of it for Python %s on Linux x86_64, and is the index "
			"reached? `--allow-sdist` builds sources",
			in->python);
	}
	return err_hint(err, "is the index reached? what pip says: `%s -m pip download -r %s`",
		program(f), in->requirements_file);
}

static bool run_pip(
	struct archive_fetch *f, const char *file, bool locked, bool built, struct err *err)
{
	struct arena *a = f->arena;
	const char *python;
	struct args args = {.n = 0};
	if (!need_pip(f, &python, err))
		return false;
	add(&args, python);
	add(&args, "-m");
	add(&args, "pip");
	add(&args, built ? "wheel" : "download");
	add(&args, "--no-input");
	add(&args, "--disable-pip-version-check");
	add(&args, "--retries=2");
	if (locked)
		add(&args, "--no-deps");
	if (locked && !built)
		add(&args, "--require-hashes");
	if (!built)
		add_platform(f, &args);
	add(&args, built ? "-w" : "-d");
	add(&args, arena_printf(a, "%s/wheels", f->work));
	add(&args, "-r");
	add(&args, file);
	add(&args, NULL);
	return archive_run(f, args.v, is_complaint, "Python packages by pip", err) || blame(f, err);
}

/* "six-1.17.0-py2.py3-none-any.whl": "six==1.17.0". */
static char *name_of(struct arena *a, const char *file)
{
	size_t n = strcspn(file, "-");
	const char *version = file[n] ? file + n + 1 : "";
	return arena_printf(a, "%.*s==%.*s", (int)n, file, (int)strcspn(version, "-"), version);
}

static bool is_sparks(const char *name)
{
	for (const char *const *s = sparks; *s; s++)
		if (text_starts(name, *s) && name[strlen(*s)] == '=')
			return true;
	return false;
}

static bool add_wheel(
	struct archive_fetch *f, const char *file, struct archive_lock *ret, struct err *err)
{
	struct arena *a = f->arena;
	unsigned char sum[DIGEST_MAX];
	struct archive_part p = {.kind = f->allow_sdist ? PART_BUILT : PART_WHEEL,
		.name = name_of(a, file),
		.file = arena_strdup(a, file),
		.sha256 = "-",
		.path = arena_printf(a, "%s/wheels/%s", f->work, file)};
	if (is_sparks(p.name))
		return true;
	if (!digest_of_file(DIGEST_SHA256, p.path, sum, err))
		return false;
	if (p.kind == PART_WHEEL)
		p.sha256 = text_hex(a, sum, sizeof sum);
	archive_lock_add(ret, a, &p);
	return true;
}

bool archive_fetch_wheels(struct archive_fetch *f, struct archive_lock *ret, struct err *err)
{
	if (!f->in->requirements_file)
		return true;
	const char *file = fs_join(f->arena, f->in->dir, f->in->requirements_file);
	const char *folder = arena_printf(f->arena, "%s/wheels", f->work);
	if (!fs_mkdirs(folder, 0700, err) || !run_pip(f, file, false, f->allow_sdist, err))
		return false;
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	bool ok = n >= 0 || err_errno(err, ERR_IO, "%s", folder);
	for (int i = 0; i < n; i++) {
		if (ok && text_ends(names[i]->d_name, ".whl"))
			ok = add_wheel(f, names[i]->d_name, ret, err);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return ok;
}

static bool fetch_kind(struct archive_fetch *f, struct archive_lock *lock,
	enum archive_part_kind kind, struct err *err)
{
	struct arena *a = f->arena;
	buf_auto list = {0};
	for (size_t i = 0; i < lock->n; i++) {
		struct archive_part *p = &lock->v[i];
		if (p->kind != kind || p->path)
			continue;
		buf_adds(&list, p->name);
		if (kind == PART_WHEEL)
			buf_printf(&list, " --hash=sha256:%s", p->sha256);
		buf_addc(&list, '\n');
		p->path = arena_printf(a, "%s/wheels/%s", f->work, p->file);
	}
	const char *file = fs_join(a, f->work, kind == PART_WHEEL ? "locked.txt" : "built.txt");
	return !list.len ||
		(fs_write(file, list.data, list.len, 0600, err) &&
			run_pip(f, file, true, kind == PART_BUILT, err));
}

bool archive_fetch_locked_wheels(
	struct archive_fetch *f, struct archive_lock *lock, struct err *err)
{
	return fetch_kind(f, lock, PART_WHEEL, err) && fetch_kind(f, lock, PART_BUILT, err);
}
