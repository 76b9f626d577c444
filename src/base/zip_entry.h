/* What libzip tells of an entry of a zip that is somebody else's. */
#ifndef BASE_ZIP_ENTRY_H
#define BASE_ZIP_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

struct zip;
/* Whether entry i is a file or a folder: neither a link nor a device, and its attributes can be read. */
bool zip_entry_is_plain(struct zip *zip, uint64_t i);

#endif
