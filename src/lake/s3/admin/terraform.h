#pragma once
/// \file lake/s3/admin/terraform.h
/// The same wishes in the language of Terraform, for those whose buckets are made by it: bucket, all settings,
/// lifecycle and roles. `millrace lake status` then finds no difference. Source:
/// registry.terraform.io/providers/hashicorp/aws (version 5), docs/resources/s3_bucket*

#include <span>
#include <string>

#include "lake/s3/admin/desired.h"
#include "lake/s3/admin/roles.h"

namespace millrace::lake::s3::admin {

/// Bucket and settings, then the roles. Requires: check() was fine.
std::string terraform_of(const Desired& desired, std::span<const Role> roles, const RoleOptions& options);
/// These roles alone, for a bucket that is there.
std::string terraform_of_roles(const Desired& desired, std::span<const Role> roles, const RoleOptions& options);

/// Text in quotes for HCL: what would begin a template stays text.
std::string hcl_quoted(std::string_view text);

}  // namespace millrace::lake::s3::admin
