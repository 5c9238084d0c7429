#pragma once
/// \file lake/s3/range_sink.h
/// Gathers the bytes of one range over several attempts; believes no byte whose head does not fit.

#include <string>

#include "lake/s3/client.h"

namespace millrace::lake::s3 {

/// Threads: one thread at a time.
class RangeSink final : public net::BodySink {
 public:
  /// `where`: of the object, for messages.
  RangeSink(std::string where, const GetRange& range);

  /// Asks for what is still missing.
  void prepare(net::Headers& headers);
  /// Errors: conflict where the head is of another object; unavailable where it is of another range.
  Result<bool> begin(const net::HttpResponse& head) override;
  Status write(std::span<const char> bytes) override;
  /// Is everything there, and as it was written? Errors: unavailable; what was damaged is fetched again.
  Status finish(bool etag_is_md5);
  std::string take() { return std::move(bytes_); }

 private:
  [[nodiscard]] Status fits(const net::HttpResponse& head) const;
  std::string where_;
  GetRange range_;
  std::string bytes_;
  bool ranged_ = false;  ///< the attempt under way asks for a range
};

}  // namespace millrace::lake::s3
