#pragma once
/// \file lake/s3/admin/setting.h
/// One sub-resource of a bucket as facts: what it says, what it shall say, and the document that says so without
/// touching what others put there.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "lake/s3/admin/desired.h"

namespace millrace::lake::s3::admin {

/// What a person calls it, and how it stands: {"versioning", "off"}, {"lifecycle rule millrace-uploads", "…"}.
using Facts = std::map<std::string, std::string>;

/// What is in a document: ours, and how much is others'.
struct Present {
  Facts ours;
  std::int64_t foreign = 0;
};

/// What a setting asks of the server it is asked of.
struct Server {
  bool aws = true;  ///< elsewhere, what only AWS knows is not asked for
  bool tls = true;  ///< over plain http no statement is put that would shut us out
};

/// Threads: immutable.
class Setting {
 public:
  virtual ~Setting() = default;
  /// "versioning", as the query of the URL says it.
  [[nodiscard]] const std::string& sub() const { return sub_; }
  /// Of the document: the name of its root element, or "{"; several where servers disagree, the right one first.
  [[nodiscard]] const std::vector<std::string>& roots() const { return roots_; }
  /// For people.
  [[nodiscard]] const std::string& noun() const { return noun_; }
  [[nodiscard]] const Facts& wanted() const { return wanted_; }
  /// What was asked for and is left out on purpose: name, and why.
  [[nodiscard]] const Facts& left_out() const { return left_out_; }

  /// nullopt: the bucket has no such document. Errors: unavailable where it is none of this kind.
  [[nodiscard]] virtual Result<Present> read(const std::optional<std::string>& document) const = 0;
  /// A whole document with the facts wanted and what others put into `present`; "": none is needed any more, and the
  /// sub-resource has no way to say nothing. Errors: those of read().
  [[nodiscard]] virtual Result<std::string> document(const std::optional<std::string>& present) const = 0;

 protected:
  Setting(std::string sub, std::vector<std::string> roots, std::string noun)
      : sub_(std::move(sub)), noun_(std::move(noun)), roots_(std::move(roots)) {}
  std::string sub_, noun_;
  std::vector<std::string> roots_;
  Facts wanted_, left_out_;
};

using Settings = std::vector<std::unique_ptr<Setting>>;

/// All settings that `desired` speaks of, in the order in which they are safely applied: first doors are closed, then
/// versions are kept, then what deletes is switched on, last who is told. Requires: check() was fine.
Settings settings_of(const Desired& desired, const Server& server);

// Each kind, for settings_of().
void add_switches(Settings& to, const Desired& desired,
                  const Server& server);  ///< ownership, public access, versioning, encryption
std::unique_ptr<Setting> policy_setting(const Desired& desired, const Server& server);
std::unique_ptr<Setting> object_lock_setting(const ObjectLock& lock);
std::unique_ptr<Setting> lifecycle_setting(const Desired& desired, const Server& server);
std::unique_ptr<Setting> notification_setting(const Desired& desired);
std::string notification_id(std::string_view folder);  ///< "millrace-landing" for "landing/"

}  // namespace millrace::lake::s3::admin
