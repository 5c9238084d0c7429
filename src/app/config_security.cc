#include "app/config_security.h"

#include <fmt/format.h>

#include "app/config.h"
#include "app/config_parts.h"
#include "base/words.h"

namespace millrace::app {
namespace {

using lake::s3::admin::Encryption;
using lake::s3::admin::ObjectLock;
using lake::s3::admin::Security;
using yaml::Fields;

std::string_view otherwise(std::string_view key) { return default_of(fmt::format("lake.security.{}", key)); }

Result<bool> on_or_off(Fields& f, std::string_view key) { return f.boolean(key, otherwise(key) == "true"); }

Result<lake::Days> days(Fields& f, std::string_view key, std::string_view inherited) {
  MR_TRY(const std::string text, f.text(key, inherited));
  auto value = lake::parse_days(text);
  if (!value) return wrong(f, key, value.error().message, value.error().hint);
  return *value;
}

Result<Encryption> read_encryption(Fields& f) {
  MR_TRY(const std::string text, f.text("encryption", otherwise("encryption")));
  if (text == "sse-s3") return Encryption::sse_s3;
  if (text == "kms") return Encryption::kms;
  if (text == "none") return Encryption::leave;
  return wrong(f, "encryption", fmt::format("found \"{}\", expected sse-s3, kms, none", printable(text)));
}

Result<std::optional<ObjectLock>> read_lock(Fields& security) {
  MR_TRY(const yaml::Node* node, security.mapping("object_lock"));
  if (node == nullptr) return std::optional<ObjectLock>{};
  MR_TRY(Fields f, Fields::of(*node, security.place().member("object_lock")));
  ObjectLock lock;
  MR_TRY(const std::string mode, f.text("mode"));
  if (mode != "governance" && mode != "compliance")
    return wrong(f, "mode", fmt::format("found \"{}\", expected governance, compliance", printable(mode)));
  lock.compliance = mode == "compliance";
  MR_TRY(const std::string text, f.text("keep"));
  auto keep = lake::parse_days(text);
  if (!keep) return wrong(f, "keep", keep.error().message, keep.error().hint);
  lock.days = *keep;
  MR_CHECK(f.done());
  return std::optional<ObjectLock>(lock);
}

}  // namespace

Result<Security> read_security(Fields& lake) {
  MR_TRY(Fields f, section(lake, "security"));
  Security s;
  MR_TRY(s.versioning, on_or_off(f, "versioning"));
  MR_TRY(s.keep_versions, days(f, "keep_versions", otherwise("keep_versions")));
  MR_TRY(s.encryption, read_encryption(f));
  MR_TRY(s.kms_key, f.text("kms_key", ""));
  MR_TRY(s.require_encryption_header, on_or_off(f, "require_encryption_header"));
  MR_TRY(s.block_public_access, on_or_off(f, "block_public_access"));
  MR_TRY(s.owner_enforced, on_or_off(f, "owner_enforced"));
  MR_TRY(s.tls_only, on_or_off(f, "tls_only"));
  MR_TRY(s.object_lock, read_lock(f));
  MR_TRY(Fields n, section(f, "notifications"));
  MR_TRY(s.queue, n.text("queue", ""));
  MR_TRY(s.topic, n.text("topic", ""));
  MR_CHECK(n.done());
  MR_CHECK(f.done());
  return s;
}

}  // namespace millrace::app
