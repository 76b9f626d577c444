/*
 * spec_resolve, for spec_open: what was told while the file was being opened is not told again.
 */
#ifndef SPEC_RESOLVE_H
#define SPEC_RESOLVE_H

#include "spec/state.h"

const struct pipeline *resolve_file(struct spec *s, const struct spec_builtins *b, struct diags *d);

#endif
