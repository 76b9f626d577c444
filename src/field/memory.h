/*
 * What was set last, remembered in one short text that lies with the resource itself (a tag). It holds no values,
 * only digests of their canonical forms: enough to tell whether the file or the live side has changed since, and
 * which fields are ours to clear when the file drops them.
 *
 *	1 CHECK {LETTER DIGEST}... [. {KEY VALUE}...]
 *
 * without the spaces. 1 is the format. CHECK (5 characters) covers all the rest and what the text is bound to, so that
 * an edit by hand, or a text copied to another resource, is not taken for ours. LETTER is the row's permanent one; an
 * upper-case one is a record's, and the next one that of the field inside. DIGEST is 5 characters of base64url, 30
 * bits of a SHA-256. Behind the dot stand the keys of merged maps (tags): 5 characters of the key's digest, 3 of the
 * value's. Keys stand as digests since they have up to 200 characters, and any. The text is at most MEMORY_MAX
 * characters long, since a tag's value is: keys that do not fit are left out, and so never taken away.
 *
 *	char *text = memory_write(&application_record, app, "flights/local/delays", &arena, NULL);
 *	struct memory set;
 *	memory_read(text, "flights/local/delays", &set);
 *	field_diff_since(&application_record, live, want, &set, &arena, &changes, &stays);
 */
#ifndef FIELD_MEMORY_H
#define FIELD_MEMORY_H

#include "field/field.h"

enum { MEMORY_MAX = 255, MEMORY_DIGEST = 5, MEMORY_VALUE = 3 };

enum memory_state {
	MEMORY_NONE, /* never written, or taken away */
	MEMORY_KNOWN,
	MEMORY_GARBLED, /* not what weir wrote for this resource */
	MEMORY_NEWER,   /* in a later format */
};
/* Points into the text that it was read from. */
struct memory {
	enum memory_state state;
	const char *fields, *keys; /* entries; each ends with the next, or with the text */
	size_t fields_len, keys_len;
};
/* text NULL: MEMORY_NONE. Any text is safe; what is not KNOWN remembers nothing. */
void memory_read(const char *text, const char *bound, struct memory *ret);
/* Of all that want declares. ret_left_out (may be NULL): how many keys did not fit. */
char *memory_write(const struct record *r, const void *want, const char *bound, struct arena *a,
	size_t *ret_left_out);

/* For the diff. The digest of a value in its canonical form; n NULL: of what is empty. */
void memory_digest(const struct field *f, const struct node *n, char out[static MEMORY_DIGEST + 1]);
/* Whether the field was set, with its digest. outer: the row of the record it stands in, NULL for none. */
bool memory_field(const struct memory *m, const struct field *outer, const struct field *f,
	char ret[static MEMORY_DIGEST + 1]);
/* Whether the key of a merged map was set; *ret_same: to that value. */
bool memory_key(const struct memory *m, const struct field *f, const char *key, const char *value,
	bool *ret_same);

#endif
