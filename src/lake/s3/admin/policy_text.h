#pragma once
/// \file lake/s3/admin/policy_text.h
/// Policies of IAM: written from statements, read back, and compared by what they mean.
/// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::lake::s3::admin {

struct Condition {
  std::string test, key;  ///< "StringLike", "s3:prefix"
  std::vector<std::string> values;
};

struct Statement {
  std::string sid;
  bool allow = true;
  std::string principal = {};  ///< "": none (a policy of a role); "*": everybody; else an ARN of AWS
  std::vector<std::string> actions, resources;
  std::vector<Condition> conditions = {};
};

/// One statement as JSON, on one line; one value alone stands without brackets.
std::string to_json(const Statement& statement);
/// A whole policy, on one line, of statements that are JSON already.
std::string policy_of(const std::vector<std::string>& statements, std::string_view version = "2012-10-17");
/// The same JSON with a line for each member. Requires: `json` is JSON.
std::string indented(std::string_view json, std::size_t indent = 0);

/// A statement of a policy as it was found.
struct FoundStatement {
  std::string sid;
  std::string json;     ///< on one line
  std::string meaning;  ///< equal for statements that say the same: order, single values and the like do not matter
};
struct FoundPolicy {
  std::string version;
  std::vector<FoundStatement> statements;
};
/// Errors: unavailable where it is no policy.
Result<FoundPolicy> read_policy(std::string_view json);

}  // namespace millrace::lake::s3::admin
