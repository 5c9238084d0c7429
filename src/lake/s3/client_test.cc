#include "lake/s3/client.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/fake_s3_wire.h"
#include "testing/fake_sleeper.h"
#include "testing/fake_transport.h"

namespace millrace::lake::s3 {
namespace {

using testing::FakeTransport;
using testing::SentRequest;

std::string error_body(std::string_view code, std::string_view more = {}) {
  return testing::s3_error(0, code, "as the test asks", more).body;
}

/// Counts what it is told, and has another key after each refusal.
class Keys final : public CredentialProvider {
 public:
  Result<Credentials> get() override {
    return Credentials{"AKIDEXAMPLE0000000" + std::to_string(rejected_), Secret("secret-of-the-test"), {}, {}, "here"};
  }
  void rejected(const Credentials&) override { ++rejected_; }
  int rejected_ = 0;
};

struct ClientTest : ::testing::Test {
  Client client_for(const std::string& endpoint = {}, int attempts = 5) {
    ClientOptions options;
    options.retry.attempts = attempts;
    options.seed = 5;
    return {*Endpoint::make({.endpoint = endpoint}, "lake"), {&wire, &keys, &clock, &sleeper, &budget}, options};
  }
  std::string date(std::chrono::minutes ahead) { return testing::http_date_of(clock.now() + ahead); }
  testing::FakeClock clock;
  testing::FakeSleeper sleeper{clock};
  net::RetryBudget budget;
  Keys keys;
  FakeTransport wire;
};

TEST_F(ClientTest, what_is_a_trouble_of_the_moment_is_asked_again_and_what_is_not_is_not) {
  struct Row {
    int status;
    const char* code;
    std::size_t sent;
    ErrorKind kind;
  };
  for (const Row& row : {Row{500, "InternalError", 3, ErrorKind::unavailable},
                         {502, "", 3, ErrorKind::unavailable},
                         {503, "SlowDown", 3, ErrorKind::unavailable},
                         {504, "", 3, ErrorKind::unavailable},
                         {429, "TooManyRequests", 3, ErrorKind::unavailable},
                         {408, "", 3, ErrorKind::unavailable},
                         {400, "RequestTimeout", 3, ErrorKind::unavailable},
                         {409, "ConditionalRequestConflict", 3, ErrorKind::conflict},
                         {409, "OperationAborted", 3, ErrorKind::conflict},
                         {412, "PreconditionFailed", 1, ErrorKind::conflict},
                         {404, "NoSuchKey", 1, ErrorKind::not_found},
                         {404, "NoSuchBucket", 1, ErrorKind::not_found},
                         {403, "AccessDenied", 1, ErrorKind::permission_denied},
                         {403, "InvalidObjectState", 1, ErrorKind::permission_denied},
                         {403, "SignatureDoesNotMatch", 1, ErrorKind::permission_denied},
                         {416, "InvalidRange", 1, ErrorKind::conflict},
                         {501, "NotImplemented", 1, ErrorKind::unsupported},
                         {405, "MethodNotAllowed", 1, ErrorKind::unsupported},
                         {400, "KeyTooLongError", 1, ErrorKind::invalid_input}}) {
    FakeTransport one([&](const SentRequest&) -> Result<net::HttpResponse> {
      return net::HttpResponse{row.status, {{"x-amz-request-id", "REQ7"}}, *row.code == 0 ? "" : error_body(row.code)};
    });
    Client client(*Endpoint::make({}, "lake"), {&one, &keys, &clock, &sleeper, &budget}, {.retry = {.attempts = 3}});

    const auto got = client.must({.what = "reading", .key = "a b"});

    ASSERT_FALSE(got) << row.code;
    EXPECT_EQ(got.error().kind, row.kind) << row.status << row.code;
    EXPECT_EQ(one.sent().size(), row.sent) << row.status << row.code;
    EXPECT_NE(got.error().message.find("s3://lake/a b"), std::string::npos) << got.error().message;
    EXPECT_NE(got.error().message.find("REQ7"), std::string::npos) << got.error().message;
    EXPECT_NE(got.error().message.find(std::to_string(row.status)), std::string::npos) << got.error().message;
  }
}

TEST_F(ClientTest, a_wrong_clock_is_set_by_the_server_and_stays_right) {
  wire.reply(403, error_body("RequestTimeTooSkewed"), {{"Date", date(std::chrono::minutes(90))}});
  wire.reply(200, "x").reply(200, "x");
  Client client = client_for();

  EXPECT_TRUE(client.must({.what = "reading", .key = "a"}));
  EXPECT_TRUE(client.must({.what = "reading", .key = "a"}));

  ASSERT_EQ(wire.sent().size(), 3U);
  EXPECT_EQ(wire.sent()[0].header("x-amz-date").substr(0, 13), "20261122T1200");
  EXPECT_EQ(wire.sent()[1].header("x-amz-date").substr(0, 13), "20261122T1330");
  EXPECT_EQ(wire.sent()[2].header("x-amz-date").substr(0, 13), "20261122T1330");
}

TEST_F(ClientTest, a_head_refused_without_a_word_finds_out_by_the_date_or_stays_refused) {
  wire.reply(403, "", {{"Date", date(std::chrono::minutes(-40))}}).reply(404);
  Client far = client_for();
  EXPECT_FALSE(far.head("a")->has_value());
  EXPECT_EQ(wire.sent().size(), 2U);

  FakeTransport right;
  right.reply(403, "", {{"Date", date(std::chrono::minutes(0))}});
  Client client(*Endpoint::make({}, "lake"), {&right, &keys, &clock, &sleeper, &budget}, {});
  EXPECT_EQ(client.head("a").error().kind, ErrorKind::permission_denied);
  EXPECT_EQ(right.sent().size(), 1U);
}

TEST_F(ClientTest, expired_credentials_are_asked_for_again) {
  wire.reply(400, error_body("ExpiredToken")).reply(200, "x");

  EXPECT_TRUE(client_for().must({.what = "reading", .key = "a"}));

  EXPECT_EQ(keys.rejected_, 1);
  EXPECT_NE(wire.sent()[1].header("Authorization").find("AKIDEXAMPLE00000001"), std::string::npos);
}

TEST_F(ClientTest, a_bucket_of_another_region_is_found_once_for_all_calls_and_no_redirect_is_followed) {
  wire.reply(301, error_body("PermanentRedirect"),
             {{"x-amz-bucket-region", "eu-central-1"}, {"Location", "https://evil.example/"}});
  wire.reply(200, "x").reply(200, "x");
  Client client = client_for();

  EXPECT_TRUE(client.must({.what = "reading", .key = "a"}));
  EXPECT_TRUE(client.must({.what = "reading", .key = "a"}));

  ASSERT_EQ(wire.sent().size(), 3U);
  EXPECT_EQ(wire.sent()[0].url, "https://lake.s3.us-east-1.amazonaws.com/a");
  EXPECT_EQ(wire.sent()[1].url, "https://lake.s3.eu-central-1.amazonaws.com/a");
  EXPECT_NE(wire.sent()[2].header("Authorization").find("/eu-central-1/s3/"), std::string::npos);
}

TEST_F(ClientTest, a_region_that_is_no_name_is_not_made_part_of_a_host) {
  wire.reply(400, error_body("AuthorizationHeaderMalformed", "<Region>x.evil.example/</Region>"));

  EXPECT_EQ(client_for().must({.what = "reading", .key = "a"}).error().kind, ErrorKind::invalid_input);

  EXPECT_EQ(wire.sent().size(), 1U);
}

TEST_F(ClientTest, a_body_that_breaks_off_is_resumed_where_it_broke) {
  wire.cut(206, "0123456789", 4, {{"ETag", "\"e\""}, {"Content-Range", "bytes 100-109/500"}});
  wire.reply(206, "456789", {{"ETag", "\"e\""}, {"Content-Range", "bytes 104-109/500"}});

  const auto got = client_for().get("a", {.etag = "\"e\"", .offset = 100, .length = 10, .object_size = 500});

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->bytes, "0123456789");
  EXPECT_EQ(wire.sent()[0].header("Range"), "bytes=100-109");
  EXPECT_EQ(wire.sent()[1].header("Range"), "bytes=104-109");
  EXPECT_EQ(wire.sent()[1].header("If-Match"), "\"e\"");
  EXPECT_TRUE(wire.sent()[1].fresh_connection);
}

TEST_F(ClientTest, bytes_of_another_range_or_with_another_digest_are_not_believed) {
  wire.reply(206, "0123456789", {{"ETag", "\"e\""}, {"Content-Range", "bytes 0-9/500"}});
  wire.reply(206, "abcdefghij", {{"ETag", "\"e\""}, {"Content-Range", "bytes 100-109/500"}});
  EXPECT_EQ(client_for().get("a", {.etag = "\"e\"", .offset = 100, .length = 10, .object_size = 500})->bytes,
            "abcdefghij");

  FakeTransport whole;
  const net::Headers head{{"ETag", "\"5d41402abc4b2a76b9719d911017c592\""}, {"Content-Length", "5"}};  // of "hello"
  whole.reply(200, "hallo", head).reply(200, "hello", head);
  Client client(*Endpoint::make({}, "lake"), {&whole, &keys, &clock, &sleeper, &budget}, {});
  const auto got = client.get("a", {.etag = head[0].value, .object_size = 5, .whole = true});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->bytes, "hello");
}

