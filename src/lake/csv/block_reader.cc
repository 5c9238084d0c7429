#include "lake/csv/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "contract/column.h"

namespace millrace::lake::csv {

/// Buffers that no block needs any more, to be filled again: fresh memory costs a page fault for every 4 KiB.
class BlockReader::Pool : public std::enable_shared_from_this<Pool> {
 public:
  std::shared_ptr<Buffer> take(std::size_t capacity) {
    std::unique_ptr<Buffer> buffer;
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        buffer = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!buffer) buffer = std::make_unique<Buffer>();
    if (buffer->capacity < capacity) {
      buffer->memory = std::make_unique_for_overwrite<char[]>(capacity);
      buffer->capacity = capacity;
    }
    buffer->size = 0;
    return {buffer.release(), [pool = shared_from_this()](Buffer* b) { pool->give(std::unique_ptr<Buffer>(b)); }};
  }

 private:
  void give(std::unique_ptr<Buffer> buffer) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(buffer));
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<Buffer>> idle_;  // guarded by mutex_
};

BlockReader::BlockReader(std::unique_ptr<ByteStream> stream, const Dialect& dialect, std::size_t read_bytes)
    : stream_(std::move(stream)),
      dialect_(dialect),
      read_bytes_(read_bytes),
      pool_(std::make_shared<Pool>()),
      buffer_(pool_->take(kPadding)) {}

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

/// What is left of the buffer, and read_bytes_ more behind it.
Status BlockReader::refill() {
  const std::size_t left = buffer_->size - at_;
  std::shared_ptr<Buffer> next = pool_->take(left + read_bytes_ + kPadding);
  char* const memory = next->memory.get();
  std::memcpy(memory, buffer_->memory.get() + at_, left);
  MR_TRY(const std::size_t n, draw({memory + left, read_bytes_}));
  next->size = left + n;
  end_of_file_ = n < read_bytes_;
  buffer_ = std::move(next);
  at_ = 0;
  if (end_of_file_) MR_CHECK(settle_end());
  std::memset(memory + buffer_->size, 0, kPadding);
  return ok();
}

/// What may stand at the end of a file and is no record.
Status BlockReader::settle_end() {
  const std::string_view bytes(buffer_->memory.get(), buffer_->size);
  if (bytes.ends_with('\0')) {
    const std::size_t last = bytes.find_last_not_of('\0');
    const std::size_t nuls = bytes.size() - (last == std::string_view::npos ? 0 : last + 1);
    return refuse(RejectCode::nul_tail,
                  fmt::format("the file ends in {} NUL bytes{}", nuls, nuls == bytes.size() ? " or more" : ""));
  }
  if (bytes.ends_with('\x1a')) {
    control_z_ = true;
    --buffer_->size;
  }
  return ok();
}

Result<bool> BlockReader::take(Block& block) {
  const std::lock_guard lock(mutex_);
  block = {};
  while (true) {
    const std::string_view rest(buffer_->memory.get() + at_, buffer_->size - at_);
    if (end_of_file_ && rest.empty()) return false;
    const Cut cut = cut_at_record(rest, dialect_, end_of_file_, kBatchRows);
    if (cut.record_too_long)
      return refuse(RejectCode::record_too_long,
                    fmt::format("line {}: no line end within {} bytes", line_, dialect_.max_record_bytes));
    if (cut.bytes == 0) {
      MR_CHECK(refill());
      continue;
    }
    block = {{buffer_, rest.data()}, rest.substr(0, cut.bytes), offset_, line_, blocks_++};
    at_ += cut.bytes;
    offset_ += cut.bytes;
    line_ += cut.lines;
    return true;
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
