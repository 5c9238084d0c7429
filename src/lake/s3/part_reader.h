#pragma once
/// \file lake/s3/part_reader.h
/// Reads an object from its start to its end, several ranged GETs ahead of whoever reads it.

#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/sha256.h"
#include "lake/s3/store_core.h"

namespace millrace::lake::s3 {

class PartReader final : public ObjectReader {
 public:
  /// `key`: in the bucket. The first bytes are there when it returns. Errors: not_found, conflict, permission_denied.
  static Result<std::unique_ptr<ObjectReader>> open(std::shared_ptr<Core> core, std::string key,
                                                    std::uint64_t size_bytes, std::string etag);
  ~PartReader() override;
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;

  Result<std::size_t> read(std::span<char> into) override;
  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override;

 private:
  PartReader(std::shared_ptr<Core> core, std::string key, std::uint64_t size_bytes, std::string etag);
  void ask_ahead();
  Status next_part();
  Status check_digest();

  std::shared_ptr<Core> core_;  // shared with the store, which may end before its readers
  const std::string key_, etag_;
  const std::uint64_t size_;
  std::stop_source stop_;
  std::deque<std::future<Result<GotRange>>> ahead_;
  std::uint64_t asked_ = 0, read_ = 0;  ///< bytes asked for, bytes handed out
  std::string part_;                    ///< the bytes at hand, from at_ on
  std::size_t at_ = 0;
  std::optional<Md5> digest_;  ///< of an object in parts whose etag is an MD5
};

}  // namespace millrace::lake::s3