TEST_F(ClientTest, an_object_replaced_while_it_is_read_is_a_conflict_even_where_the_server_does_not_mind) {
  wire.reply(206, "0123456789", {{"ETag", "\"other\""}, {"Content-Range", "bytes 100-109/500"}});

  const auto got = client_for().get("a", {.etag = "\"e\"", .offset = 100, .length = 10, .object_size = 500});

  EXPECT_EQ(got.error().kind, ErrorKind::conflict);
  EXPECT_EQ(wire.sent().size(), 1U);
}

TEST_F(ClientTest, an_error_inside_a_good_answer_is_an_error) {
  wire.reply(200, error_body("InternalError"));
  wire.reply(200, testing::xml_document("CopyObjectResult", "<ETag>&quot;c&quot;</ETag>"));
  EXPECT_EQ(*client_for().copy("from", "to", {}), "\"c\"");

  FakeTransport refuses;
  refuses.reply(200, error_body("AccessDenied"));
  Client client(*Endpoint::make({}, "lake"), {&refuses, &keys, &clock, &sleeper, &budget}, {});
  EXPECT_FALSE(client.copy("from", "to", {}));
}

TEST_F(ClientTest, a_write_on_condition_whose_answer_was_lost_is_proved_by_its_token) {
  wire.fail({ErrorKind::unavailable, "reset", {}, {}}, {.sent = true});
  wire.reply(412, error_body("PreconditionFailed"));
  wire.reply_by([&](const SentRequest&) -> Result<net::HttpResponse> {
    return net::HttpResponse{
        200, {{"ETag", "\"mine\""}, {"x-amz-meta-mr-write", wire.sent()[0].header("x-amz-meta-mr-write")}}, ""};
  });

  const auto got = client_for().put("a", "bytes", {.if_absent = true});

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(*got, "\"mine\"");
  EXPECT_EQ(wire.sent()[1].header("x-amz-meta-mr-write"), wire.sent()[0].header("x-amz-meta-mr-write"));
  EXPECT_EQ(wire.sent()[2].method, "HEAD");
}

