#include "lake/s3/admin/roles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "lake/s3/admin/fake_bucket_for_tests.h"
#include "lake/s3/admin/terraform.h"
#include "testing/golden.h"
#include "testing/temp_folder.h"

namespace millrace::lake::s3::admin {
namespace {

using ::millrace::testing::matches_golden;

std::string golden(const std::string& name) { return std::string(MR_SOURCE_DIR) + "lake/s3/admin/testdata/" + name; }

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A text without the quotes that closes what it opens: what is wrong with it; "" where nothing is.
std::string unbalanced(const std::string& hcl) {
  std::string open;
  int line = 1;
  for (std::size_t i = 0; i < hcl.size(); ++i) {
    const char c = hcl[i];
    if (c == '\n') ++line;
    if (c == '#') i = hcl.find('\n', i) - 1;
    if (c == '"') {
      for (++i; i < hcl.size() && hcl[i] != '"'; ++i) {
        if (hcl[i] == '\n') return "a text runs over the end of line " + std::to_string(line);
        if (hcl[i] == '\\') ++i;
        if ((hcl[i] == '$' || hcl[i] == '%') && i + 1 < hcl.size() && hcl[i + 1] == '{' && hcl[i - 1] != hcl[i])
          return "a template in line " + std::to_string(line);
      }
    }
    if (c == '{' || c == '[' || c == '(') open += c;
    if (c == '}' || c == ']' || c == ')') {
      const char wanted = c == '}' ? '{' : c == ']' ? '[' : '(';
      if (open.empty() || open.back() != wanted) return "line " + std::to_string(line) + " closes what is not open";
      open.pop_back();
    }
  }
  return open.empty() ? "" : "not everything is closed";
}

TEST(LakePolicy, OfEachRoleIsAsReviewed) {
  for (const Role role : kRoles)
    EXPECT_TRUE(
        matches_golden(policy_for(role, whole_wish(), {}), golden("policy_" + std::string(name_of(role)) + ".json")));
}

TEST(LakePolicy, IsReadBackAsTheStatementsItWasMadeOf) {
  for (const Role role : kRoles) {
    const auto policy = read_policy(policy_for(role, whole_wish(), {}));
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(policy->statements.size(), statements_for(role, whole_wish(), {}).size());
  }
}

TEST(LakePolicy, ElsewhereHasNoActionOfWhichOneWouldRefuseTheWholePolicy) {
  RoleOptions elsewhere;
  elsewhere.aws = false;
  for (const Role role : kRoles) {
    const std::string policy = policy_for(role, whole_wish(), elsewhere);
    for (const char* unknown : {"kms:", "sqs:", "GetEncryptionConfiguration", "OwnershipControls"})
      EXPECT_FALSE(holds(policy, unknown)) << name_of(role) << " " << unknown;
  }
}

TEST(LakePolicy, LetsTheUploaderNeitherReadNorDeleteNorTheAuditorSeeAnObject) {
  const auto actions = [](Role role) {
    std::vector<std::string> all;
    for (const Statement& s : statements_for(role, whole_wish(), {}))
      all.insert(all.end(), s.actions.begin(), s.actions.end());
    return all;
  };
  const auto has = [&](Role role, std::string_view action) {
    const auto all = actions(role);
    return std::find(all.begin(), all.end(), action) != all.end();
  };
  EXPECT_FALSE(has(Role::uploader, "s3:GetObject"));
  EXPECT_FALSE(has(Role::uploader, "s3:DeleteObject"));
  EXPECT_FALSE(has(Role::auditor, "s3:GetObject"));
  EXPECT_FALSE(has(Role::auditor, "s3:ListBucket"));
  EXPECT_FALSE(has(Role::snowflake, "s3:PutObject"));
  for (const Role role : kRoles) {
    EXPECT_FALSE(has(role, "s3:*"));
    EXPECT_FALSE(has(role, "s3:DeleteObjectVersion"));
    EXPECT_FALSE(has(role, "s3:PutBucketPolicy"));
    EXPECT_FALSE(has(role, "s3:BypassGovernanceRetention"));
  }
}

TEST(LakePolicy, HasSidsThatIamTakes) {
  for (const Role role : kRoles)
    for (const Statement& s : statements_for(role, whole_wish(), {}))
      EXPECT_TRUE(std::all_of(s.sid.begin(), s.sid.end(), [](unsigned char c) { return std::isalnum(c) != 0; }))
          << s.sid;
}

TEST(LakeTerraform, OfTheWholeLakeIsAsReviewed) {
  Desired d = whole_wish();
  d.security.object_lock = ObjectLock{true, Days{30}};
  d.security.require_encryption_header = true;
  const std::string hcl = terraform_of(d, kRoles, {});
  EXPECT_EQ(unbalanced(hcl), "");
  EXPECT_TRUE(matches_golden(hcl, golden("lake.tf")));
}

TEST(LakeTerraform, TakesNoTextForATemplate) {
  Desired d = whole_wish();
  d.prefix = "a${path.module}/\"%{x}/";
  const std::string hcl = terraform_of(d, kRoles, {});
  EXPECT_EQ(unbalanced(hcl), "");
  EXPECT_TRUE(holds(hcl, "a$${path.module}"));
  EXPECT_EQ(hcl_quoted("${a}%{b}$${c}"), "\"$${a}%%{b}$$${c}\"");
}

TEST(LakeTerraform, IsReadByTerraformItself) {
  if (std::system("command -v terraform >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "terraform is not on the PATH: only balance and quotes of what is written for it were checked";
  const millrace::testing::TempFolder folder;
  folder.write("main.tf", terraform_of(whole_wish(), kRoles, {}));
  EXPECT_EQ(std::system(("terraform fmt -write=false -list=false " + folder.path().string() + " >" +
                         (folder.path() / "said").string() + " 2>&1")
                            .c_str()),
            0)
      << folder.read("said");
  folder.write("main.tf", "resource \"x\" {");
  EXPECT_NE(
      std::system(("terraform fmt -write=false -list=false " + folder.path().string() + " >/dev/null 2>&1").c_str()),
      0);
}

}  // namespace
}  // namespace millrace::lake::s3::admin
