#include <gtest/gtest.h>

#include "lake/s3/credential_links.h"
#include "lake/s3/surroundings_for_tests.h"

namespace millrace::lake::s3 {
namespace {

using namespace std::chrono_literals;

std::string sts_answer(const std::string& action, const std::string& id) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>canary-secret</SecretAccessKey><SessionToken>canary-token</SessionToken>"
         "<Expiration>2026-11-22T13:00:00Z</Expiration></Credentials></" +
         action + "Result></" + action + "Response>";
}

struct ChainTest : ::testing::Test {
  Result<Credentials> get(ChainOptions options = {}) {
    return default_chain(machine.around(), std::move(options))->get();
  }
  /// "id from place", or the error.
  std::string who(ChainOptions options = {}) {
    const auto got = get(std::move(options));
    if (got) return got->access_key_id + " from " + got->found_in;
    EXPECT_EQ(all_of(got.error()).find("canary"), std::string::npos) << all_of(got.error());
    return std::string(name_of(got.error().kind)) + ": " + got.error().message;
  }
  void config(const std::string& text) { machine.files["/u/.aws/config"] = text; }
  void credentials(const std::string& text) { machine.files["/u/.aws/credentials"] = text; }
  FakeMachine machine;
};

const std::string kKeys = "aws_access_key_id = AKIDFILE\naws_secret_access_key = canary-file\n";

TEST_F(ChainTest, takes_the_environment_first) {
  machine.variables.insert({{"AWS_ACCESS_KEY_ID", "AKIDENV"},
                            {"AWS_SECRET_ACCESS_KEY", "canary-env"},
                            {"AWS_SESSION_TOKEN", "canary-token"},
                            {"AWS_CREDENTIAL_EXPIRATION", "2026-11-22T15:00:00+02:00"}});
  credentials("[default]\n" + kKeys);

  const auto got = get();

  ASSERT_TRUE(got);
  EXPECT_EQ(got->access_key_id, "AKIDENV");
  EXPECT_EQ(got->session_token->reveal_to_the_wire(), "canary-token");
  EXPECT_EQ(*got->expires, machine.clock.now() + 1h);
  EXPECT_TRUE(machine.network.sent().empty());
}

TEST_F(ChainTest, skips_the_environment_for_an_explicit_profile) {
  machine.variables.insert({{"AWS_ACCESS_KEY_ID", "AKIDENV"}, {"AWS_SECRET_ACCESS_KEY", "canary-env"}});
  credentials("[lake]\n" + kKeys);

  EXPECT_EQ(who({.profile = "lake"}), "AKIDFILE from profile lake");
  EXPECT_EQ(who(), "AKIDENV from the environment");
}

TEST_F(ChainTest, refuses_half_of_a_pair) {
  machine.variables["AWS_SECRET_ACCESS_KEY"] = "canary";
  EXPECT_EQ(who(), "invalid_input: AWS_SECRET_ACCESS_KEY is set in the environment, AWS_ACCESS_KEY_ID is not");

  machine.variables.erase("AWS_SECRET_ACCESS_KEY");
  credentials("[default]\naws_secret_access_key = canary\n");
  EXPECT_EQ(who(), "invalid_input: profile default has aws_secret_access_key only");
}

TEST_F(ChainTest, takes_the_profile_that_AWS_PROFILE_names_and_no_other) {
  credentials("[default]\naws_access_key_id = D\naws_secret_access_key = canary\n[lake]\n" + kKeys);
  EXPECT_EQ(who(), "D from profile default");

  machine.variables["AWS_PROFILE"] = "lake";
  EXPECT_EQ(who(), "AKIDFILE from profile lake");

  machine.variables["AWS_PROFILE"] = "laek";
  EXPECT_EQ(who(), "not_found: there is no profile laek in /u/.aws/credentials and /u/.aws/config");
  EXPECT_EQ(get().error().hint, "did you mean lake?");
}

TEST_F(ChainTest, takes_on_a_role_with_the_keys_of_its_source) {
  credentials("[base]\n" + kKeys);
  config(
      "[profile lake]\nrole_arn = arn:aws:iam::1:role/lake\nsource_profile = base\nexternal_id = e/1\n"
      "role_session_name = me\nduration_seconds = 900\nregion = eu-west-1\n");
  machine.variables["AWS_PROFILE"] = "lake";
  machine.network.reply(200, sts_answer("AssumeRole", "ASIAROLE"));

  const auto got = get();

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->access_key_id, "ASIAROLE");
  EXPECT_EQ(got->secret_access_key.reveal_to_the_wire(), "canary-secret");
  EXPECT_EQ(got->session_token->reveal_to_the_wire(), "canary-token");
  EXPECT_EQ(*got->expires, machine.clock.now() + 1h);
  const auto sent = machine.network.sent().at(0);
  EXPECT_EQ(sent.method + " " + sent.url, "POST https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.body,
            "Action=AssumeRole&DurationSeconds=900&ExternalId=e%2F1&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Flake"
            "&RoleSessionName=me&Version=2011-06-15");
  EXPECT_NE(sent.header("Authorization").find("Credential=AKIDFILE/20261122/eu-west-1/sts/aws4_request"),
            std::string::npos);
}

