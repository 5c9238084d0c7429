#pragma once
/// \file lake/s3/admin/roles.h
/// Who may do what in the lake: a policy of IAM for each of four roles, none with more than it needs.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/s3/admin/desired.h"
#include "lake/s3/admin/policy_text.h"

namespace millrace::lake::s3::admin {

enum class Role : std::uint8_t {
  uploader,   ///< lets files land: writes below the landing folders; reads and deletes nothing
  loader,     ///< Millrace itself
  auditor,    ///< reads how the bucket is set; no object
  snowflake,  ///< the stage of a warehouse: reads one folder
};
inline constexpr Role kRoles[] = {Role::uploader, Role::loader, Role::auditor, Role::snowflake};
std::string_view name_of(Role role);
std::optional<Role> role_of(std::string_view name);

struct RoleOptions {
  bool aws = true;                          ///< false: without actions that Ceph does not know, of which one would
                                            ///< make it refuse the whole policy (kms, sqs, two of the auditor's)
  std::string stage_folder = "processed/";  ///< of the lake: what Snowflake reads
};

/// What `role` may do in the bucket that `desired` names.
std::vector<Statement> statements_for(Role role, const Desired& desired, const RoleOptions& options);
/// The same as a policy with a line for each member, and a line end.
std::string policy_for(Role role, const Desired& desired, const RoleOptions& options);

}  // namespace millrace::lake::s3::admin
