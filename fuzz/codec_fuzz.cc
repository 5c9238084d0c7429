// Any bytes as a packed or encoded file: nothing crashes, what comes out is UTF-8 and no more than the limit,
// and how much is read at a time does not change it.
#include <cstdint>
#include <cstdlib>

#include "base/utf8.h"
#include "fuzz/bytes_object.h"
#include "lake/codec/open_stream.h"

namespace {

using namespace millrace;

constexpr std::uint64_t kMostUnpacked = 1 << 20;

/// The text and how it ended; aborts where the limits do not hold.
std::string read_all(const std::string& bytes, lake::Encoding encoding, std::size_t step) {
  lake::DecodeOptions options;
  options.encoding = encoding;
  options.limits.max_unpacked = kMostUnpacked;
  auto stream = lake::open_stream(std::make_unique<fuzz::BytesObject>(bytes), options);
  if (!stream) std::abort();
  std::string text, buffer(step, '\0');
  while (true) {
    const auto n = (*stream)->read(buffer);
    if (!n && !(*stream)->reject()) std::abort();
    if (!n) return std::string(name_of((*stream)->reject()->code));
    text.append(buffer, 0, *n);
    if (text.size() > 3 * (kMostUnpacked + bytes.size())) std::abort();
    if (*n < step) break;
  }
  if ((*stream)->facts().stored_bytes != bytes.size()) std::abort();
  return "text " + text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 20'000) return 0;
  const auto encoding = static_cast<lake::Encoding>(data[0] % 6);
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string text = read_all(bytes, encoding, 1 << 16);
  // A text that is refused is refused however it is read; before that, more or less of it may come.
  if (text != read_all(bytes, encoding, 4096)) std::abort();
  if (encoding != lake::Encoding::utf8 && utf8::first_bad_byte(text) != std::string::npos) std::abort();
  return 0;
}
