#include "app/config_lake.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

Result<LakeConfig> read(const std::string& text) {
  MR_TRY(const yaml::Node root, yaml::parse(text, "millrace.yaml"));
  MR_TRY(yaml::Fields f, yaml::Fields::of(root, {"millrace.yaml", ""}));
  return read_lake(f, "/project");
}
std::string message(const std::string& text) {
  const auto got = read(text);
  return got ? "(no error)" : got.error().message;
}

TEST(ConfigLake, is_a_folder_of_the_project_where_nothing_is_said) {
  const auto got = read("name: x\n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->folder, "/project/lake");
  EXPECT_EQ(got->url, "/project/lake");
  EXPECT_FALSE(got->s3);
}

TEST(ConfigLake, is_a_bucket_with_a_prefix) {
  const auto got = read(
      "lake: {url: \"s3://data-lake/raw/orders\", region: eu-west-1, endpoint: \"https://s3.example:9000\", "
      "path_style: true, ca_file: ca.pem, profile: loader, connections: 4, part_size: 16MiB}\n");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_TRUE(got->s3);
  EXPECT_EQ(got->url, "s3://data-lake/raw/orders/");
  EXPECT_EQ(got->s3->bucket, "data-lake");
  EXPECT_EQ(got->s3->prefix, "raw/orders/");
  EXPECT_EQ(got->s3->region, "eu-west-1");
  EXPECT_EQ(got->s3->endpoint, "https://s3.example:9000");
  EXPECT_EQ(got->s3->path_style, true);
  EXPECT_EQ(got->s3->ca_file, "/project/ca.pem");
  EXPECT_EQ(got->s3->connections, 4U);
  EXPECT_EQ(got->s3->part_size_bytes, 16U << 20);
  EXPECT_TRUE(got->folder.empty());
}

TEST(ConfigLake, a_bucket_alone_has_no_prefix_and_sound_defaults) {
  const auto got = read("lake: {url: \"s3://lake\"}\n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->url, "s3://lake/");
  EXPECT_EQ(got->s3->prefix, "");
  EXPECT_EQ(got->s3->path_style, std::nullopt);
  EXPECT_EQ(got->s3->connections, 8U);
  EXPECT_EQ(got->s3->part_size_bytes, 8U << 20);
}

TEST(ConfigLake, a_secret_is_refused_with_the_reason_and_not_repeated) {
  for (const char* key : {"secret_access_key", "access_key_id", "session_token"}) {
    const auto got = read(std::string("lake: {url: \"s3://lake\", ") + key + ": canary}\n");
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().message.find(std::string("lake.") + key + ": secrets never stand in millrace.yaml"),
              std::string::npos)
        << got.error().message;
    EXPECT_EQ(got.error().message.find("canary"), std::string::npos);
    EXPECT_NE(got.error().hint.find("AWS_SECRET_ACCESS_KEY"), std::string::npos);
  }
}

TEST(ConfigLake, what_is_wrong_with_the_address_is_said) {
  EXPECT_NE(message("lake: {url: \"s3://Lake\"}\n").find("found the bucket \"Lake\""), std::string::npos);
  EXPECT_NE(message("lake: {url: \"s3://my.lake\"}\n").find("found the bucket"), std::string::npos);
  EXPECT_EQ(message("lake: {url: \"s3://my.lake\", path_style: true}\n"), "(no error)");
  EXPECT_NE(message("lake: {url: \"s3://lake/a//b\"}\n").find("found the prefix \"a//b/\""), std::string::npos);
  EXPECT_NE(message("lake: {url: \"s3://lake/../b\"}\n").find("found the prefix"), std::string::npos);
  EXPECT_NE(message("lake: {url: \"gs://lake\"}\n").find("expected a folder or s3://bucket/prefix"), std::string::npos);
  EXPECT_NE(message("lake: {url: \"s3://lake\", endpoint: \"localhost:9000\"}\n").find("expected https://host:port"),
            std::string::npos);
  EXPECT_NE(message("lake: {url: \"s3://lake\", part_size: 1MiB}\n").find("expected 5MiB to 512MiB"),
            std::string::npos);
}

TEST(ConfigLake, what_only_a_bucket_has_is_refused_of_a_folder) {
  EXPECT_NE(message("lake: {url: ./lake, region: eu-west-1}\n")
                .find("lake.region: it is only asked of a lake on S3, and lake.url is \"./lake\""),
            std::string::npos);
}

TEST(ConfigLake, events_by_http_need_a_token_that_is_a_reference) {
  const std::string start = "lake: {url: \"s3://lake\", events: {http: \"127.0.0.1:9000\"";
  EXPECT_NE(message(start + "}}\n").find("expected a reference such as env:"), std::string::npos);
  const auto bare = read(start + ", token: canary}}\n");
  ASSERT_FALSE(bare);
  EXPECT_EQ(bare.error().message.find("canary"), std::string::npos);
  const auto good = read(start + ", token: \"env:TOKEN\", sqs: \"https://sqs.eu-west-1.amazonaws.com/1/q\"}}\n");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->events.http, "127.0.0.1:9000");
  EXPECT_EQ(good->events.token, "env:TOKEN");
  EXPECT_EQ(good->events.sqs, "https://sqs.eu-west-1.amazonaws.com/1/q");
}

}  // namespace
}  // namespace millrace::app