TEST_F(ChainTest, follows_a_chain_of_roles_and_ends_a_ring) {
  credentials("[base]\n" + kKeys + "[self]\nrole_arn = r\nsource_profile = self\n" + kKeys);
  config(
      "[profile a]\nrole_arn = ra\nsource_profile = b\n[profile b]\nrole_arn = rb\nsource_profile = base\n"
      "[profile x]\nrole_arn = rx\nsource_profile = y\n[profile y]\nrole_arn = ry\nsource_profile = x\n");
  machine.network.reply(200, sts_answer("AssumeRole", "B")).reply(200, sts_answer("AssumeRole", "A"));

  EXPECT_EQ(who({.profile = "a"}), "A from role ra of profile a");
  EXPECT_NE(machine.network.sent().at(1).header("Authorization").find("Credential=B/"), std::string::npos);
  EXPECT_EQ(machine.network.sent()[1].header("x-amz-security-token"), "canary-token");
  EXPECT_EQ(who({.profile = "x"}), "invalid_input: profile x names itself as its source");
  machine.network.reply(200, sts_answer("AssumeRole", "S"));
  EXPECT_EQ(who({.profile = "self"}), "S from role r of profile self");
}

TEST_F(ChainTest, takes_on_a_role_with_what_a_place_gives) {
  machine.variables.insert({{"AWS_ACCESS_KEY_ID", "AKIDENV"}, {"AWS_SECRET_ACCESS_KEY", "canary-env"}});
  config(
      "[profile env]\nrole_arn = r\ncredential_source = Environment\n[profile odd]\nrole_arn = r\n"
      "credential_source = Moon\n[profile none]\nrole_arn = r\n");
  machine.network.reply(200, sts_answer("AssumeRole", "E"));

  EXPECT_EQ(who({.profile = "env"}), "E from role r of profile env");
  EXPECT_NE(machine.network.sent().at(0).header("Authorization").find("Credential=AKIDENV/"), std::string::npos);
  EXPECT_EQ(who({.profile = "odd"}), "invalid_input: profile odd has credential_source = Moon");
  EXPECT_EQ(who({.profile = "none"}),
            "invalid_input: profile none has a role_arn with neither source_profile and credential_source");
}

TEST_F(ChainTest, shows_what_sts_refused_without_what_it_was_told) {
  credentials("[base]\n" + kKeys + "aws_session_token = canary-session\n");
  config("[profile lake]\nrole_arn = r\nsource_profile = base\n");
  const std::string refusal =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not for "
      "canary-session</Message></Error></ErrorResponse>";
  machine.network.reply(403, refusal).reply(503, "busy").reply(200, "<AssumeRoleResponse><SecretAccessKey>canary");

  EXPECT_EQ(who({.profile = "lake"}),
            "permission_denied: STS refused the role r of profile lake: 403 (AccessDenied): not for [secret]");
  EXPECT_EQ(who({.profile = "lake"}).substr(0, 12), "unavailable:");
  EXPECT_EQ(who({.profile = "lake"}),
            "unavailable: STS answered for the role r of profile lake with something else than credentials");
}

TEST_F(ChainTest, refuses_what_needs_a_person) {
  config("[profile sso]\nsso_session = corp\n[profile mfa]\nrole_arn = r\nmfa_serial = m\nsource_profile = sso\n");

  EXPECT_EQ(who({.profile = "sso"}).substr(0, 12), "unsupported:");
  EXPECT_NE(get({.profile = "sso"}).error().hint.find("credential_process"), std::string::npos);
  EXPECT_EQ(who({.profile = "mfa"}).substr(0, 12), "unsupported:");
}

