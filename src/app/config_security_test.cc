#include "app/config_security.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using lake::s3::admin::Encryption;
using lake::s3::admin::Security;

Result<Security> read(const std::string& text) {
  MR_TRY(const yaml::Node root, yaml::parse(text, "millrace.yaml"));
  MR_TRY(yaml::Fields f, yaml::Fields::of(root, {"millrace.yaml", "lake"}));
  return read_security(f);
}
std::string message(const std::string& text) {
  const auto got = read(text);
  return got ? "(no error)" : got.error().message;
}

TEST(ConfigSecurity, IsSafeWhereNothingIsSaid) {
  const auto got = read("url: x\n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->versioning && got->block_public_access && got->owner_enforced && got->tls_only);
  EXPECT_EQ(got->encryption, Encryption::sse_s3);
  EXPECT_EQ(got->keep_versions, lake::Days{30});
  EXPECT_FALSE(got->require_encryption_header);
  EXPECT_FALSE(got->object_lock);
  EXPECT_EQ(got->queue + got->topic, "");
}

TEST(ConfigSecurity, ReadsEveryKey) {
  const auto got = read(
      "security: {versioning: false, keep_versions: 2w, encryption: kms, kms_key: \"arn:aws:kms:x:1:key/a\", "
      "require_encryption_header: true, block_public_access: false, owner_enforced: false, tls_only: false, "
      "object_lock: {mode: compliance, keep: 7y}, notifications: {queue: \"arn:aws:sqs:x:1:q\"}}\n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_FALSE(got->versioning || got->block_public_access || got->owner_enforced || got->tls_only);
  EXPECT_EQ(got->keep_versions, lake::Days{14});
  EXPECT_EQ(got->encryption, Encryption::kms);
  EXPECT_EQ(got->kms_key, "arn:aws:kms:x:1:key/a");
  EXPECT_TRUE(got->require_encryption_header);
  ASSERT_TRUE(got->object_lock);
  EXPECT_TRUE(got->object_lock->compliance);
  EXPECT_EQ(got->object_lock->days, lake::Days{7 * 365});
  EXPECT_EQ(got->queue, "arn:aws:sqs:x:1:q");
}

TEST(ConfigSecurity, SaysWhereAndWhatItExpected) {
  EXPECT_NE(message("security: {encryption: aes}\n")
                .find("lake.security.encryption: found \"aes\", expected sse-s3, kms, none"),
            std::string::npos);
  EXPECT_NE(message("security: {object_lock: {mode: hard, keep: 1d}}\n").find("expected governance, compliance"),
            std::string::npos);
  EXPECT_NE(message("security: {object_lock: {mode: governance}}\n").find("keep"), std::string::npos);
  EXPECT_NE(message("security: {keep_versions: soon}\n").find("lake.security.keep_versions"), std::string::npos);
  EXPECT_NE(message("security: {versionning: true}\n").find("versionning"), std::string::npos);
}

}  // namespace
}  // namespace millrace::app
