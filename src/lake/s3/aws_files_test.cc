#include "lake/s3/aws_files.h"

#include <gtest/gtest.h>

#include "lake/s3/surroundings_for_tests.h"

namespace millrace::lake::s3 {
namespace {

TEST(AwsFilesTest, are_read_as_the_tools_of_aws_read_them) {
  const auto profiles = parse_aws_file(
      "# a comment\r\n[default]\r\nregion = eu-west-1 ; Ireland\r\n\r\n[profile "
      "lake]\nRole_ARN=arn:aws:iam::1:role/a#b\n"
      "s3 =\n  max_concurrent_requests = 20\n  [not a section\nexternal_id = a = b\n[ profile \"my own\" ]\nregion=x\n"
      "[sso-session corp]\nsso_region = y\n",
      AwsFile::config, "config");

  ASSERT_TRUE(profiles) << profiles.error().message;
  EXPECT_EQ(profiles->size(), 3U);
  EXPECT_EQ(setting(profiles->at("default"), "region"), "eu-west-1");
  EXPECT_EQ(setting(profiles->at("lake"), "role_arn"), "arn:aws:iam::1:role/a#b");
  EXPECT_EQ(setting(profiles->at("lake"), "external_id"), "a = b");
  EXPECT_EQ(setting(profiles->at("lake"), "max_concurrent_requests"), "");
  EXPECT_EQ(setting(profiles->at("my own"), "region"), "x");
}

TEST(AwsFilesTest, that_do_not_parse_are_named_by_line_and_never_quoted) {
  for (const char* text : {"[a]\nx = 1\ncanary\n", "[canary\n", "canary = 1\n", "[a]\n= canary\n"}) {
    const auto profiles = parse_aws_file(text, AwsFile::credentials, "/u/.aws/credentials");
    ASSERT_FALSE(profiles) << text;
    EXPECT_EQ(profiles.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(all_of(profiles.error()).find("canary"), std::string::npos) << text;
    EXPECT_TRUE(profiles.error().message.starts_with("/u/.aws/credentials:"));
  }
  EXPECT_NE(parse_aws_file("[a]\nx = 1\ncanary\n", AwsFile::credentials, "f").error().message.find("f:3:"),
            std::string::npos);
}

TEST(AwsFilesTest, together_give_a_profile_keys_and_region_and_the_credentials_file_wins) {
  FakeMachine machine;
  machine.files = {{"/u/.aws/credentials", "[lake]\naws_access_key_id = A\nregion = from-credentials\n"},
                   {"/u/.aws/config", "[profile lake]\nregion = from-config\noutput = json\n"}};

  const auto profiles = Profiles::load(machine.around());

  ASSERT_TRUE(profiles);
  const Settings* lake = profiles->find("lake");
  ASSERT_NE(lake, nullptr);
  EXPECT_EQ(setting(*lake, "aws_access_key_id"), "A");
  EXPECT_EQ(setting(*lake, "region"), "from-credentials");
  EXPECT_EQ(setting(*lake, "output"), "json");
}

TEST(AwsFilesTest, may_lie_elsewhere_or_nowhere) {
  FakeMachine machine;
  EXPECT_TRUE(Profiles::load(machine.around())->names().empty());
  machine.variables["AWS_CONFIG_FILE"] = "~/own";
  machine.files["/u/own"] = "[default]\nregion = r\n";

  EXPECT_NE(Profiles::load(machine.around())->find("default"), nullptr);
  EXPECT_EQ(configured_region(machine.around()), "r");
  machine.variables["AWS_REGION"] = "first";
  EXPECT_EQ(configured_region(machine.around()), "first");
}

TEST(SplitCommandTest, follows_the_quotes_of_a_shell_and_expands_nothing) {
  EXPECT_EQ(*split_command(R"(/opt/a\ b  "c \" $HOME" 'd "e' f""g '')"),
            (std::vector<std::string>{"/opt/a b", "c \" $HOME", "d \"e", "fg", ""}));
  EXPECT_TRUE(split_command("  ")->empty());
  EXPECT_EQ(split_command("a 'b").error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace millrace::lake::s3
