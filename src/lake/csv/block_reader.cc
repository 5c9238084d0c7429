#include "lake/csv/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace millrace::lake::csv {

BlockReader::BlockReader(std::unique_ptr<ByteStream> stream, const Dialect& dialect, std::size_t block_bytes)
    : stream_(std::move(stream)), dialect_(dialect), block_bytes_(block_bytes) {}

void BlockReader::reserve(Block& block, std::size_t bytes) const {
  if (block.capacity >= bytes + kPadding) return;
  auto bigger = std::make_unique_for_overwrite<char[]>(bytes + kPadding);
  if (block.size > 0) std::memcpy(bigger.get(), block.memory.get(), block.size);
  block.memory = std::move(bigger);
  block.capacity = bytes + kPadding;
}

Error BlockReader::refuse(RejectCode code, std::string reason) {
  reject_ = FileReject{code, reason};
  return {ErrorKind::contract_violation, std::move(reason), std::string(meaning_of(code).hint), {}};
}

/// The next bytes of the text: what was peeked at, then the stream. Fewer than asked for only at the end.
Result<std::size_t> BlockReader::draw(std::span<char> into) {
  const std::size_t peeked = std::min(into.size(), head_.size() - head_at_);
  if (peeked > 0) std::memcpy(into.data(), head_.data() + head_at_, peeked);
  head_at_ += peeked;
  if (head_at_ == head_.size() && head_at_ > 0) {
    head_ = {};
    head_at_ = 0;
  }
  if (peeked == into.size()) return peeked;
  auto n = stream_->read(into.subspan(peeked));
  if (!n) {
    reject_ = stream_->reject();
    return std::move(n).error();
  }
  return peeked + *n;
}

/// Appends up to block_bytes_ to the block.
Status BlockReader::read_more(Block& block) {
  reserve(block, block.size + block_bytes_);
  MR_TRY(const std::size_t n, draw({block.memory.get() + block.size, block_bytes_}));
  block.size += n;
  if (n < block_bytes_) end_of_file_ = true;
  return ok();
}

/// What may stand at the end of a file and is no record.
Status BlockReader::settle_end(Block& block) {
  end_settled_ = true;
  const std::string_view bytes = block.bytes();
  if (bytes.ends_with('\0')) {
    const std::size_t last = bytes.find_last_not_of('\0');
    const std::size_t nuls = bytes.size() - (last == std::string_view::npos ? 0 : last + 1);
    return refuse(RejectCode::nul_tail,
                  fmt::format("the file ends in {} NUL bytes{}", nuls, nuls == bytes.size() ? " or more" : ""));
  }
  if (bytes.ends_with('\x1a')) {
    control_z_ = true;
    --block.size;
  }
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
    if (end_of_file_ && !end_settled_) MR_CHECK(settle_end(block));
    const Cut cut = cut_at_record(block.bytes(), dialect_, end_of_file_);
    if (cut.record_too_long)
      return refuse(RejectCode::record_too_long,
                    fmt::format("line {}: no line end within {} bytes", line_, dialect_.max_record_bytes));
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

Result<Head> BlockReader::peek() {
  const std::lock_guard lock(mutex_);
  auto memory = std::make_unique_for_overwrite<char[]>(kHeadBytes);
  MR_TRY(const std::size_t n, draw({memory.get(), kHeadBytes}));
  head_.assign(memory.get(), n);
  return Head{head_, n < kHeadBytes};
}

void BlockReader::skip(std::size_t bytes, std::int64_t lines) {
  const std::lock_guard lock(mutex_);
  head_at_ += bytes;
  offset_ += bytes;
  line_ += lines;
}

std::optional<FileReject> BlockReader::reject() const {
  const std::lock_guard lock(mutex_);
  return reject_;
}

StreamFacts BlockReader::stream_facts() {
  const std::lock_guard lock(mutex_);
  return stream_->facts();
}

}  // namespace millrace::lake::csv
