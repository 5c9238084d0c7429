#include "lake/csv/block_reader.h"

#include <fmt/format.h>

#include <cstring>

#include "base/failpoint.h"

namespace millrace::lake::csv {

BlockReader::BlockReader(std::unique_ptr<ObjectReader> object, const Dialect& dialect, std::size_t block_bytes)
    : object_(std::move(object)), dialect_(dialect), block_bytes_(block_bytes) {}

void BlockReader::reserve(Block& block, std::size_t bytes) const {
  if (block.capacity >= bytes + kPadding) return;
  auto bigger = std::make_unique_for_overwrite<char[]>(bytes + kPadding);
  if (block.size > 0) std::memcpy(bigger.get(), block.memory.get(), block.size);
  block.memory = std::move(bigger);
  block.capacity = bytes + kPadding;
}

/// Appends up to block_bytes_ to the block.
Status BlockReader::read_more(Block& block) {
  MR_FAILPOINT("lake.read.before");
  reserve(block, block.size + block_bytes_);
  MR_TRY(const std::size_t n, object_->read({block.memory.get() + block.size, block_bytes_}));
  hash_.update({block.memory.get() + block.size, n});
  block.size += n;
  if (n < block_bytes_) end_of_file_ = true;
  return ok();
}

Result<bool> BlockReader::take(Block& block) {
  const std::lock_guard lock(mutex_);
  block.size = 0;
  reserve(block, carry_.size() + block_bytes_);
  std::memcpy(block.memory.get(), carry_.data(), carry_.size());
  block.size = carry_.size();
  carry_.clear();
  while (true) {
    if (!end_of_file_) MR_CHECK(read_more(block));
    const Cut cut = cut_at_record(block.bytes(), dialect_, end_of_file_);
    if (cut.record_too_long)
      return Error{ErrorKind::contract_violation,
                   fmt::format("line {}: no line end within {} MiB", line_, kMostRecordBytes >> 20),
                   {},
                   {}};
    if (cut.bytes == 0 && !end_of_file_) continue;
    carry_.assign(block.memory.get() + cut.bytes, block.size - cut.bytes);
    block.size = cut.bytes;
    std::memset(block.memory.get() + block.size, 0, kPadding);
    block.offset = offset_;
    block.first_line = line_;
    offset_ += cut.bytes;
    line_ += count_line_ends(block.bytes());
    return cut.bytes > 0;
  }
}

Result<std::string_view> BlockReader::peek() {
  const std::lock_guard lock(mutex_);
  Block block;
  while (carry_.size() < block_bytes_ && !end_of_file_) {
    block.size = 0;
    MR_CHECK(read_more(block));
    carry_.append(block.bytes());
  }
  return std::string_view(carry_);
}

void BlockReader::skip(std::size_t bytes, std::int64_t lines) {
  const std::lock_guard lock(mutex_);
  carry_.erase(0, bytes);
  offset_ += bytes;
  line_ += lines;
}

std::string BlockReader::sha256() {
  const std::lock_guard lock(mutex_);
  return hash_.hex_digest();
}

}  // namespace millrace::lake::csv
