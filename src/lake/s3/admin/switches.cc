// The sub-resources that are one switch each: ownership, public access, versioning, encryption, object lock. Nobody
// else's entries can stand in them: a document replaces the one before.
#include <fmt/format.h>

#include <array>
#include <functional>

#include "base/words.h"
#include "lake/s3/admin/setting.h"
#include "lake/s3/admin/xml_text.h"

namespace millrace::lake::s3::admin {
namespace {

/// `say` reads how the switch stands from the root element; `absent` is what no document means.
class Switch final : public Setting {
 public:
  using Say = std::function<std::string(const XmlElement& root)>;
  Switch(std::string sub, std::vector<std::string> roots, std::string name, std::string_view inner, std::string absent,
         Say say)
      : Setting(std::move(sub), std::move(roots), std::move(name)),
        wanted_document_(xml_document(roots_.front(), inner)),
        absent_(std::move(absent)),
        say_(std::move(say)) {
    const auto parsed = XmlDocument::parse(wanted_document_);
    MR_INVARIANT(parsed.has_value(), "a document of ours is XML");
    wanted_[noun_] = say_(parsed->root());  // read as the server's will be: the same words for the same thing
  }

  Result<Present> read(const std::optional<std::string>& document) const override {
    Present p;
    if (!document) {
      p.ours[noun_] = absent_;
      return p;
    }
    MR_TRY(const XmlDocument parsed, XmlDocument::parse(*document));
    p.ours[noun_] = say_(parsed.root());
    return p;
  }
  Result<std::string> document(const std::optional<std::string>&) const override { return wanted_document_; }
  void leave_out(std::string name, std::string why) { left_out_[std::move(name)] = std::move(why); }

 private:
  std::string wanted_document_, absent_;
  Say say_;
};

std::string say_ownership(const XmlElement& root) {
  const std::string rule = root.text("Rule/ObjectOwnership");
  return rule == "BucketOwnerEnforced" ? "bucket owner, no access lists" : rule.empty() ? "not set" : printable(rule);
}

constexpr std::array kDoors{"IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets", "BlockPublicAcls"};

/// `needed`: how many of kDoors. More than that is as good.
std::string say_public_access(const XmlElement& root, std::size_t needed) {
  std::vector<std::string> closed;
  std::size_t of_needed = 0;
  for (std::size_t i = 0; i < kDoors.size(); ++i) {
    if (to_lower_ascii(root.text(kDoors[i])) != "true") continue;
    closed.emplace_back(kDoors[i]);
    if (i < needed) ++of_needed;
  }
  if (of_needed == needed) return "on";
  return closed.empty() ? "off" : "only " + join(closed, ", ");
}

/// Ceph 16.2 takes every list for a public one: with BlockPublicAcls it refuses each PUT of an object.
std::unique_ptr<Setting> public_access_setting(bool aws) {
  const std::size_t needed = aws ? kDoors.size() : kDoors.size() - 1;
  std::string doors;
  for (std::size_t i = 0; i < kDoors.size(); ++i) doors += element(kDoors[i], i < needed ? "true" : "false");
  auto setting = std::make_unique<Switch>(
      "publicAccessBlock",
      // The second is what Ceph 16.2 answers with.
      std::vector<std::string>{"PublicAccessBlockConfiguration", "BlockPublicAccessBlockConfiguration"},
      "public access block", doors, "off",
      [needed](const XmlElement& root) { return say_public_access(root, needed); });
  if (!aws)
    setting->leave_out(
        "public access block, BlockPublicAcls",
        "left out: Ceph 16.2 would refuse every upload; IgnorePublicAcls takes the effect of such lists");
  return setting;
}

std::string say_versioning(const XmlElement& root) {
  const std::string status = root.text("Status");
  return status == "Enabled" ? "on" : status.empty() ? "off" : to_lower_ascii(printable(status));
}

std::string say_encryption(const XmlElement& root) {
  const std::string how = root.text("Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm");
  const std::string key = root.text("Rule/ApplyServerSideEncryptionByDefault/KMSMasterKeyID");
  if (how == "AES256") return "SSE-S3 (AES256)";
  if (how.empty()) return "off";
  return fmt::format("{} with {}, bucket key {}", printable(how),
                     key.empty() ? "the key of AWS" : "key " + printable(key),
                     to_lower_ascii(root.text("Rule/BucketKeyEnabled")) == "true" ? "on" : "off");
}

std::string say_lock(const XmlElement& root) {
  if (root.text("ObjectLockEnabled") != "Enabled") return "off";
  const std::string mode = root.text("Rule/DefaultRetention/Mode");
  if (mode.empty()) return "on, without a default";
  const std::string years = root.text("Rule/DefaultRetention/Years");
  const std::string days = root.text("Rule/DefaultRetention/Days");
  return fmt::format("{} for {}", to_lower_ascii(printable(mode)),
                     years.empty() ? printable(days) + " days" : printable(years) + " years");
}

std::string encryption_rule(const Security& s) {
  if (s.encryption == Encryption::sse_s3)
    return wrapped("Rule", wrapped("ApplyServerSideEncryptionByDefault", element("SSEAlgorithm", "AES256")));
  std::string how = element("SSEAlgorithm", "aws:kms");
  if (!s.kms_key.empty()) how += element("KMSMasterKeyID", s.kms_key);
  return wrapped("Rule", wrapped("ApplyServerSideEncryptionByDefault", how) + element("BucketKeyEnabled", "true"));
}

}  // namespace

void add_switches(Settings& to, const Desired& desired, const Server& server) {
  const Security& s = desired.security;
  if (s.owner_enforced)
    to.push_back(std::make_unique<Switch>(
        "ownershipControls", std::vector<std::string>{"OwnershipControls"}, "ownership of objects",
        wrapped("Rule", element("ObjectOwnership", "BucketOwnerEnforced")), "not set", say_ownership));
  if (s.block_public_access) to.push_back(public_access_setting(server.aws));
  if (s.versioning)
    to.push_back(std::make_unique<Switch>("versioning", std::vector<std::string>{"VersioningConfiguration"},
                                          "versioning", element("Status", "Enabled"), "off", say_versioning));
  if (s.encryption != Encryption::leave)
    to.push_back(std::make_unique<Switch>("encryption", std::vector<std::string>{"ServerSideEncryptionConfiguration"},
                                          "encryption", encryption_rule(s), "off", say_encryption));
}

std::unique_ptr<Setting> object_lock_setting(const ObjectLock& lock) {
  const std::string retention = element("Mode", lock.compliance ? "COMPLIANCE" : "GOVERNANCE") +
                                element("Days", std::to_string(lock.days.count()));
  return std::make_unique<Switch>(
      "object-lock", std::vector<std::string>{"ObjectLockConfiguration"}, "object lock",
      element("ObjectLockEnabled", "Enabled") + wrapped("Rule", wrapped("DefaultRetention", retention)), "off",
      say_lock);
}

Settings settings_of(const Desired& desired, const Server& server) {
  Settings all;
  add_switches(all, desired, server);
  all.push_back(policy_setting(desired, server));
  if (desired.security.object_lock) all.push_back(object_lock_setting(*desired.security.object_lock));
  all.push_back(lifecycle_setting(desired, server));
  all.push_back(notification_setting(desired));
  return all;
}

}  // namespace millrace::lake::s3::admin
