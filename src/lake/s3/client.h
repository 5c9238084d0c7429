#pragma once
/// \file lake/s3/client.h
/// The calls of the S3 protocol on one bucket. Each goes one way: sign, send, judge the answer, and where that helps
/// send again, with new credentials, the server's time or the right region.
/// Source: docs.aws.amazon.com/AmazonS3/latest/API

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "lake/s3/credentials.h"
#include "lake/s3/endpoint.h"
#include "lake/s3/failure.h"
#include "net/http.h"
#include "net/retry.h"

namespace millrace::lake::s3 {

/// What a client works with. Borrows all; they outlive it.
struct ClientParts {
  net::HttpTransport* transport = nullptr;
  CredentialProvider* credentials = nullptr;
  const Clock* clock = nullptr;
  net::Sleeper* sleeper = nullptr;
  net::RetryBudget* budget = nullptr;
};

struct ClientOptions {
  net::RetryPolicy retry = {};
  net::Deadlines deadlines = {};
  std::uint64_t seed = 0;       ///< of waits and write tokens
  std::string encryption = {};  ///< x-amz-server-side-encryption of what is written: "", "AES256", "aws:kms"
  std::string kms_key = {};     ///< with "aws:kms": which key; "": the bucket's
};

using Metadata = std::map<std::string, std::string>;  ///< names without "x-amz-meta-", in lower case

/// One call before it is signed.
struct Call {
  std::string what;  ///< for people: "reading", "listing"
  std::string method = "GET";
  std::string key = {};  ///< "": the bucket itself
  Query query = {};
  net::Headers headers = {};  ///< without those of the signature
  std::string_view body = {};
  bool error_in_200 = false;      ///< the answer may be 200 and hold an <Error>
  bool changes_once = false;      ///< sent twice it may fail though the first did it: a lost answer is commit_unknown
  bool slow = false;              ///< the server may think for minutes before it answers
  net::BodySink* sink = nullptr;  ///< borrows
  std::function<void(net::Headers&)> prepare = {};              ///< before each attempt: where to resume
  std::function<Status(const net::HttpResponse&)> accept = {};  ///< of a good answer; unavailable: ask again
  std::stop_token stop = {};
};

/// An answer after all attempts.
struct Reply {
  net::HttpResponse http;
  Failure failure = {};      ///< its code is empty where the call succeeded
  bool in_doubt = false;     ///< an attempt may have had its effect unseen
  std::string gave_up = {};  ///< why no further attempt was made, where one might have helped
  [[nodiscard]] bool ok() const { return failure.code.empty(); }
};

struct ObjectHead {
  std::uint64_t size_bytes = 0;
  std::string etag;        ///< with its quotes, as conditions want it
  std::string version_id;  ///< "" where the bucket keeps none
  WallTime modified{};     ///< whole seconds
  std::string storage_class = "STANDARD";
  bool restoring = false, restored = false;  ///< a copy of an archived object is on its way, is at hand
  bool md5_etag = false;                     ///< the etag is the MD5 of the bytes
  std::string content_type, content_encoding;
  Metadata metadata;
};

struct ListedObject {
  std::string key;
  std::uint64_t size_bytes = 0;
  std::string etag;
  WallTime modified{};
  std::string storage_class;
};

struct ListPage {
  std::vector<ListedObject> objects;  ///< by key, ascending
  std::string next;                   ///< token of the page behind; "": this was the last
};

/// A part of an object, or all of it.
struct GetRange {
  std::string etag;  ///< "": whatever stands there now
  std::uint64_t offset = 0, length = 0;
  std::uint64_t object_size = 0;
  bool whole = false;  ///< without a Range header, and checked against an MD5 etag
};

struct GotRange {
  std::string bytes;
  bool md5_etag = false;  ///< the object's etag is the MD5 of all its bytes
};

/// What a write gives the object, and when it may happen.
struct PutOptions {
  Metadata metadata = {};
  std::string content_type = "application/octet-stream";
  std::string content_encoding = {};
  std::string if_match = {};  ///< only over this etag
  bool if_absent = false;     ///< only where nothing stands
};

struct CopyOptions {
  PutOptions put = {};           ///< its conditions are not used
  std::string source_etag = {};  ///< only while the source is this one
};

struct OpenUpload {
  std::string key, id;
  WallTime begun{};
};

/// Threads: safe to share.
class Client {
 public:
  Client(Endpoint endpoint, ClientParts parts, ClientOptions options);

  /// One call with all its attempts. An answer that refuses is a Reply as well; see error_of().
  /// Errors: unavailable, commit_unknown (Call::changes_once), cancelled, those of the credentials.
  Result<Reply> exchange(const Call& call);
  /// exchange(), with a refusal made into an Error.
  Result<Reply> must(const Call& call);
  /// The refusal as an Error that says where, what, and what to do.
  [[nodiscard]] Error error_of(const Call& call, const Reply& reply) const;

