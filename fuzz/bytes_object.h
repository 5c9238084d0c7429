#pragma once
/// \file fuzz/bytes_object.h
/// Any bytes as an object of the lake.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "lake/object_store.h"

namespace millrace::fuzz {

class BytesObject final : public lake::ObjectReader {
 public:
  explicit BytesObject(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min(into.size(), bytes_.size() - at_);
    if (n > 0) std::memcpy(into.data(), bytes_.data() + at_, n);
    at_ += n;
    return n;
  }
  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    return bytes_.substr(offset, length);
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace millrace::fuzz
