#include "base/zip_entry.h"

#include <sys/stat.h>
#include <zip.h>

/* Unix modes are in the upper half of the external attributes; 0 where the archive was not made on Unix. */
bool zip_entry_is_plain(struct zip *zip, uint64_t i)
{
	zip_uint8_t system;
	zip_uint32_t attributes;
	if (zip_file_get_external_attributes(zip, i, 0, &system, &attributes))
		return false;
	mode_t type = (mode_t)(attributes >> 16) & S_IFMT;
	return system != ZIP_OPSYS_UNIX || type == 0 || type == S_IFREG || type == S_IFDIR;
}
