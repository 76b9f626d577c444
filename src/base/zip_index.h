/*
 * What is in a zip, by its central directory alone: the end of the file tells where that is, so that no content is read.
 * Facts: APPNOTE 6.3.9, sections 4.3.12 to 4.3.16 and 4.5.3 (zip64). Pure, but for the reading of local files.
 *
 * A zip that is somebody else's: sizes, offsets and counts are held against what there is, names may be anything.
 */
#ifndef BASE_ZIP_INDEX_H
#define BASE_ZIP_INDEX_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

enum { ZIP_END_MAX = 64 * 1024 + 128, ZIP_DIRECTORY_MAX = 16 << 20, ZIP_MEMBERS_MAX = 200000 };

/* Whether an entry's name stays inside the folder it is unpacked to. */
bool zip_name_ok(const char *name);

struct zip_member {
	const char *name;
	uint64_t size; /* bytes when it is unpacked */
	uint32_t crc;
};
struct zip_index {
	struct zip_member *v; /* by name */
	size_t n;
};
/* Where the central directory lies. end: the last n bytes of a zip of `size` bytes, ZIP_END_MAX of them or all. False:
   it is no zip, or a larger one than is read. */
bool zip_index_find(
	const void *end, size_t n, uint64_t size, uint64_t *ret_from, uint64_t *ret_length);
/* The n bytes of a central directory; names are in the arena. False: it is damaged. */
bool zip_index_parse(const void *directory, size_t n, struct arena *a, struct zip_index *ret);
/* Of a local file. */
bool zip_index_read(const char *path, struct arena *a, struct zip_index *ret, struct err *err);

/* What differs: '+', '-', and '~' where size or checksum does. */
struct zip_change {
	char sign;
	const char *name;
	uint64_t was, now; /* sizes */
};
struct zip_diff {
	struct zip_change *v;
	size_t n, unchanged;
};
void zip_index_diff(const struct zip_index *was, const struct zip_index *now, struct arena *a,
	struct zip_diff *ret);

#endif
