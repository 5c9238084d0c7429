#include "lake/codec/open_stream.h"

#include <array>
#include <string>
#include <utility>

#include "lake/plain_stream.h"

namespace millrace::lake {

Result<std::unique_ptr<ByteStream>> open_stream(std::unique_ptr<ObjectReader> object, const DecodeOptions& options) {
  std::array<char, kMagicBytes> head{};
  MR_TRY(const std::size_t n, object->read(head));
  const std::string_view seen(head.data(), n);
  const Packing packing = packing_of(seen);
  std::unique_ptr<ByteStream> stream = plain_stream(std::move(object), std::string(seen));
  if (packing == Packing::gzip) stream = unpacked_stream(std::move(stream), gzip_unpacker(), options.limits);
  if (packing == Packing::zstd) stream = unpacked_stream(std::move(stream), zstd_unpacker(), options.limits);
  if (options.encoding != Encoding::utf8) stream = decoded_stream(std::move(stream), options.encoding);
  return stream;
}

}  // namespace millrace::lake
