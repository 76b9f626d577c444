/*
 * Objects as this thread has read them, for as long as nothing is committed in their store (memos, store.h): what
 * most requests of a job that reads the same files ask for takes neither SQL nor a file.
 */
#ifndef LOCAL_OBJECT_MEMO_H
#define LOCAL_OBJECT_MEMO_H

#include "local/objectstorage/object_row.h"
#include "local/store/store.h"

/* As object_row_get by this thread's connection. */
bool object_memo_get(struct store *s, struct arena *a, const char *bucket, const char *name,
	struct object_row *ret);
/* All bytes of an object that object_memo_get gave, where they are few: to be copied before the next such call. NULL:
   they are to be read from the content. */
const char *object_memo_content(struct store *s, const char *bucket, const struct object_row *o);

#endif
