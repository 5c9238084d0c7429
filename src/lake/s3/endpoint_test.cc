#include "lake/s3/endpoint.h"

#include <gtest/gtest.h>

#include "testing/fake_transport.h"

namespace millrace::lake::s3 {
namespace {

std::string url(const EndpointOptions& options, const std::string& bucket, std::string_view key = "k") {
  const auto endpoint = Endpoint::make(options, bucket);
  return endpoint ? url_of(endpoint->target(key)) : "error: " + endpoint.error().message;
}

TEST(EndpointTest, puts_the_bucket_before_the_host_of_its_region) {
  EXPECT_EQ(url({.region = "eu-central-1"}, "my-bucket"), "https://my-bucket.s3.eu-central-1.amazonaws.com/k");
  EXPECT_EQ(url({}, "my-bucket", ""), "https://my-bucket.s3.us-east-1.amazonaws.com/");
  EXPECT_EQ(url({.region = "us-gov-west-1"}, "my-bucket"), "https://my-bucket.s3.us-gov-west-1.amazonaws.com/k");
  EXPECT_EQ(url({.region = "cn-north-1"}, "my-bucket"), "https://my-bucket.s3.cn-north-1.amazonaws.com.cn/k");
  EXPECT_EQ(url({.region = "us-iso-east-1"}, "my-bucket"), "https://my-bucket.s3.us-iso-east-1.c2s.ic.gov/k");
  EXPECT_EQ(url({.region = "us-isob-east-1"}, "my-bucket"), "https://my-bucket.s3.us-isob-east-1.sc2s.sgov.gov/k");
}

TEST(EndpointTest, knows_dualstack_and_fips) {
  EXPECT_EQ(url({.region = "eu-west-1", .dualstack = true}, "bkt"),
            "https://bkt.s3.dualstack.eu-west-1.amazonaws.com/k");
  EXPECT_EQ(url({.region = "us-east-2", .fips = true}, "bkt"), "https://bkt.s3-fips.us-east-2.amazonaws.com/k");
  EXPECT_EQ(url({.region = "us-east-2", .dualstack = true, .fips = true}, "bkt"),
            "https://bkt.s3-fips.dualstack.us-east-2.amazonaws.com/k");
  EXPECT_EQ(url({.region = "cn-north-1", .dualstack = true}, "bkt"),
            "https://bkt.s3.dualstack.cn-north-1.amazonaws.com.cn/k");
}

TEST(EndpointTest, puts_a_bucket_with_dots_into_the_path_because_no_certificate_covers_it) {
  EXPECT_EQ(url({}, "my.bucket"), "https://s3.us-east-1.amazonaws.com/my.bucket/k");
  EXPECT_EQ(url({.path_style = false}, "my.bucket").substr(0, 5), "error");
  EXPECT_EQ(url({.endpoint = "http://s3.test:80", .path_style = false}, "my.bucket"), "http://my.bucket.s3.test/k");
}

TEST(EndpointTest, of_ones_own_takes_the_bucket_in_the_path_unless_told_otherwise) {
  EXPECT_EQ(url({.endpoint = "http://127.0.0.1:7480"}, "bkt", "a//b"), "http://127.0.0.1:7480/bkt/a//b");
  EXPECT_EQ(url({.endpoint = "http://127.0.0.1:7480"}, "bkt", ""), "http://127.0.0.1:7480/bkt");
  EXPECT_EQ(url({.endpoint = "https://S3.Example.org:443/"}, "bkt"), "https://s3.example.org/bkt/k");
  EXPECT_EQ(url({.endpoint = "https://gw.example.org/s3/"}, "bkt"), "https://gw.example.org/s3/bkt/k");
  EXPECT_EQ(url({.endpoint = "https://s3.example.org", .path_style = false}, "bkt"), "https://bkt.s3.example.org/k");
  EXPECT_EQ(url({.endpoint = "http://[::1]:9000"}, "bkt"), "http://[::1]:9000/bkt/k");
  EXPECT_EQ(url({.path_style = true}, "bkt"), "https://s3.us-east-1.amazonaws.com/bkt/k");
}

TEST(EndpointTest, keeps_keys_byte_for_byte) {
  const auto endpoint = Endpoint::make({.endpoint = "http://h"}, "bkt");

  EXPECT_EQ(endpoint->target("/abs/../x").path, "/bkt//abs/../x");
  EXPECT_EQ(endpoint->target("k", {{"tagging", ""}}).query.size(), 1U);
}

TEST(EndpointTest, refuses_what_cannot_be_an_endpoint_and_says_why) {
  for (const char* bad :
       {"s3.example.org", "ftp://h", "http://", "http://u:p@h", "http://h?x", "http://h:port", "http://h:"}) {
    EXPECT_EQ(Endpoint::make({.endpoint = bad}, "bkt").error().kind, ErrorKind::invalid_input) << bad;
  }
  EXPECT_FALSE(Endpoint::make({.endpoint = "http://127.0.0.1", .path_style = false}, "bkt"));
  EXPECT_FALSE(Endpoint::make({.endpoint = "http://h", .fips = true}, "bkt"));
  EXPECT_FALSE(Endpoint::make({.region = "eu central"}, "bkt"));
  EXPECT_FALSE(Endpoint::make({.region = ""}, "bkt"));
  EXPECT_EQ(Endpoint::make({}, "bkt--usw2-az1--x-s3").error().kind, ErrorKind::unsupported);
}

TEST(EndpointTest, says_whether_it_is_of_aws) {
  EXPECT_TRUE(Endpoint::make({}, "bkt")->is_aws());
  EXPECT_TRUE(Endpoint::make({.endpoint = "https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com"}, "bkt")->is_aws());
  EXPECT_FALSE(Endpoint::make({.endpoint = "https://s3.example.org"}, "bkt")->is_aws());
  EXPECT_FALSE(Endpoint::make({.endpoint = "https://amazonaws.com.evil.org"}, "bkt")->is_aws());
}

TEST(EndpointTest, moves_to_another_region_but_never_to_what_is_none) {
  const auto endpoint = Endpoint::make({}, "bkt");

  EXPECT_EQ(endpoint->in_region("eu-west-1").host(), "bkt.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(endpoint->in_region("evil.org/").host(), endpoint->host());
}

TEST(BucketNameTest, follows_the_rules_of_s3) {
  for (const char* good : {"abc", "my-bucket.1", "1bucket", "a.b"}) EXPECT_TRUE(check_bucket_name(good)) << good;
  for (const char* bad : {"ab", "Bucket", "my_bucket", "-abc", "abc-", "a..b", "192.168.0.1", "xn--abc", "abc-s3alias",
                          "buck et", "../etc", ""}) {
    EXPECT_FALSE(check_bucket_name(bad)) << bad;
  }
  EXPECT_TRUE(check_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(check_bucket_name(std::string(64, 'a')));
  EXPECT_EQ(check_bucket_name("My").error().message,
            "\"My\" cannot be the name of a bucket: it must have 3 to 63 characters");
}

TEST(S3UrlTest, is_a_bucket_and_a_prefix) {
  EXPECT_EQ(parse_s3_url("s3://bkt")->prefix, "");
  EXPECT_EQ(parse_s3_url("s3://bkt/")->prefix, "");
  EXPECT_EQ(parse_s3_url("s3://bkt/a/b")->prefix, "a/b/");
  EXPECT_EQ(parse_s3_url("s3://bkt/a/b/")->bucket, "bkt");
  for (const char* bad :
       {"bkt/a", "http://bkt/a", "s3:///a", "s3://b", "s3://bkt//a", "s3://bkt/a?x=1", "s3://bkt/a//b"}) {
    EXPECT_EQ(parse_s3_url(bad).error().kind, ErrorKind::invalid_input) << bad;
  }
}

TEST(DiscoverRegionTest, believes_the_header_of_any_answer) {
  const auto endpoint = Endpoint::make({}, "bkt");
  for (const int status : {200, 301, 400, 403}) {
    testing::FakeTransport network;
    network.reply(status, "", {{"x-amz-bucket-region", "eu-west-3"}});

    const auto region = discover_region(network, *endpoint);

    ASSERT_TRUE(region) << status;
    EXPECT_EQ(*region, "eu-west-3");
    EXPECT_EQ(network.sent().at(0).method, "HEAD");
    EXPECT_EQ(network.sent()[0].url, "https://bkt.s3.us-east-1.amazonaws.com/");
    EXPECT_EQ(network.sent()[0].header("Authorization"), "");
  }
}

TEST(DiscoverRegionTest, tells_a_missing_bucket_from_a_silent_endpoint) {
  const auto endpoint = Endpoint::make({}, "bkt");
  testing::FakeTransport network;
  network.reply(404).reply(403).reply(503).reply(301, "", {{"x-amz-bucket-region", "evil.org/"}});

  EXPECT_EQ(discover_region(network, *endpoint).error().kind, ErrorKind::not_found);
  EXPECT_EQ(*discover_region(network, *endpoint), std::nullopt);
  EXPECT_EQ(discover_region(network, *endpoint).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(*discover_region(network, *endpoint), std::nullopt);
}

}  // namespace
}  // namespace millrace::lake::s3
