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
    buffer->begin = buffer->end = 0;
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
    : pool_(std::make_shared<Pool>()),
      dialect_(dialect),
      read_bytes_(read_bytes),
      stream_(std::move(stream)),
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
  MR_TRY(const std::size_t n, stream_->read(into.subspan(peeked)));
  return peeked + n;
}

/// Requires: stream_mutex_ is held.
void BlockReader::read_ahead() {
  if (ahead_ || drained_) return;
  Ahead next;
  next.buffer = pool_->take(kGap + read_bytes_ + kPadding);
  auto n = draw({next.buffer->memory.get() + kGap, read_bytes_});
  if (n) {
    next.buffer->begin = kGap;
    next.buffer->end = kGap + *n;
    next.last = drained_ = *n < read_bytes_;
  } else {
    next.error = std::move(n).error();
    next.reject = stream_->reject();
  }
  ahead_ = std::move(next);
}

/// What is left of the buffer, and behind it what has been read ahead.
Status BlockReader::refill() {
  std::shared_ptr<Buffer> next;
  {
    const std::lock_guard lock(stream_mutex_);
    read_ahead();
    if (ahead_->error) {
      reject_ = ahead_->reject;
      return *ahead_->error;
    }
    next = std::move(ahead_->buffer);
    end_of_file_ = ahead_->last;
    ahead_.reset();
  }
  const std::size_t left = buffer_->end - at_;
  if (left > next->begin) {  // a long record: its begin does not fit into the gap
    const std::size_t more = next->end - next->begin;
    std::shared_ptr<Buffer> larger = pool_->take(left + more + kPadding);
    std::memcpy(larger->memory.get() + left, next->memory.get() + next->begin, more);
    larger->begin = left;
    larger->end = left + more;
    next = std::move(larger);
  }
  next->begin -= left;
  std::memcpy(next->memory.get() + next->begin, buffer_->memory.get() + at_, left);
  buffer_ = std::move(next);
  at_ = buffer_->begin;
  if (end_of_file_) MR_CHECK(settle_end());
  std::memset(buffer_->memory.get() + buffer_->end, 0, kPadding);
  return ok();
}

/// What may stand at the end of a file and is no record.
Status BlockReader::settle_end() {
  const std::string_view bytes(buffer_->memory.get() + at_, buffer_->end - at_);
  if (bytes.ends_with('\0')) {
    const std::size_t last = bytes.find_last_not_of('\0');
    const std::size_t nuls = bytes.size() - (last == std::string_view::npos ? 0 : last + 1);
    return refuse(RejectCode::nul_tail,
                  fmt::format("the file ends in {} NUL bytes{}", nuls, nuls == bytes.size() ? " or more" : ""));
  }
  if (bytes.ends_with('\x1a')) {
    control_z_ = true;
    --buffer_->end;
  }
  return ok();
}

Result<bool> BlockReader::take(Block& block) {
  block = {};
  // Before the taker has a block of its own: others may wait for what comes of that.
  if (std::unique_lock lock(stream_mutex_, std::try_to_lock); lock) read_ahead();
  const std::lock_guard lock(mutex_);
  while (true) {
    const std::string_view rest(buffer_->memory.get() + at_, buffer_->end - at_);
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
  const std::scoped_lock lock(mutex_, stream_mutex_);
  auto memory = std::make_unique_for_overwrite<char[]>(kHeadBytes);
  auto n = draw({memory.get(), kHeadBytes});
  if (!n) {
    reject_ = stream_->reject();
    return std::move(n).error();
  }
  head_.assign(memory.get(), *n);
  return Head{head_, *n < kHeadBytes};
}

void BlockReader::skip(std::size_t bytes, std::int64_t lines) {
  const std::scoped_lock lock(mutex_, stream_mutex_);
  head_at_ += bytes;
  offset_ += bytes;
  line_ += lines;
}

std::optional<FileReject> BlockReader::reject() const {
  const std::lock_guard lock(mutex_);
  return reject_;
}

StreamFacts BlockReader::stream_facts() {
  const std::lock_guard lock(stream_mutex_);
  return stream_->facts();
}

}  // namespace millrace::lake::csv