TEST_F(ClientTest, somebody_elses_object_is_a_conflict_and_no_proof) {
  wire.fail({ErrorKind::unavailable, "reset", {}, {}}, {.sent = true});
  wire.reply(412, error_body("PreconditionFailed"));
  wire.reply(200, "", {{"ETag", "\"theirs\""}, {"x-amz-meta-mr-write", "another"}});
  EXPECT_EQ(client_for().put("a", "bytes", {.if_absent = true}).error().kind, ErrorKind::conflict);

  FakeTransport plain;
  plain.reply(412, error_body("PreconditionFailed"));
  Client client(*Endpoint::make({}, "lake"), {&plain, &keys, &clock, &sleeper, &budget}, {});
  EXPECT_EQ(client.put("a", "bytes", {.if_absent = true}).error().kind, ErrorKind::conflict);
  EXPECT_EQ(plain.sent().size(), 1U) << "nothing was in doubt";
}

TEST_F(ClientTest, what_can_be_neither_seen_nor_proved_is_unknown) {
  FakeTransport dead;
  for (int i = 0; i < 4; ++i) dead.fail({ErrorKind::unavailable, "reset", {}, {}}, {.sent = true});
  Client client(*Endpoint::make({}, "lake"), {&dead, &keys, &clock, &sleeper, &budget}, {.retry = {.attempts = 2}});

  EXPECT_EQ(client.put("a", "bytes", {.if_absent = true}).error().kind, ErrorKind::commit_unknown);
}

