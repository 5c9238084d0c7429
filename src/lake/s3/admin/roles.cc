#include "lake/s3/admin/roles.h"

namespace millrace::lake::s3::admin {
namespace {

/// Where Millrace keeps what it has taken.
const std::vector<std::string>& kept_folders() {
  static const std::vector<std::string> folders = [] {
    std::vector<std::string> all;
    for (const std::string_view area : kKeptAreas) all.push_back(std::string(area) + "/");
    return all;
  }();
  return folders;
}

struct Names {
  const Desired& d;
  std::vector<std::string> objects(const std::vector<std::string>& folders) const {
    std::vector<std::string> arns;
    for (const std::string& f : folders) arns.push_back(d.bucket_arn() + "/" + d.prefix + f + "*");
    return arns;
  }
  /// Listing is of the bucket; the prefix that is asked for bounds it.
  Statement listing(const std::vector<std::string>& folders, const std::string& test = "StringLike") const {
    Condition where{test, "s3:prefix", {}};
    for (const std::string& f : folders) where.values.push_back(d.prefix + f + "*");
    return {.sid = "MillraceList",
            .actions = {"s3:ListBucket"},
            .resources = {d.bucket_arn()},
            .conditions = {std::move(where)}};
  }
  void add_key(std::vector<Statement>& to, const RoleOptions& o, std::vector<std::string> actions) const {
    if (!o.aws || d.security.encryption != Encryption::kms || d.security.kms_key.empty()) return;
    to.push_back({.sid = "MillraceKey", .actions = std::move(actions), .resources = {d.security.kms_key}});
  }
};

std::vector<Statement> uploader(const Names& n, const RoleOptions& o) {
  std::vector<Statement> s{
      {.sid = "MillraceUpload",
       .actions = {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
       .resources = n.objects(n.d.landing)},
      n.listing(n.d.landing),
  };
  n.add_key(s, o, {"kms:GenerateDataKey", "kms:Decrypt"});  // Decrypt: for the parts of a large upload
  return s;
}

std::vector<Statement> loader(const Names& n, const RoleOptions& o) {
  std::vector<std::string> folders = n.d.landing;
  folders.insert(folders.end(), kept_folders().begin(), kept_folders().end());
  std::vector<Statement> s{
      // IfExists: who may not list is told 403 for an object that is not there, and a HEAD has no prefix. The price: a
      // listing without any prefix passes, too.
      n.listing(folders, "StringLikeIfExists"),
      {.sid = "MillraceBucket",
       .actions = {"s3:GetBucketLocation", "s3:ListBucketMultipartUploads"},
       .resources = {n.d.bucket_arn()}},
      {.sid = "MillraceTake",
       .actions = {"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:PutObjectTagging",
                   "s3:DeleteObject"},
       .resources = n.objects(n.d.landing)},
      // DeleteObject: to move a file from one of these folders into another; its versions stay.
      {.sid = "MillraceKeep",
       .actions = {"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging",
                   "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:RestoreObject", "s3:DeleteObject"},
       .resources = n.objects(kept_folders())},
  };
  if (o.aws && !n.d.security.queue.empty())
    s.push_back({.sid = "MillraceEvents",
                 .actions = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
                 .resources = {n.d.security.queue}});
  n.add_key(s, o, {"kms:GenerateDataKey", "kms:Decrypt"});
  return s;
}

std::vector<Statement> auditor(const Names& n, const RoleOptions& o) {
  std::vector<std::string> actions{"s3:GetBucketLocation",
                                   "s3:GetBucketVersioning",
                                   "s3:GetBucketPolicy",
                                   "s3:GetBucketAcl",
                                   "s3:GetBucketTagging",
                                   "s3:GetLifecycleConfiguration",
                                   "s3:GetBucketPublicAccessBlock",
                                   "s3:GetBucketObjectLockConfiguration",
                                   "s3:GetBucketNotification"};
  if (o.aws) {
    actions.emplace_back("s3:GetEncryptionConfiguration");
    actions.emplace_back("s3:GetBucketOwnershipControls");
  }
  return {{.sid = "MillraceAudit", .actions = std::move(actions), .resources = {n.d.bucket_arn()}}};
}

std::vector<Statement> snowflake(const Names& n, const RoleOptions& o) {
  std::vector<Statement> s{
      {.sid = "MillraceStage",
       .actions = {"s3:GetObject", "s3:GetObjectVersion"},
       .resources = n.objects({o.stage_folder})},
      n.listing({o.stage_folder}),
      {.sid = "MillraceBucket", .actions = {"s3:GetBucketLocation"}, .resources = {n.d.bucket_arn()}},
  };
  n.add_key(s, o, {"kms:Decrypt"});
  return s;
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::uploader: return "uploader";
    case Role::loader: return "loader";
    case Role::auditor: return "auditor";
    case Role::snowflake: return "snowflake";
  }
  return "";
}

std::optional<Role> role_of(std::string_view name) {
  for (const Role role : kRoles)
    if (name_of(role) == name) return role;
  return std::nullopt;
}

std::vector<Statement> statements_for(Role role, const Desired& desired, const RoleOptions& options) {
  const Names names{desired};
  switch (role) {
    case Role::uploader: return uploader(names, options);
    case Role::loader: return loader(names, options);
    case Role::auditor: return auditor(names, options);
    case Role::snowflake: return snowflake(names, options);
  }
  return {};
}

std::string policy_for(Role role, const Desired& desired, const RoleOptions& options) {
  std::vector<std::string> statements;
  for (const Statement& s : statements_for(role, desired, options)) statements.push_back(to_json(s));
  return indented(policy_of(statements)) + "\n";
}

}  // namespace millrace::lake::s3::admin
