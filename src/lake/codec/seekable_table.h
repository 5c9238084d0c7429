#pragma once
/// \file lake/codec/seekable_table.h
/// The end of a seekable file: the frame that says where it came from, and the table of all frames.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/codec/seekable.h"

namespace millrace::lake {

struct FrameSize {
  std::uint32_t packed = 0, text = 0;
};

/// The bytes behind the frames of text. `frames`: theirs.
std::string seekable_end(std::vector<FrameSize> frames, const PackedFile& about);

inline constexpr std::size_t kSeekableFooter = 9;
/// A table is larger than this for more than 32 Ti bytes of text: it is damaged.
inline constexpr std::uint64_t kLargestTable = std::uint64_t{8} << 23;

/// How many bytes the table has with its frame header, told by its footer; nullopt: there is none.
std::optional<std::uint64_t> table_bytes(std::string_view footer);
/// nullopt: damaged. `table`: the last table_bytes() bytes.
std::optional<std::vector<FrameSize>> read_table(std::string_view table);
/// What the frame before the table says; nullopt: it is none of ours.
std::optional<PackedFile> read_mark(std::string_view frame);

}  // namespace millrace::lake
