#pragma once
/// \file serve/json_cell.h
/// One cell as JSON, written through a pointer into a small block: an append to a std::string per
/// digit group would cost more than the digits.

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "contract/column.h"

namespace millrace::serve {

/// Collects short pieces and hands them to the string in blocks. Finish with flush().
class JsonCursor {
 public:
  explicit JsonCursor(std::string& out) : out_(out) {}
  JsonCursor(const JsonCursor&) = delete;
  JsonCursor& operator=(const JsonCursor&) = delete;

  /// Room for `bytes` bytes. Requires: bytes <= kMostRoom.
  static constexpr std::size_t kMostRoom = 8192;
  char* room(std::size_t bytes) {
    if (block_.size() - used_ < bytes) flush();
    return block_.data() + used_;
  }
  /// All before `end` has been written.
  void wrote_to(const char* end) { used_ = static_cast<std::size_t>(end - block_.data()); }

  void put(std::string_view text) {
    if (text.size() > kMostRoom) {
      direct().append(text);
      return;
    }
    char* p = room(text.size());
    std::memcpy(p, text.data(), text.size());
    wrote_to(p + text.size());
  }
  /// The string itself, with all that was written so far.
  std::string& direct() {
    flush();
    return out_;
  }
  void flush() {
    out_.append(block_.data(), used_);
    used_ = 0;
  }

 private:
  std::string& out_;
  std::size_t used_ = 0;
  std::array<char, 16384> block_;  // not initialised: only what was written is read
};

/// Requires: the column's kind is not `other`.
void put_cell(JsonCursor& out, const ColumnView& column, std::size_t row);

}  // namespace millrace::serve
