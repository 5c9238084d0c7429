#pragma once
/// \file lake/codec/encoding.h
/// Character encodings of files, brought to UTF-8 piece by piece. What the declared encoding does not
/// allow refuses the file: a guess would change values without a word.
/// Source: Unicode 15 (UTF-16, section 3.9); unicode.org mapping tables 8859-1 and CP1252.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "contract/reject.h"
#include "lake/byte_stream.h"

namespace millrace::lake {

/// utf16 takes its byte order from the mark (BOM) that the file begins with, and needs one.
enum class Encoding : std::uint8_t { utf8, latin1, cp1252, utf16, utf16le, utf16be };

/// As users write it: "utf-8", "latin-1", "cp1252", "utf-16", "utf-16le", "utf-16be".
std::string_view name_of(Encoding encoding);
std::optional<Encoding> encoding_of(std::string_view name);

/// Threads: one thread at a time.
class Transcoder {
 public:
  /// Requires: not utf8, which needs none.
  explicit Transcoder(Encoding encoding) : declared_(encoding), encoding_(encoding) {}

  /// Appends the text of `bytes` to `out`. A character that is cut off at their end waits for the next
  /// piece, unless this is the last one. A FileReject (wrong_encoding): with the byte's position.
  /// Requires: the first piece has 4096 bytes or is the last: it is looked at for what the file is.
  std::optional<FileReject> feed(std::string_view bytes, bool last, std::string& out);

  /// utf16 has become utf16le or utf16be once it has been fed.
  [[nodiscard]] Encoding encoding() const { return encoding_; }

 private:
  std::optional<FileReject> look_at_head(std::string_view head);
  std::optional<FileReject> feed_single(std::string_view bytes, std::string& out);
  std::optional<FileReject> feed_utf16(std::string_view bytes, bool last, std::string& out);
  [[nodiscard]] FileReject refused(std::string found) const;

  Encoding declared_, encoding_;
  std::uint64_t position_ = 0;  // of the next byte in the file
  std::string carry_;           // up to three bytes of a character that is cut off
  bool started_ = false;
};

/// `bytes` as UTF-8; its reject() is then wrong_encoding. Requires: not utf8.
std::unique_ptr<ByteStream> decoded_stream(std::unique_ptr<ByteStream> bytes, Encoding encoding);

}  // namespace millrace::lake
