/* What is in an archive that is live, by two small reads of its end. */
#include "live/live.h"
#include "oci/objectstorage.h"

struct part_wait {
	struct arena *a;
	struct err err;
	const char *bytes;
	size_t n;
};

static void on_part(void *ctx, const struct err *err, const char *bytes, size_t n)
{
	struct part_wait *w = ctx;
	w->err = *err;
	w->bytes = bytes;
	w->n = n;
}

/* *ret NULL: it is gone, or the service gives no part of it. */
static bool part(struct oci *oci, const char *ns, const struct object *o, uint64_t from, uint64_t n,
	const char **ret, struct err *err)
{
	struct part_wait *w = arena_new(oci_arena(oci), struct part_wait);
	*ret = NULL;
	storage_object_get_part(oci, ns, o->bucket, o->name, from, n, on_part, w);
	if (!oci_run(oci, err)) {
		http_cancel_all(oci_http(oci));
		return false;
	}
	bool none = w->err.kind == ERR_NOT_FOUND || w->err.kind == ERR_LIMIT ||
		w->err.kind == ERR_INVALID;
	if (w->err.kind && !none) {
		*err = w->err;
		return false;
	}
	if (!w->err.kind && w->n == n)
		*ret = w->bytes;
	return true;
}

bool live_members(struct oci *oci, const char *ns, const struct object *o, struct arena *a,
	struct zip_index *ret, bool *ret_had, struct err *err)
{
	uint64_t size = o->size.set && o->size.v > 0 ? (uint64_t)o->size.v : 0, from, length;
	uint64_t n = size < ZIP_END_MAX ? size : ZIP_END_MAX;
	const char *end, *directory;
	*ret_had = false;
	if (!size)
		return true;
	if (!part(oci, ns, o, size - n, n, &end, err))
		return false;
	if (!end || !zip_index_find(end, (size_t)n, size, &from, &length))
		return true;
	/* Of a small one the directory has come with the end. */
	if (from >= size - n)
		directory = end + (from - (size - n));
	else if (!part(oci, ns, o, from, length, &directory, err))
		return false;
	*ret_had = directory && zip_index_parse(directory, (size_t)length, a, ret);
	return true;
}
