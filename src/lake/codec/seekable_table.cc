#include "lake/codec/seekable_table.h"

#include <fmt/format.h>

#include <charconv>

namespace millrace::lake {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kMarkMagic = 0x184D2A5D;   // a skippable frame of our own
constexpr std::uint32_t kTableMagic = 0x184D2A5E;  // the skippable frame of zstd's seekable format
constexpr std::uint32_t kFooterMagic = 0x8F92EAB1;
constexpr std::size_t kFrameHeader = 8, kEntry = 8;
constexpr std::string_view kMarkTitle = "millrace archived file 1\n";

void append_u32(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::string mark_of(const PackedFile& about) {
  const Provenance& p = about.provenance;
  const std::string text = fmt::format("{}sha256 {}\nbytes {}\nfile_id {}\nsource {}\nlanded_as {}", kMarkTitle,
                                       p.sha256, about.text_bytes, p.file_id, p.source, p.landed_as);
  std::string out;
  append_u32(out, kMarkMagic);
  append_u32(out, text.size());
  return out + text;
}

/// Takes "name value\n" off the front. The last one goes to the end, so that a key may hold any byte.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name, bool last = false) {
  if (!text.starts_with(name) || text.size() <= name.size() || text[name.size()] != ' ') return std::nullopt;
  text.remove_prefix(name.size() + 1);
  const std::size_t end = last ? text.size() : text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(last ? end : end + 1);
  return value;
}

template <class N>
bool read_number(const std::optional<std::string_view>& text, N& into) {
  if (!text) return false;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), into);
  return ec == std::errc{} && end == text->data() + text->size() && into >= 0;
}

}  // namespace

std::string seekable_end(std::vector<FrameSize> frames, const PackedFile& about) {
  std::string out = mark_of(about);
  frames.push_back({static_cast<std::uint32_t>(out.size()), 0});
  append_u32(out, kTableMagic);
  append_u32(out, frames.size() * kEntry + kSeekableFooter);
  for (const FrameSize& f : frames) {
    append_u32(out, f.packed);
    append_u32(out, f.text);
  }
  append_u32(out, frames.size());
  out.push_back('\0');  // entries without checksums: the frames have their own
  append_u32(out, kFooterMagic);
  return out;
}

std::optional<std::uint64_t> table_bytes(std::string_view footer) {
  if (footer.size() != kSeekableFooter || u32_at(footer, 5) != kFooterMagic || footer[4] != '\0') return std::nullopt;
  const std::uint64_t size = kFrameHeader + std::uint64_t{u32_at(footer, 0)} * kEntry + kSeekableFooter;
  return size > kLargestTable ? std::nullopt : std::optional(size);
}

std::optional<std::vector<FrameSize>> read_table(std::string_view table) {
  if (table.size() < kFrameHeader + kSeekableFooter || u32_at(table, 0) != kTableMagic ||
      u32_at(table, 4) != table.size() - kFrameHeader ||
      table_bytes(table.substr(table.size() - kSeekableFooter)) != table.size())
    return std::nullopt;
  std::vector<FrameSize> frames;
  for (std::size_t at = kFrameHeader; at + kEntry <= table.size() - kSeekableFooter; at += kEntry) {
    frames.push_back({u32_at(table, at), u32_at(table, at + 4)});
    if (frames.back().text > kFrameText) return std::nullopt;
  }
  return frames;
}

std::optional<PackedFile> read_mark(std::string_view frame) {
  if (frame.size() < kFrameHeader || u32_at(frame, 0) != kMarkMagic || u32_at(frame, 4) != frame.size() - kFrameHeader)
    return std::nullopt;
  frame.remove_prefix(kFrameHeader);
  if (!frame.starts_with(kMarkTitle)) return std::nullopt;
  frame.remove_prefix(kMarkTitle.size());
  PackedFile about;
  const auto sha256 = take_line(frame, "sha256"sv);
  if (!read_number(take_line(frame, "bytes"sv), about.text_bytes)) return std::nullopt;
  if (!read_number(take_line(frame, "file_id"sv), about.provenance.file_id)) return std::nullopt;
  const auto source = take_line(frame, "source"sv);
  const auto landed_as = take_line(frame, "landed_as"sv, true);
  if (!sha256 || sha256->size() != 64 || !source || !landed_as) return std::nullopt;
  about.provenance.sha256 = *sha256;
  about.provenance.source = *source;
  about.provenance.landed_as = *landed_as;
  return about;
}

}  // namespace millrace::lake
