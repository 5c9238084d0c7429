// The statements of the bucket's policy that are ours. All of them forbid; none of them allows anybody anything.
#include <fmt/format.h>

#include "base/words.h"
#include "lake/s3/admin/policy_text.h"
#include "lake/s3/admin/setting.h"

namespace millrace::lake::s3::admin {
namespace {

struct Named {
  Statement statement;
  std::string words;
};

/// Conditions in the form that bites on AWS and on Ceph: there, a key that a request does not have matches neither
/// Bool nor StringNotEquals.
std::vector<Named> statements_of(const Desired& d, bool tls) {
  const std::string bucket = d.bucket_arn();
  std::vector<Named> all;
  if (d.security.tls_only && tls) {
    all.push_back({{.sid = "MillraceTlsOnly",
                    .allow = false,
                    .principal = "*",
                    .actions = {"s3:*"},
                    .resources = {bucket, bucket + "/*"},
                    .conditions = {{"BoolIfExists", "aws:SecureTransport", {"false"}}}},
                   "everything without TLS is refused"});
    all.push_back({{.sid = "MillraceTls12",
                    .allow = false,
                    .principal = "*",
                    .actions = {"s3:*"},
                    .resources = {bucket, bucket + "/*"},
                    .conditions = {{"NumericLessThan", "s3:TlsVersion", {"1.2"}}}},
                   "TLS older than 1.2 is refused"});
  }
  if (d.security.require_encryption_header && d.security.encryption != Encryption::leave) {
    const std::string how = d.security.encryption == Encryption::kms ? "aws:kms" : "AES256";
    const std::string key = "s3:x-amz-server-side-encryption", below = bucket + "/" + d.prefix + "*";
    all.push_back({{.sid = "MillraceOtherEncryption",
                    .allow = false,
                    .principal = "*",
                    .actions = {"s3:PutObject"},
                    .resources = {below},
                    .conditions = {{"StringNotEquals", key, {how}}}},
                   fmt::format("writing with another encryption than {} is refused", how)});
    all.push_back({{.sid = "MillraceNoEncryption",
                    .allow = false,
                    .principal = "*",
                    .actions = {"s3:PutObject"},
                    .resources = {below},
                    .conditions = {{"Null", key, {"true"}}}},
                   "writing without naming the encryption is refused"});
  }
  return all;
}

class BucketPolicy final : public Setting {
 public:
  BucketPolicy(const Desired& desired, const Server& server)
      : Setting("policy", {"{"}, "bucket policy"), ours_(statements_of(desired, server.tls)) {
    for (const Named& s : ours_) wanted_[name_of(s.statement.sid)] = s.words;
    if (desired.security.tls_only && !server.tls)
      left_out_[name_of("MillraceTlsOnly")] =
          "left out: this very connection is plain http, and the statement would shut it out; use an https endpoint";
  }

  Result<Present> read(const std::optional<std::string>& document) const override {
    Present p;
    if (!document) return p;
    MR_TRY(const FoundPolicy policy, read_policy(*document));
    for (const FoundStatement& s : policy.statements) {
      if (!s.sid.starts_with(kSidPrefix))
        ++p.foreign;
      else if (!is_left_out(s))
        p.ours[name_of(printable(s.sid))] = words_of(s);
    }
    return p;
  }

  Result<std::string> document(const std::optional<std::string>& present) const override {
    std::vector<std::string> statements;
    std::string version = "2012-10-17";
    if (present) {
      MR_TRY(const FoundPolicy policy, read_policy(*present));
      for (const FoundStatement& s : policy.statements)
        if (!s.sid.starts_with(kSidPrefix) || is_left_out(s)) statements.push_back(s.json);
      if (!statements.empty()) version = policy.version;  // theirs may lean on it
    }
    for (const Named& s : ours_) statements.push_back(to_json(s.statement));
    return statements.empty() ? std::string() : policy_of(statements, version);
  }

 private:
  /// Over plain http we say nothing of what forbids plain http.
  bool is_left_out(const FoundStatement& s) const { return !left_out_.empty() && s.sid.starts_with("MillraceTls"); }
  static std::string name_of(std::string_view sid) { return fmt::format("bucket policy {}", sid); }
  /// A statement that says what ours says has our words; another one shows itself.
  std::string words_of(const FoundStatement& found) const {
    for (const Named& ours : ours_) {
      if (ours.statement.sid != found.sid) continue;
      const auto same = read_policy(policy_of({to_json(ours.statement)}));
      if (same && same->statements[0].meaning == found.meaning) return ours.words;
    }
    return "another statement: " + printable(found.json, 300);
  }
  std::vector<Named> ours_;
};

}  // namespace

std::unique_ptr<Setting> policy_setting(const Desired& desired, const Server& server) {
  return std::make_unique<BucketPolicy>(desired, server);
}

}  // namespace millrace::lake::s3::admin
