#pragma once
/// \file lake/codec/packed_for_tests.h
/// Bytes packed as the usual programs do it.

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::lake {

inline std::string gzipped(std::string_view text) {
  z_stream z{};
  MR_INVARIANT(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib starts");
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  MR_INVARIANT(deflate(&z, Z_FINISH) == Z_STREAM_END, "the bound is one");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

/// With a checksum, as the zstd program writes it; `window_log` 0: as the level asks.
inline std::string zstd_packed(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (window_log > 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer packed{out.data(), out.size(), 0};
  if (window_log > 0) ZSTD_compressStream2(context, &packed, &in, ZSTD_e_flush);  // so that the size is not known
  const std::size_t left = ZSTD_compressStream2(context, &packed, &in, ZSTD_e_end);
  MR_INVARIANT(left == 0, "the bound is one");
  ZSTD_freeCCtx(context);
  out.resize(packed.pos);
  return out;
}

}  // namespace millrace::lake
