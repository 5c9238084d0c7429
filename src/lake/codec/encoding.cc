#include "lake/codec/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace millrace::lake {
namespace {

constexpr std::array<std::pair<Encoding, std::string_view>, 6> kNames{{{Encoding::utf8, "utf-8"},
                                                                       {Encoding::latin1, "latin-1"},
                                                                       {Encoding::cp1252, "cp1252"},
                                                                       {Encoding::utf16, "utf-16"},
                                                                       {Encoding::utf16le, "utf-16le"},
                                                                       {Encoding::utf16be, "utf-16be"}}};

/// CP1252 from 0x80 to 0x9f, where it differs from Latin-1; 0: no character.
constexpr std::array<char16_t, 32> kCp1252{0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                           0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                           0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                           0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::size_t kHeadBytes = 4096;

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

/// How many of the bytes at even (odd) positions are NUL: the high halves of Latin letters.
std::array<std::size_t, 2> nuls_of(std::string_view head) {
  std::array<std::size_t, 2> nuls{};
  for (std::size_t i = 0; i < head.size(); ++i) nuls[i % 2] += head[i] == '\0' ? 1 : 0;
  return nuls;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  for (const auto& [known, name] : kNames)
    if (known == encoding) return name;
  MR_INVARIANT(false, "every encoding has a name");
}

std::optional<Encoding> encoding_of(std::string_view name) {
  for (const auto& [encoding, known] : kNames)
    if (known == name) return encoding;
  return std::nullopt;
}

FileReject Transcoder::refused(std::string found) const {
  return {RejectCode::wrong_encoding, fmt::format("found {}, expected {}", found, name_of(declared_))};
}

std::optional<FileReject> Transcoder::look_at_head(std::string_view head) {
  head = head.substr(0, kHeadBytes);
  if (head.empty()) return std::nullopt;
  if (head.starts_with("\xef\xbb\xbf")) return refused("the mark of UTF-8 at the begin");
  const bool little = head.starts_with("\xff\xfe"), big = head.starts_with("\xfe\xff");
  if (encoding_ == Encoding::latin1 || encoding_ == Encoding::cp1252) {
    if (little || big) return refused("the mark of UTF-16 at the begin");
    return std::nullopt;
  }
  if (encoding_ == Encoding::utf16) {
    if (!little && !big) return refused("no mark of UTF-16 at the begin; without one, declare utf-16le or utf-16be");
    encoding_ = little ? Encoding::utf16le : Encoding::utf16be;
  }
  const bool is_little = encoding_ == Encoding::utf16le;
  if (is_little ? big : little) return refused("the mark of the other byte order");
  // A table has commas and line ends, whatever its language: their high halves are NUL.
  const auto nuls = nuls_of(head);
  if (nuls[0] + nuls[1] == 0)
    return refused(fmt::format("no NUL in the first {} bytes: this is not UTF-16", head.size()));
  if (nuls[is_little ? 0 : 1] > 2 * nuls[is_little ? 1 : 0]) return refused("what looks like the other byte order");
  return std::nullopt;
}

std::optional<FileReject> Transcoder::feed_single(std::string_view bytes, std::string& out) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned byte = byte_at(bytes, i);
    if (encoding_ != Encoding::cp1252 || byte < 0x80 || byte > 0x9f) {
      utf8::append(out, byte);
      continue;
    }
    const char16_t c = kCp1252[byte - 0x80];
    if (c == 0) return refused(fmt::format("byte 0x{:02x} at offset {}, which is no character", byte, position_ + i));
    utf8::append(out, c);
  }
  position_ += bytes.size();
  return std::nullopt;
}

std::optional<FileReject> Transcoder::feed_utf16(std::string_view bytes, bool last, std::string& out) {
  const bool little = encoding_ == Encoding::utf16le;
  const auto unit_at = [&](std::size_t at) {
    const unsigned a = byte_at(bytes, at), b = byte_at(bytes, at + 1);
    return little ? a | b << 8 : a << 8 | b;
  };
  const auto surrogate = [&](std::size_t at) {
    return refused(fmt::format("half a surrogate pair, 0x{:04x}, at offset {}", unit_at(at), position_ + at));
  };
  std::size_t i = 0;
  for (; i + 2 <= bytes.size(); i += 2) {
    const unsigned unit = unit_at(i);
    if (unit < 0xd800 || unit > 0xdfff) {
      utf8::append(out, unit);
      continue;
    }
    if (unit >= 0xdc00) return surrogate(i);
    if (i + 4 > bytes.size()) break;
    const unsigned low = unit_at(i + 2);
    if (low < 0xdc00 || low > 0xdfff) return surrogate(i);
    utf8::append(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    i += 2;
  }
  if (last && bytes.size() - i >= 2) return surrogate(i);
  if (last && i < bytes.size()) return refused(fmt::format("a last byte alone, at offset {}", position_ + i));
  carry_.assign(bytes.substr(i));
  position_ += i;
  return std::nullopt;
}

std::optional<FileReject> Transcoder::feed(std::string_view bytes, bool last, std::string& out) {
  if (!std::exchange(started_, true))
    if (auto reject = look_at_head(bytes)) return reject;
  if (encoding_ == Encoding::latin1 || encoding_ == Encoding::cp1252) return feed_single(bytes, out);
  if (carry_.empty()) return feed_utf16(bytes, last, out);
  std::string whole = std::exchange(carry_, {});
  whole += bytes;
  return feed_utf16(whole, last, out);
}

namespace {

class DecodedStream final : public ByteStream {
 public:
  DecodedStream(std::unique_ptr<ByteStream> bytes, Encoding encoding)
      : bytes_(std::move(bytes)), transcoder_(encoding), piece_(kPieceBytes) {}

  Result<std::size_t> read(std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      if (at_ == text_.size()) {
        if (ended_) break;
        MR_CHECK(decode_more());
        continue;
      }
      const std::size_t n = std::min(into.size() - done, text_.size() - at_);
      text_.copy(into.data() + done, n, at_);
      at_ += n;
      done += n;
    }
    return done;
  }

  [[nodiscard]] const std::optional<FileReject>& reject() const override {
    return reject_ ? reject_ : bytes_->reject();
  }

  StreamFacts facts() override {
    StreamFacts facts = bytes_->facts();
    facts.codec += facts.codec.empty() ? "" : "+";
    facts.codec += name_of(transcoder_.encoding());
    return facts;
  }

 private:
  Status decode_more() {
    MR_TRY(const std::size_t n, bytes_->read(piece_));
    ended_ = n < piece_.size();
    text_.clear();
    at_ = 0;
    reject_ = transcoder_.feed({piece_.data(), n}, ended_, text_);
    if (!reject_) return ok();
    return Error{ErrorKind::contract_violation, reject_->reason, std::string(meaning_of(reject_->code).hint), {}};
  }

  std::unique_ptr<ByteStream> bytes_;
  Transcoder transcoder_;
  std::vector<char> piece_;
  std::string text_;  // decoded and not read yet from at_ on
  std::size_t at_ = 0;
  bool ended_ = false;  // of bytes_
  std::optional<FileReject> reject_;
};

}  // namespace

std::unique_ptr<ByteStream> decoded_stream(std::unique_ptr<ByteStream> bytes, Encoding encoding) {
  return std::make_unique<DecodedStream>(std::move(bytes), encoding);
}

}  // namespace millrace::lake
