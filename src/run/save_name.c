/* The names of files in a run's folder, and what is in run.json. */
#include "base/fs.h"
#include "base/text.h"
#include "run/save.h"

#include <ctype.h>

enum { NAME_BYTES = 200 };

char *save_script_name(struct arena *a, const char *object)
{
	char *name = fs_safe_name(a, fs_basename(object), NAME_BYTES);
	bool ours = text_equal(name, FOLDER_RECORD) || text_ends(name, ".log");
	return ours ? arena_printf(a, "script-%s", name) : name;
}

static char *lower(struct arena *a, const char *s)
{
	char *made = arena_strdup(a, s ? s : "log");
	for (char *c = made; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return made;
}

static bool is_taken(const char *name, const char *const *taken, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal(taken[i], name))
			return true;
	return false;
}

char *save_log_name(struct arena *a, const struct run_log *log, const char *const *taken, size_t n)
{
	size_t len = strlen(log->name);
	if (text_equal(log->source, "APPLICATION") && !is_taken("stdout.log", taken, n) &&
		text_equal(log->type, "STDOUT"))
		return arena_strdup(a, "stdout.log");
	if (text_equal(log->source, "APPLICATION") && !is_taken("stderr.log", taken, n) &&
		text_equal(log->type, "STDERR"))
		return arena_strdup(a, "stderr.log");
	char *name = arena_strndup(a, log->name, text_ends(log->name, ".gz") ? len - 3 : len);
	name = fs_safe_name(a, name, NAME_BYTES);
	if (!text_ends(name, ".log"))
		name = arena_printf(a, "%s.log", name);
	if (text_equal(name, "stdout.log") || text_equal(name, "stderr.log"))
		name = arena_printf(a, "%s-%s", fs_safe_name(a, lower(a, log->source), 40), name);
	return is_taken(name, taken, n) ? arena_printf(a, "%zu-%s", n, name) : name;
}

struct node *save_keep_hidden(struct arena *a, struct node *now, const struct node *was)
{
	if (!was || now->kind != was->kind)
		return now;
	if (now->kind == NODE_STR)
		return strstr(was->text, "(sensitive)") ? node_copy(a, was) : now;
	for (size_t i = 0; now->kind == NODE_MAP && i < now->u.map.n; i++) {
		struct node_pair *p = &now->u.map.v[i];
		p->value = save_keep_hidden(a, p->value, node_get(was, p->key));
	}
	for (size_t i = 0; now->kind == NODE_SEQ && i < now->u.seq.n && i < was->u.seq.n; i++)
		now->u.seq.v[i] = save_keep_hidden(a, now->u.seq.v[i], was->u.seq.v[i]);
	return now;
}
