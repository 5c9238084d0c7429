#pragma once
/// \file testing/text_object.h
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "lake/object_store.h"

namespace millrace::testing {

/// An object whose bytes are a string.
class TextObject final : public lake::ObjectReader {
 public:
  explicit TextObject(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min(into.size(), text_.size() - at_);
    if (n > 0) std::memcpy(into.data(), text_.data() + at_, n);
    at_ += n;
    return n;
  }
  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    return text_.substr(offset, length);
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

inline std::unique_ptr<lake::ObjectReader> text_object(std::string text) {
  return std::make_unique<TextObject>(std::move(text));
}

}  // namespace millrace::testing
