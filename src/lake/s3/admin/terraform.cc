#include "lake/s3/admin/terraform.h"

#include <fmt/format.h>

#include "base/json.h"
#include "lake/s3/admin/lifecycle.h"
#include "lake/s3/admin/setting.h"

namespace millrace::lake::s3::admin {
namespace {

/// What a template of HCL would be taken for.
std::string without_templates(std::string text) {
  for (const std::string_view mark : {"${", "%{"})
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 3))
      text.insert(at, 1, mark[0]);
  return text;
}

/// Blocks with their indentation: two blanks a level, as `terraform fmt` writes them.
class Hcl {
 public:
  Hcl& open(std::string_view head) {
    line(std::string(head) + " {");
    ++depth_;
    return *this;
  }
  Hcl& close() {
    --depth_;
    return line("}");
  }
  Hcl& line(std::string_view text) {
    out_.append(text.empty() ? 0 : depth_ * 2, ' ').append(text).append("\n");
    return *this;
  }
  /// name = value, of one line; `value` is HCL.
  Hcl& set(std::string_view name, std::string_view value) { return line(fmt::format("{} = {}", name, value)); }
  Hcl& text(std::string_view name, std::string_view value) { return set(name, hcl_quoted(value)); }
  /// A policy: JSON is an expression of HCL.
  Hcl& policy(std::string_view name, std::string_view json) {
    return set(name, "jsonencode(" + without_templates(indented(json, depth_)) + ")");
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::size_t depth_ = 0;
};

constexpr std::string_view kBucketId = "aws_s3_bucket.lake.id";

Hcl& resource(Hcl& h, std::string_view type, std::string_view name = "lake") {
  h.line("").open(fmt::format("resource \"{}\" \"{}\"", type, name));
  return h;
}

void write_bucket(Hcl& h, const Desired& d) {
  h.open("resource \"aws_s3_bucket\" \"lake\"").text("bucket", d.bucket);
  if (d.security.object_lock) h.set("object_lock_enabled", "true");
  h.line("").open("lifecycle").set("prevent_destroy", "true").close().close();
}

void write_switches(Hcl& h, const Security& s) {
  if (s.owner_enforced)
    resource(h, "aws_s3_bucket_ownership_controls")
        .set("bucket", kBucketId)
        .line("")
        .open("rule")
        .text("object_ownership", "BucketOwnerEnforced")
        .close()
        .close();
  if (s.block_public_access) {
    resource(h, "aws_s3_bucket_public_access_block").set("bucket", kBucketId);
    for (const char* door :
         {"block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"})
      h.set(door, "true");
    h.close();
  }
  if (s.versioning)
    resource(h, "aws_s3_bucket_versioning")
        .set("bucket", kBucketId)
        .line("")
        .open("versioning_configuration")
        .text("status", "Enabled")
        .close()
        .close();
  if (s.encryption == Encryption::leave) return;
  resource(h, "aws_s3_bucket_server_side_encryption_configuration").set("bucket", kBucketId).line("").open("rule");
  const bool kms = s.encryption == Encryption::kms;
  if (kms) h.set("bucket_key_enabled", "true").line("");
  h.open("apply_server_side_encryption_by_default").text("sse_algorithm", kms ? "aws:kms" : "AES256");
  if (!s.kms_key.empty()) h.text("kms_master_key_id", s.kms_key);
  h.close().close().close();
}

void write_lock(Hcl& h, const ObjectLock& lock) {
  resource(h, "aws_s3_bucket_object_lock_configuration").set("bucket", kBucketId).line("").open("rule");
  h.open("default_retention")
      .text("mode", lock.compliance ? "COMPLIANCE" : "GOVERNANCE")
      .set("days", std::to_string(lock.days.count()))
      .close()
      .close()
      .close();
}

void write_rule(Hcl& h, const LifecycleRule& r) {
  const auto days = [&](std::string_view block, std::string_view name, const std::optional<std::int64_t>& n) {
    if (n) h.line("").open(block).set(name, std::to_string(*n)).close();
  };
  h.line("").open("rule").text("id", r.id).text("status", r.enabled ? "Enabled" : "Disabled").line("").open("filter");
  if (r.larger_than)
    h.open("and").text("prefix", r.prefix).set("object_size_greater_than", std::to_string(*r.larger_than)).close();
  else
    h.text("prefix", r.prefix);
  h.close();
  for (const auto& [after, storage_class] : r.transitions)
    h.line("").open("transition").set("days", std::to_string(after)).text("storage_class", storage_class).close();
  days("expiration", "days", r.expire_days);
  if (r.drop_lone_markers) h.line("").open("expiration").set("expired_object_delete_marker", "true").close();
  days("noncurrent_version_expiration", "noncurrent_days", r.noncurrent_days);
  days("abort_incomplete_multipart_upload", "days_after_initiation", r.abort_days);
  h.close();
}

void write_lifecycle(Hcl& h, const Desired& d) {
  const auto rules = lifecycle_rules(d, true);
  if (rules.empty()) return;
  resource(h, "aws_s3_bucket_lifecycle_configuration").set("bucket", kBucketId);
  for (const LifecycleRule& rule : rules) write_rule(h, rule);
  h.close();
}

void write_notification(Hcl& h, const Desired& d) {
  const bool queue = !d.security.queue.empty();
  const std::string& target = queue ? d.security.queue : d.security.topic;
  if (target.empty()) return;
  resource(h, "aws_s3_bucket_notification").set("bucket", kBucketId);
  for (const std::string& folder : d.landing) {
    h.line("").open(queue ? "queue" : "topic").text("id", notification_id(folder));
    h.text(queue ? "queue_arn" : "topic_arn", target).set("events", "[\"s3:ObjectCreated:*\"]");
    h.text("filter_prefix", d.prefix + folder).close();
  }
  h.close();
}

void write_bucket_policy(Hcl& h, const Desired& d) {
  const auto policy = policy_setting(d, {})->document(std::nullopt);
  if (!policy || policy->empty()) return;
  resource(h, "aws_s3_bucket_policy").set("bucket", kBucketId).policy("policy", *policy).close();
}

/// Who may take the role on is not ours to know: variables without a default.
void write_role(Hcl& h, Role role, const Desired& d, const RoleOptions& o) {
  const std::string name(name_of(role));
  const bool external = role == Role::snowflake;
  const std::string principals = external ? "snowflake_iam_user_arn" : name + "_principals";
  h.line("").open(fmt::format("variable \"{}\"", principals));
  h.text("description", external ? "STORAGE_AWS_IAM_USER_ARN of DESC INTEGRATION"
                                 : fmt::format("ARNs that may take the role {} on", name));
  h.set("type", external ? "string" : "list(string)").close();
  if (external)
    h.line("")
        .open("variable \"snowflake_external_id\"")
        .text("description", "STORAGE_AWS_EXTERNAL_ID of DESC INTEGRATION; set it there, or it changes")
        .set("type", "string")
        .close();
  // 64 characters at the most.
  resource(h, "aws_iam_role", name).text("name", fmt::format("millrace-{}-{}", name, d.bucket.substr(0, 45)));
  h.line("assume_role_policy = jsonencode({").line("  Version = \"2012-10-17\"").line("  Statement = [{");
  h.line("    Effect    = \"Allow\"").line("    Action    = \"sts:AssumeRole\"");
  h.line(fmt::format("    Principal = {{ AWS = var.{} }}", principals));
  if (external) h.line("    Condition = { StringEquals = { \"sts:ExternalId\" = var.snowflake_external_id } }");
  h.line("  }]").line("})").close();
  resource(h, "aws_iam_role_policy", name)
      .text("name", "millrace")
      .set("role", fmt::format("aws_iam_role.{}.id", name));
  std::vector<std::string> statements;
  for (const Statement& s : statements_for(role, d, o)) statements.push_back(to_json(s));
  h.policy("policy", policy_of(statements)).close();
}

}  // namespace

std::string hcl_quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return without_templates(std::move(out));
}

std::string terraform_of_roles(const Desired& desired, std::span<const Role> roles, const RoleOptions& options) {
  Hcl h;
  for (const Role role : roles) write_role(h, role, desired, options);
  return h.take();
}

std::string terraform_of(const Desired& desired, std::span<const Role> roles, const RoleOptions& options) {
  Hcl h;
  h.line("# Written by `millrace lake policy --format terraform`. Check with `millrace lake status` after an apply.");
  h.line("");
  write_bucket(h, desired);
  write_switches(h, desired.security);
  write_bucket_policy(h, desired);
  if (desired.security.object_lock) write_lock(h, *desired.security.object_lock);
  write_lifecycle(h, desired);
  write_notification(h, desired);
  return h.take() + terraform_of_roles(desired, roles, options);
}

}  // namespace millrace::lake::s3::admin