  /// At most 1,000 objects whose key starts with `prefix`, behind `start_after`. `token`: of the page before.
  Result<ListPage> list_page(const std::string& prefix, const std::string& start_after, const std::string& token);
  /// nullopt: no such object.
  Result<std::optional<ObjectHead>> head(const std::string& key);
  /// Resumes where an answer broke off. Errors: conflict where the object is another one now, not_found.
  Result<GotRange> get(const std::string& key, const GetRange& range, std::stop_token stop = {});
  /// The new etag. A write on condition whose answer is lost is proved by a token in the object's metadata.
  /// Errors: conflict where the condition does not hold; commit_unknown where even the proof failed.
  Result<std::string> put(const std::string& key, std::string_view bytes, const PutOptions& options);
  /// Server side, up to 5 GiB. The new etag. Errors: conflict where the source is another one now; not_found.
  Result<std::string> copy(const std::string& from, const std::string& to, const CopyOptions& options);
  /// Removes the object while it is `etag`; one that is gone already is no error. Looks first, then removes with
  /// If-Match: a server that ignores it there also removes what was written between the two. Errors: conflict.
  Status remove(const std::string& key, const std::string& etag);
  /// Removes whatever stands there.
  Status remove(const std::string& key);

  /// The id. `token`: a write token to find in the object's metadata, see put().
  Result<std::string> create_upload(const std::string& key, const PutOptions& options, const std::string& token);
  /// The part's etag. Numbers from 1.
  Result<std::string> put_part(const std::string& key, const std::string& id, int number, std::string_view bytes,
                               std::stop_token stop = {});
  /// Bytes [from, from + length) of another object as a part.
  Result<std::string> copy_part(const std::string& key, const std::string& id, int number, const std::string& from,
                                const std::string& source_etag, std::uint64_t offset, std::uint64_t length,
                                std::stop_token stop = {});
  /// The object's etag. `etags`: of parts 1, 2, …; `token`: as given to create_upload.
  Result<std::string> complete_upload(const std::string& key, const std::string& id,
                                      const std::vector<std::string>& etags, const std::string& token);
  /// An upload that is gone already is no error.
  Status abort_upload(const std::string& key, const std::string& id);
  /// Uploads under way below `prefix`.
  Result<std::vector<OpenUpload>> list_uploads(const std::string& prefix);

  /// Asks for a readable copy for `days`. True: on its way; false: at hand already. Errors: not_found, unsupported.
  Result<bool> restore(const std::string& key, int days, const std::string& tier = "Standard");

  /// What the bucket's sub-resource ("lifecycle", "policy") says; nullopt: it is not set. An answer counts only if its
  /// root element is `expected_root` ("{" for a JSON document): servers that do not know the sub-resource answer with
  /// a listing. Errors: unsupported for such a server, permission_denied.
  Result<std::optional<std::string>> get_config(const std::string& sub, const std::string& expected_root);
  /// Replaces it whole. A server that does not know the sub-resource may say yes all the same: read it back.
  Status put_config(const std::string& sub, std::string_view document);
  /// Only on AWS: elsewhere an unknown sub-resource falls through, and DELETE takes the bucket (Ceph 16.2 does).
  /// Errors: unsupported on any other endpoint.
  Status remove_config(const std::string& sub);

  /// A new write token: 32 hex digits that nobody else has.
  std::string new_token();
  [[nodiscard]] Endpoint endpoint() const;
  /// "s3://bucket/key", for people: control characters are escaped.
  [[nodiscard]] std::string shown(std::string_view key) const;
  [[nodiscard]] std::uint64_t requests() const { return requests_.load(); }

 private:
  struct Attempts;
  Result<net::HttpResponse> send_once(const Call& call, const Credentials& who, Attempts& at);
  /// Does what helps against `failure`. True: send again.
  Result<bool> repaired(const Call& call, Attempts& at, const net::HttpResponse& answer, const Failure& failure,
                        const Credentials& who);
  Result<bool> waited(const Call& call, Attempts& at, net::RetryCause cause, const std::string& why);
  bool took_server_time(const net::HttpResponse& answer);
  bool moved_to_region(const std::string& region, const std::string& used);
  Error no_answer(const Call& call, const Attempts& at, Error error) const;
  void add_encryption(net::Headers& headers) const;
  net::Headers headers_of(const PutOptions& options, const std::string& token) const;
  /// The etag of the object at `key` if it was written with `token`; else nullopt.
  Result<std::optional<std::string>> proved(const std::string& key, const std::string& token);
  std::uint64_t next_seed();

  const ClientParts parts_;
  const ClientOptions options_;
  const std::string bucket_;
  mutable std::mutex mutex_;
  Endpoint endpoint_;                     // guarded by mutex_: its region may turn out to be another one
  Random random_;                         // guarded by mutex_
  std::atomic<std::int64_t> skew_us_{0};  ///< the server's clock minus ours
  std::atomic<std::uint64_t> requests_{0};
};

}  // namespace millrace::lake::s3
