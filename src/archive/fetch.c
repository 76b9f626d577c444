#include "archive/fetch.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/program.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void on_line(void *ctx, const char *line)
{
	struct archive_fetch *f = ctx;
	if (!*f->complaint && f->is_complaint(line))
		snprintf(f->complaint, sizeof f->complaint, "%s", line);
}

static void on_tick(void *ctx)
{
	struct archive_fetch *f = ctx;
	progress_send(f->progress, PROGRESS_TICK, NULL, 0, 0, NULL);
}

bool archive_run(struct archive_fetch *f, const char *const *argv,
	bool (*is_complaint)(const char *), const char *what, struct err *err)
{
	struct program p = {.argv = argv,
		.log = -1,
		.line = on_line,
		.tick = on_tick,
		.stop = f->stop,
		.ctx = f};
	int status;
	*f->complaint = '\0';
	f->is_complaint = is_complaint;
	const char *address = arena_printf(f->arena, "archives.%s", f->in->key);
	progress_send(f->progress, PROGRESS_START, address, 0, 0, "%s", what);
	bool ran = program_run(&p, &status, err);
	progress_send(
		f->progress, ran && !status ? PROGRESS_DONE : PROGRESS_FAILED, address, 0, 0, NULL);
	if (!ran)
		return false;
	if (status == 127) {
		err_set(err, ERR_MISSING_TOOL, "%s is not on this machine", argv[0]);
		return err_hint(err, "on Debian or Ubuntu: sudo apt-get install %s",
			text_equal(argv[0], "mvn") ? "maven" : "python3 python3-venv");
	}
	if (!status)
		return true;
	buf_auto shown = {.max = 600};
	text_escape(&shown, f->complaint, strlen(f->complaint), false);
	return err_set(err, ERR_NETWORK, "%s: %s", what,
		shown.len ? buf_str(&shown) : arena_printf(f->arena, "status %d", status));
}

/* A file whose bytes are others than those that were locked may be anybody's. */
static bool check(const struct archive_inputs *in, const struct archive_part *p, struct arena *a,
	struct err *err)
{
	unsigned char sum[DIGEST_MAX];
	if (p->kind == PART_BUILT)
		return true;
	if (!digest_of_file(DIGEST_SHA256, p->path, sum, err))
		return false;
	if (text_equal(text_hex(a, sum, sizeof sum), p->sha256))
		return true;
	err_set(err, ERR_SPEC, "%s: %s has another SHA-256 than the one that is locked",
		archive_lock_name(in, a), p->file);
	return err_hint(
		err, "find out why, and if it is well: `weir archive build --update %s`", in->key);
}

bool archive_fetch_locked(struct archive_fetch *f, struct archive_lock *lock, struct err *err)
{
	if (!archive_fetch_locked_jars(f, lock, err) || !archive_fetch_locked_wheels(f, lock, err))
		return false;
	for (size_t i = 0; i < lock->n; i++)
		if (!check(f->in, &lock->v[i], f->arena, err))
			return false;
	return true;
}
