#include <gtest/gtest.h>

#include "lake/s3/credential_links.h"
#include "lake/s3/surroundings_for_tests.h"

namespace millrace::lake::s3 {
namespace {

using namespace std::chrono_literals;

const std::string kAnswer =
    R"({"Code": "Success", "AccessKeyId": "REMOTE", "SecretAccessKey": "canary-s", "Token": "canary-t", "Expiration": "2026-11-22T13:00:00Z"})";

struct RemoteTest : ::testing::Test {
  static std::string told(const Result<Found>& found) {
    if (!found) {
      EXPECT_EQ(all_of(found.error()).find("canary"), std::string::npos) << all_of(found.error());
      return std::string(name_of(found.error().kind)) + ": " + found.error().message;
    }
    if (!found->credentials) return "none: " + found->why_not;
    EXPECT_EQ(found->credentials->session_token->reveal_to_the_wire(), "canary-t");
    return found->credentials->access_key_id + " from " + found->credentials->found_in;
  }
  std::string container() { return told(from_container(machine.around())); }
  std::string instance() { return told(from_instance(machine.around())); }
  FakeMachine machine;
};

TEST_F(RemoteTest, a_container_of_ecs_is_asked_by_its_path) {
  machine.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/id";
  machine.network.reply(200, kAnswer);

  EXPECT_EQ(container(), "REMOTE from the container's credential service");
  EXPECT_EQ(machine.network.sent().at(0).url, "http://169.254.170.2/v2/credentials/id");
  EXPECT_TRUE(machine.network.sent()[0].direct);
}

TEST_F(RemoteTest, a_pod_of_eks_shows_the_token_of_its_file) {
  machine.variables.insert({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                            {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"},
                            {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "older"}});
  machine.files["/token"] = "canary-pod\n";
  machine.network.reply(200, kAnswer);

  EXPECT_EQ(container(), "REMOTE from the container's credential service");
  EXPECT_EQ(machine.network.sent().at(0).header("Authorization"), "canary-pod");
}

TEST_F(RemoteTest, a_token_goes_to_no_foreign_host_in_the_clear) {
  machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary";
  for (const char* url :
       {"http://example.org/x", "http://169.254.170.2.evil.org/", "http://127.0.0.1.evil.org/",
        "http://127.0.0.1@evil.org/", "ftp://127.0.0.1/", "http://169.254.169.254/", "http://[fe80::1]/"}) {
    machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    EXPECT_EQ(container().substr(0, 14), "invalid_input:") << url;
  }
  EXPECT_TRUE(machine.network.sent().empty());
  for (const char* url : {"https://example.org/x", "http://localhost:81/x", "http://127.1.2.3/", "http://[::1]:80/",
                          "http://[fd00:ec2::23]/v1"}) {
    machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    machine.network.reply(200, kAnswer);
    EXPECT_EQ(container().substr(0, 6), "REMOTE") << url;
  }
}

TEST_F(RemoteTest, a_token_of_two_lines_is_no_header) {
  machine.variables.insert({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/"},
                            {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary\r\nHost: evil"}});

  EXPECT_EQ(container().substr(0, 14), "invalid_input:");
}

TEST_F(RemoteTest, what_a_container_answers_is_never_quoted) {
  machine.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  machine.network.reply(403, "canary").reply(500, "canary").reply(200, R"({"SecretAccessKey": "canary"})");
  machine.network.reply(200, R"({"AccessKeyId": "A", "SecretAccessKey": "canary", "Expiration": "canary"})");

  EXPECT_EQ(container(),
            "permission_denied: the container's credential service answered 403 when asked for credentials");
  EXPECT_EQ(container().substr(0, 12), "unavailable:");
  EXPECT_EQ(
      container(),
      "unavailable: the container's credential service answered with something else than credentials: there is no "
      "AccessKeyId");
  EXPECT_EQ(container().substr(0, 12), "unavailable:");
}

TEST_F(RemoteTest, an_instance_is_asked_by_version_two) {
  machine.network.reply(200, "canary-session").reply(200, "lake-role\nother").reply(200, kAnswer);

  EXPECT_EQ(instance(), "REMOTE from role lake-role of the instance");

  const auto sent = machine.network.sent();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].method + " " + sent[0].url, "PUT http://169.254.169.254/latest/api/token");
  EXPECT_EQ(sent[0].header("X-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(sent[1].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(sent[2].url, sent[1].url + "lake-role");
  EXPECT_EQ(sent[2].header("X-aws-ec2-metadata-token"), "canary-session");
  EXPECT_TRUE(sent[0].direct && sent[1].direct && sent[2].direct);
}

TEST_F(RemoteTest, an_instance_may_be_asked_elsewhere) {
  machine.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  machine.network.reply(404);
  EXPECT_EQ(instance().substr(0, 5), "none:");
  EXPECT_EQ(machine.network.sent().at(0).url, "http://[fd00:ec2::254]/latest/api/token");

  machine.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
  machine.network.reply(404);
  EXPECT_EQ(instance().substr(0, 5), "none:");
  EXPECT_EQ(machine.network.sent().at(1).url, "http://127.0.0.1:1338/latest/api/token");
}

TEST_F(RemoteTest, version_one_is_never_used_instead) {
  machine.network.reply(403);

  EXPECT_EQ(instance(), "none: the instance metadata service refused a token (403); version 1 is not used");
  EXPECT_EQ(machine.network.sent().size(), 1U);
}

TEST_F(RemoteTest, a_machine_that_is_no_instance_is_told_from_a_container_that_is_too_far_away) {
  const Error away{ErrorKind::unavailable, "timed out", {}, {}};
  machine.network.fail(away, {.sent = false}).fail(away, {.sent = true, .timed_out = true});

  EXPECT_EQ(instance(), "none: there is no instance metadata service");
  EXPECT_NE(instance().find("hop limit must be 2"), std::string::npos);
}

TEST_F(RemoteTest, an_instance_in_trouble_is_an_error_and_one_without_a_role_is_none) {
  machine.network.reply(503).reply(200, "t").reply(404).reply(200, "t").reply(200, "r").reply(500, "canary");
  machine.network.reply(200, "t").reply(200, "../x").reply(200, "t").reply(200, "r").reply(200, "canary");

  EXPECT_EQ(instance().substr(0, 12), "unavailable:");
  EXPECT_EQ(instance(), "none: the instance has no role");
  EXPECT_EQ(instance().substr(0, 12), "unavailable:");
  EXPECT_EQ(instance().substr(0, 12), "unavailable:");
  EXPECT_EQ(instance().substr(0, 12), "unavailable:");
  EXPECT_EQ(machine.network.left(), 0U);
}

}  // namespace
}  // namespace millrace::lake::s3