TEST_F(ChainTest, asks_the_program_of_a_profile) {
  config("[profile p]\ncredential_process = \"/opt/my helper\" --for lake\n");
  machine.program_says =
      R"({"Version": 1, "AccessKeyId": "P", "SecretAccessKey": "canary-s", "SessionToken": "canary-t", "Expiration": "2026-11-22T14:00:00.5Z"})";

  const auto got = get({.profile = "p"});

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(machine.programs.at(0), (std::vector<std::string>{"/opt/my helper", "--for", "lake"}));
  EXPECT_EQ(got->access_key_id, "P");
  EXPECT_EQ(*got->expires, machine.clock.now() + 2h);
  machine.program_says = R"({"AccessKeyId": "P", "SecretAccessKey": canary})";
  EXPECT_EQ(who({.profile = "p"}).substr(0, 12), "unavailable:");
  machine.program_says = R"({"AccessKeyId": "P", "canary": 1})";
  EXPECT_EQ(who({.profile = "p"}).substr(0, 12), "unavailable:");
  machine.program_fails = Error{ErrorKind::unavailable, "exit code 1", {}, {}};
  EXPECT_EQ(who({.profile = "p"}), "unavailable: exit code 1");
}

TEST_F(ChainTest, takes_on_a_role_with_the_web_identity_of_a_profile_or_of_the_environment) {
  machine.files["/token"] = "canary.jwt\n";
  config("[profile w]\nrole_arn = rw\nweb_identity_token_file = /token\n");
  machine.network.reply(200, sts_answer("AssumeRoleWithWebIdentity", "W"))
      .reply(200, sts_answer("AssumeRoleWithWebIdentity", "E"))
      .reply(400,
             "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>bad "
             "canary.jwt</Message></Error></ErrorResponse>");

  EXPECT_EQ(who({.profile = "w"}), "W from role rw of profile w");
  machine.variables.insert({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"},
                            {"AWS_ROLE_ARN", "re"},
                            {"AWS_ROLE_SESSION_NAME", "pod"},
                            {"AWS_DEFAULT_REGION", "cn-north-1"}});
  EXPECT_EQ(who(), "E from role re of the environment");
  const auto sent = machine.network.sent().at(1);
  EXPECT_EQ(sent.url, "https://sts.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(sent.header("Authorization"), "");
  EXPECT_NE(sent.body.find("&RoleSessionName=pod&Version=2011-06-15&WebIdentityToken=canary.jwt"), std::string::npos);
  EXPECT_EQ(who(),
            "permission_denied: STS refused the role re of the environment: 400 (InvalidIdentityToken): bad [secret]");
  machine.variables.erase("AWS_ROLE_ARN");
  EXPECT_EQ(who().substr(0, 14), "invalid_input:");
}

TEST_F(ChainTest, says_where_it_has_looked_when_nothing_was_found) {
  machine.variables["AWS_EC2_METADATA_DISABLED"] = "TRUE";

  EXPECT_EQ(who(),
            "not_found: no AWS credentials were found: the environment has no AWS_ACCESS_KEY_ID; there is no profile "
            "default in /u/.aws/credentials and /u/.aws/config; the environment has no "
            "AWS_WEB_IDENTITY_TOKEN_FILE; the environment has no AWS_CONTAINER_CREDENTIALS_*_URI; "
            "AWS_EC2_METADATA_DISABLED is set");
  EXPECT_TRUE(machine.network.sent().empty());
}

TEST_F(ChainTest, asks_again_when_the_server_has_refused_what_it_gave) {
  credentials("[default]\n" + kKeys);
  const auto chain = default_chain(machine.around());
  const auto old = chain->get();
  credentials("[default]\naws_access_key_id = NEW\naws_secret_access_key = n\n");
  EXPECT_EQ(chain->get()->access_key_id, "AKIDFILE");

  chain->rejected(*old);

  EXPECT_EQ(chain->get()->access_key_id, "NEW");
}

TEST(ExpirationTest, is_a_time_with_its_zone) {
  const WallTime noon = testing::FakeClock().now();
  EXPECT_EQ(parse_expiration("2026-11-22T12:00:00Z"), noon);
  EXPECT_EQ(parse_expiration("2026-11-22T12:00:00.123456Z"), noon);
  EXPECT_EQ(parse_expiration("2026-11-22T13:30:00+01:30"), noon);
  EXPECT_EQ(parse_expiration("2026-11-22T11:00:00-01:00"), noon);
  for (const char* bad : {"", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T12:00:00+1", "2026-11-22T12:00:00Zx"}) {
    EXPECT_EQ(parse_expiration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace millrace::lake::s3