TEST_F(ClientTest, an_upload_that_is_gone_because_it_is_done_is_done) {
  wire.fail({ErrorKind::unavailable, "reset", {}, {}}, {.sent = true});
  wire.reply(404, error_body("NoSuchUpload"));
  wire.reply(200, "", {{"ETag", "\"whole-2\""}, {"x-amz-meta-mr-write", "token"}});

  EXPECT_EQ(*client_for().complete_upload("a", "id", {"\"1\"", "\"2\""}, "token"), "\"whole-2\"");
}

TEST_F(ClientTest, a_setting_is_believed_only_if_it_is_one_and_never_removed_where_that_may_take_the_bucket) {
  wire.reply(200, testing::xml_document("ListBucketResult", ""));
  wire.reply(404, error_body("ServerSideEncryptionConfigurationNotFoundError"));
  wire.reply(200, testing::xml_document("LifecycleConfiguration", ""));
  wire.reply(200, "{\"Version\": \"2012-10-17\"}");
  wire.reply(404, error_body("NoSuchBucket"));
  Client client = client_for("http://127.0.0.1:7480");

  EXPECT_EQ(client.get_config("encryption", "ServerSideEncryptionConfiguration").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(*client.get_config("encryption", "ServerSideEncryptionConfiguration"), std::nullopt);
  EXPECT_TRUE(*client.get_config("lifecycle", "LifecycleConfiguration"));
  EXPECT_TRUE(*client.get_config("policy", "{"));
  EXPECT_EQ(client.get_config("policy", "{").error().kind, ErrorKind::not_found);
  const std::size_t before = wire.sent().size();
  EXPECT_EQ(client.remove_config("encryption").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(wire.sent().size(), before) << "nothing may be sent";
}

TEST_F(ClientTest, what_a_server_says_is_cleaned_before_it_is_shown) {
  const std::string said = "line\n\x1b[31mred AKIAIOSFODNN7EXAMPLE secret-of-the-test \xff" + std::string(5000, 'x');
  wire.reply(403, "<Error><Code>Access&#10;Denied</Code><Message>&#10;AKIAIOSFODNN7EXAMPLE secret-of-the-test " +
                      std::string(5000, 'x') + "</Message></Error>");

  const Error e = client_for().must({.what = "reading", .key = "a\nb"}).error();

  for (const std::string& text : {e.message, cleaned(said, {"secret-of-the-test"})}) {
    EXPECT_LE(text.size(), 600U);
    EXPECT_EQ(text.find("AKIA"), std::string::npos) << text;
    EXPECT_EQ(text.find("secret-of"), std::string::npos) << text;
    EXPECT_EQ(text.find_first_of("\n\x1b\xff"), std::string::npos) << text;
  }
}

TEST_F(ClientTest, a_spent_budget_ends_the_retries_and_says_so) {
  net::RetryBudget poor(5);
  FakeTransport sick([](const SentRequest&) -> Result<net::HttpResponse> { return net::HttpResponse{500, {}, ""}; });
  Client client(*Endpoint::make({}, "lake"), {&sick, &keys, &clock, &sleeper, &poor}, {});

  const auto got = client.must({.what = "reading", .key = "a"});

  EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(sick.sent().size(), 2U);
  EXPECT_NE(got.error().message.find("budget"), std::string::npos) << got.error().message;
}

TEST_F(ClientTest, a_listing_is_read_page_by_page_with_keys_as_bytes) {
  wire.reply(200, testing::xml_document(
                      "ListBucketResult",
                      "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                      "<NextContinuationToken>a+/=</NextContinuationToken><Contents><Key>a+b%2Bc%0A</Key><Size>3</Size>"
                      "<LastModified>2026-11-22T12:00:00.500Z</LastModified><ETag>&quot;e&quot;</ETag></Contents>"));
  Client client = client_for();

  const auto page = client.list_page("a", "", "");

  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->next, "a+/=");
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0].key, "a b+c\n");
  EXPECT_EQ(page->objects[0].etag, "\"e\"");
  EXPECT_EQ(to_iso8601(page->objects[0].modified), "2026-11-22T12:00:00.500000Z");
}

}  // namespace
}  // namespace millrace::lake::s3
