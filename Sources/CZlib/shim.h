#ifndef REGCTL_CZLIB_SHIM_H
#define REGCTL_CZLIB_SHIM_H

#include <zlib.h>

/* deflateInit2 and inflateInit are function-like macros, which Swift does not import. */
static inline int regctl_deflateInit2(z_stream *stream, int level, int window_bits, int memory_level) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int regctl_inflateInit(z_stream *stream) {
  return inflateInit(stream);
}

#endif
