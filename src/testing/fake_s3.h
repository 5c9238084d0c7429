#pragma once
/// \file testing/fake_s3.h
/// An S3 server in memory, behind the same HttpTransport as the real one: it takes requests apart from their wire form,
/// refuses what is not signed, honours conditions and ranges, pages its listings and assembles multipart uploads.
/// It answers as AWS does where that is documented; what Ceph's gateway does otherwise is a switch of Behaviour.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http.h"
#include "testing/fake_s3_wire.h"

namespace millrace::testing {

struct S3Object {
  std::string bytes, etag;  ///< etag: with its quotes
  WallTime modified{};
  std::map<std::string, std::string> headers;  ///< x-amz-meta-*, content-type, content-encoding
  std::string storage_class = "STANDARD";
  enum class Restore : std::uint8_t { none, ongoing, done } restore = Restore::none;
};

/// Threads: safe to share.
class FakeS3 final : public net::HttpTransport {
 public:
  struct Behaviour {
    std::string region = "us-east-1";         ///< another one in a signature's scope is refused with a hint
    std::size_t page_size = 1000;             ///< most keys in a page of a listing
    std::size_t least_part = 5 << 20;         ///< smaller parts are refused, except the last
    std::uint64_t largest_copy = 5ULL << 30;  ///< larger objects are copied in parts
    bool checks_delete = true;                ///< honours If-Match of a DELETE
    bool restores = true;                     ///< knows ?restore
  };

  /// `clock` is borrowed. Knows the access key "FAKEACCESSKEY" and no bucket.
  explicit FakeS3(const Clock& clock) : FakeS3(clock, Behaviour{}) {}
  FakeS3(const Clock& clock, Behaviour behaviour);

  Result<net::HttpResponse> send(const net::HttpRequest& request, net::BodySink* sink) override;
  using net::HttpTransport::send;

  // What a test arranges and looks at, past the wire.
  void create_bucket(const std::string& bucket);
  void store(const std::string& bucket, const std::string& key, std::string bytes);
  void drop(const std::string& bucket, const std::string& key);
  void set_class(const std::string& bucket, const std::string& key, const std::string& storage_class);
  void finish_restores();
  /// The keys that may sign; another one is answered with InvalidAccessKeyId.
  void accept_keys(std::set<std::string> keys);
  [[nodiscard]] std::optional<S3Object> object(const std::string& bucket, const std::string& key) const;
  [[nodiscard]] std::vector<std::string> keys(const std::string& bucket) const;
  [[nodiscard]] std::size_t open_uploads() const;
  [[nodiscard]] std::uint64_t requests() const;

 private:
  struct Upload {
    std::string bucket, key;
    std::map<std::string, std::string> headers;
    std::string storage_class;
    std::map<int, std::string> parts;
    WallTime begun{};
  };
  struct Bucket {
    std::map<std::string, S3Object> objects;
    std::map<std::string, std::string> configurations;  ///< by sub-resource
  };

  std::optional<S3Answer> refuse_unsigned(const S3Call& call) const;
  S3Answer answer(const S3Call& call);
  S3Answer to_bucket(const S3Call& call, Bucket& bucket);
  S3Answer list(const S3Call& call, const Bucket& bucket) const;
  S3Answer list_uploads(const S3Call& call) const;
  S3Answer configuration(const S3Call& call, Bucket& bucket);
  S3Answer to_object(const S3Call& call, Bucket& bucket);
  S3Answer get(const S3Call& call, const Bucket& bucket) const;
  S3Answer put(const S3Call& call, Bucket& bucket);
  S3Answer copy(const S3Call& call, Bucket& bucket);
  S3Answer remove(const S3Call& call, Bucket& bucket);
  S3Answer restore(const S3Call& call, Bucket& bucket);
  S3Answer create_upload(const S3Call& call);
  S3Answer put_part(const S3Call& call);
  S3Answer complete(const S3Call& call, Bucket& bucket);
  /// The object a copy names, if its conditions hold; else the refusal in `refused`.
  const S3Object* copy_source(const S3Call& call, S3Answer& refused) const;
  S3Object fresh(const S3Call& call, std::string bytes) const;

  const Clock* clock_;  // borrowed, outlives us
  const Behaviour behaviour_;
  mutable std::mutex mutex_;
  std::set<std::string> keys_{"FAKEACCESSKEY"};
  std::map<std::string, Bucket> buckets_;
  std::map<std::string, Upload> uploads_;
  std::map<std::string, std::string> completed_;  ///< upload id: the answer, which S3 repeats
  std::uint64_t requests_ = 0, next_upload_ = 0;
};

}  // namespace millrace::testing
