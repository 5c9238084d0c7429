#pragma once
/// \file lake/s3/admin/plan.h
/// The difference between a bucket as it is and as it shall be, as a person reads it, and closing it.

#include <functional>
#include <string>
#include <vector>

#include "lake/s3/admin/bucket_api.h"
#include "lake/s3/admin/setting.h"
#include "net/retry.h"

namespace millrace::lake::s3::admin {

enum class Mark : std::uint8_t {
  add,       ///< + is not there
  change,    ///< ~ is there and says something else
  remove,    ///< - is ours, and nobody asks for it any more
  cannot,    ///< ! cannot be had here, and why; no difference that apply could close
  unread,    ///< ? the credentials may not look
  not_kept,  ///< ! after apply: the server said yes, and says something else now
  refused,   ///< ! after apply: the server said no
};
std::string_view name_of(Mark mark);

struct Change {
  Mark mark{};
  std::string sub;   ///< "lifecycle"
  std::string name;  ///< "lifecycle rule millrace-uploads"
  std::string from;  ///< as it is; with cannot and unread: ""
  std::string to;    ///< as it shall be; with cannot, unread and refused: why
  bool operator==(const Change&) const = default;
};

/// What others put into a document, and what stays.
struct Foreign {
  std::string noun;
  std::int64_t count = 0;
};

struct Plan {
  std::vector<Change> changes;  ///< in the order of application
  std::vector<Foreign> foreign;
  std::int64_t as_wanted = 0;  ///< facts that are as they shall be
  /// Would apply() change anything, or can nobody say?
  [[nodiscard]] bool differs() const;
};

/// Reads everything that `desired` speaks of. Errors: invalid_input of check(); not_found (no such bucket);
/// unavailable.
Result<Plan> make_plan(BucketApi& api, const Desired& desired);

/// How long a change may take until it is seen: AWS says that a bucket's configuration is eventual.
struct Patience {
  net::Sleeper* sleeper = nullptr;  ///< borrows; null: the first look counts
  int looks = 5;
  std::chrono::milliseconds between{2'000};
};

struct Applied {
  std::vector<Change> done;      ///< changes that the server has kept
  std::vector<Change> not_done;  ///< cannot, unread, not_kept and refused
};

/// Makes the bucket what `desired` says, reads every document before it is replaced and again behind that. Repeating
/// it changes nothing. A setting that the server refuses is told, and the others are made; any other failure stops it.
/// What was done stays and is told by `told`, change by change.
/// Nobody else may change the same document in between: S3 has no conditions for them.
/// Failpoints: lake.admin.put.before, lake.admin.put.after. Errors: those of make_plan, permission_denied, conflict.
Result<Applied> apply(BucketApi& api, const Desired& desired, const Patience& patience,
                      const std::function<void(const Change&)>& told = {});

/// "~ versioning: off → on"
std::string in_words(const Change& change);
/// All lines of a plan, and a last one that says what it comes to.
std::string in_words(const Plan& plan);

}  // namespace millrace::lake::s3::admin
