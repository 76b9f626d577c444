#include "run/folder.h"

#include "base/fs.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>

enum { NAME_BYTES = 255, ID_END = 6, RECORD_MAX = 16 << 20 };

static const char *end_of(const char *id)
{
	size_t n = id ? strlen(id) : 0;
	return n > ID_END ? id + n - ID_END : n ? id : "";
}

/* "<name>-<end>", of which the name is cut where it must be. */
static char *joined(struct arena *a, const char *name, const char *end)
{
	const char *safe_end = fs_safe_name(a, end, NAME_BYTES / 2);
	size_t room = NAME_BYTES - 1 - strlen(safe_end);
	return arena_printf(a, "%s-%s", fs_safe_name(a, name, room), safe_end);
}

char *folder_of_application(struct arena *a, const char *app_name, const char *app_id)
{
	return joined(a, text_empty(app_name) ? "application" : app_name, end_of(app_id));
}

/* "20261120T153639.123Z": sorts, and is a file's name everywhere. */
static char *compact(struct arena *a, const char *rfc3339)
{
	int64_t ms;
	char text[32];
	if (!rfc3339 || !text_parse_rfc3339(rfc3339, &ms))
		return arena_strdup(a, "unknown");
	char *made = arena_strdup(a, text_rfc3339(ms, text)), *to = made;
	for (const char *c = made; *c; c++)
		if (*c != '-' && *c != ':')
			*to++ = *c;
	*to = '\0';
	return made;
}

char *folder_of_run(struct arena *a, const struct run *run)
{
	return joined(a, text_empty(run->display_name) ? "run" : run->display_name,
		compact(a, run->time_created));
}

/* NULL: there is none, or it is no run's. */
static const struct node *read_record(struct arena *a, const char *path)
{
	struct err none;
	buf_auto text = {.max = RECORD_MAX};
	if (!fs_read(fs_join(a, path, FOLDER_RECORD), &text, &none))
		return NULL;
	const struct node *n = node_from_json(a, buf_str(&text), text.len, &none);
	return n && n->kind == NODE_MAP ? n : NULL;
}

static bool is_of(const struct node *record, const struct run *run)
{
	return text_equal(node_get_str(record, "id"), run->id);
}

/* Whether there is anything but what a program leaves that ended in the middle. */
static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	bool empty = true;
	for (struct dirent *e; dir && empty && (e = readdir(dir));)
		empty = *e->d_name == '.';
	if (dir)
		closedir(dir);
	return empty;
}

/* Of the names that the folder may have, each in turn; NULL: no more. */
static const char *candidate(
	struct arena *a, const char *app_folder, const struct run *run, unsigned i)
{
	const char *name = folder_of_run(a, run);
	if (i)
		name = joined(a, name, end_of(run->id));
	return i < 2 ? fs_join(a, app_folder, name) : NULL;
}

static bool find_in(
	struct arena *a, const char *app_folder, const struct run *run, struct folder *ret)
{
	const char *path;
	for (unsigned i = 0; (path = candidate(a, app_folder, run, i)); i++) {
		const struct node *record = read_record(a, path);
		if (!record || !is_of(record, run))
			continue;
		*ret = (struct folder){path, record};
		return true;
	}
	return false;
}

void folder_find(struct arena *a, const char *base, const struct run *run, struct folder *ret)
{
	const char *end = arena_printf(a, "-%s", end_of(run->application_id));
	DIR *dir = opendir(base);
	*ret = (struct folder){0};
	for (struct dirent *e; dir && !ret->path && (e = readdir(dir));)
		if (text_ends(e->d_name, end))
			find_in(a, fs_join(a, base, e->d_name), run, ret);
	if (dir)
		closedir(dir);
}

/* *ret_taken: it is another run's. */
static bool make(struct arena *a, const char *path, bool *ret_taken, struct err *err)
{
	*ret_taken = false;
	if (!fs_mkdirs(path, 0777, err))
		return false;
	if (is_empty(path))
		return true;
	*ret_taken = read_record(a, path);
	err_set(err, ERR_IO, "%s: the folder holds other files", path);
	return err_hint(err, "move them away, or choose another folder with --base-folder");
}

bool folder_claim(struct arena *a, const char *base, const char *app_name, const struct run *run,
	struct folder *ret, struct err *err)
{
	const char *app_folder =
		fs_join(a, base, folder_of_application(a, app_name, run->application_id));
	const char *path;
	bool taken = true;
	folder_find(a, base, run, ret);
	for (unsigned i = 0; !ret->path && taken && (path = candidate(a, app_folder, run, i)); i++)
		if (make(a, path, &taken, err))
			*ret = (struct folder){.path = path};
	return ret->path;
}
