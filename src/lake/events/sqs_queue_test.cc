#include "lake/events/sqs_queue.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/fake_transport.h"

namespace millrace::lake {
namespace {

constexpr const char* kUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/lake";
constexpr const char* kTwo =
    R"({"Messages":[{"MessageId":"a","ReceiptHandle":"ra","MD5OfBody":"x","Body":"{\"one\":1}"},)"
    R"({"MessageId":"b","ReceiptHandle":"rb","Body":"two"}]})";

struct SqsTest : ::testing::Test {
  SqsQueue queue() { return *SqsQueue::open(kUrl, "", transport, *credentials, clock); }
  testing::FakeClock clock;
  testing::FakeTransport transport;
  std::unique_ptr<s3::CredentialProvider> credentials =
      s3::fixed_credentials({"AKIDEXAMPLE", Secret{"canary-secret"}, {}, {}, {}});
};

TEST(RegionOfQueue, is_read_from_its_address) {
  EXPECT_EQ(region_of_queue(kUrl), "eu-west-1");
  EXPECT_EQ(region_of_queue("https://sqs.cn-north-1.amazonaws.com.cn/1/q"), "cn-north-1");
  EXPECT_EQ(region_of_queue("https://sqs-fips.us-gov-west-1.amazonaws.com/1/q"), "us-gov-west-1");
  EXPECT_EQ(region_of_queue("https://ap-south-1.queue.amazonaws.com/1/q"), "ap-south-1");
  EXPECT_EQ(region_of_queue("https://queue.amazonaws.com/1/q"), "us-east-1");
  EXPECT_EQ(region_of_queue("http://localhost:9324/1/q"), "");
}

TEST_F(SqsTest, a_long_poll_is_signed_for_the_queues_region_and_gives_the_messages) {
  transport.reply(200, kTwo);
  auto q = queue();

  const auto got = q.receive({});

  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), 2U);
  EXPECT_EQ(got->at(0).body, "{\"one\":1}");
  EXPECT_EQ(got->at(1).receipt, "rb");
  const auto sent = transport.sent().at(0);
  EXPECT_EQ(sent.url, "https://sqs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.header("X-Amz-Target"), "AmazonSQS.ReceiveMessage");
  EXPECT_EQ(sent.header("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_NE(sent.header("Authorization").find("/20261122/eu-west-1/sqs/aws4_request"), std::string::npos)
      << sent.header("Authorization");
  EXPECT_NE(sent.body.find("\"WaitTimeSeconds\":20"), std::string::npos) << sent.body;
  EXPECT_EQ((sent.url + sent.body).find("canary"), std::string::npos);
}

TEST_F(SqsTest, an_empty_poll_is_an_answer) {
  transport.reply(200, "{}");
  EXPECT_TRUE(queue().receive({})->empty());
}

TEST_F(SqsTest, messages_are_deleted_by_their_receipts_in_one_call) {
  transport.reply(200, kTwo).reply(200, R"({"Successful":[],"Failed":[]})");
  auto q = queue();
  ASSERT_TRUE(q.remove(*q.receive({}), {}));
  const auto sent = transport.sent().at(1);
  EXPECT_EQ(sent.header("X-Amz-Target"), "AmazonSQS.DeleteMessageBatch");
  EXPECT_NE(sent.body.find(R"("ReceiptHandle":"ra")"), std::string::npos);
  EXPECT_NE(sent.body.find(R"("ReceiptHandle":"rb")"), std::string::npos);
}

TEST_F(SqsTest, what_the_service_refuses_is_said_with_what_to_do) {
  transport.reply(400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"})")
      .reply(403, R"({"__type":"AccessDeniedException","message":"no"})")
      .reply(503, "busy")
      .reply(400, R"({"__type":"ThrottlingException"})");
  auto q = queue();
  const auto gone = q.receive({});
  EXPECT_EQ(gone.error().kind, ErrorKind::not_found);
  EXPECT_NE(gone.error().message.find("QueueDoesNotExist no such queue"), std::string::npos) << gone.error().message;
  const auto denied = q.receive({});
  EXPECT_EQ(denied.error().kind, ErrorKind::permission_denied);
  EXPECT_NE(denied.error().hint.find("sqs:ReceiveMessage"), std::string::npos);
  EXPECT_EQ(q.receive({}).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(q.receive({}).error().kind, ErrorKind::unavailable);
}

TEST_F(SqsTest, an_address_that_names_no_region_needs_one) {
  EXPECT_FALSE(SqsQueue::open("http://localhost:9324/1/q", "", transport, *credentials, clock));
  EXPECT_TRUE(SqsQueue::open("http://localhost:9324/1/q", "eu-west-1", transport, *credentials, clock));
  EXPECT_FALSE(SqsQueue::open("sqs://x/y", "eu-west-1", transport, *credentials, clock));
}

TEST_F(SqsTest, polling_deletes_what_was_taken_whatever_it_was_and_ends_when_asked) {
  transport.reply(200, kTwo).reply(200, "{}");
  std::stop_source stop;
  transport.reply_by([&](const testing::SentRequest&) -> Result<net::HttpResponse> {
    stop.request_stop();
    return Error{ErrorKind::cancelled, "stopped", {}, {}};
  });
  auto q = queue();
  std::vector<std::string> bodies;
  std::vector<Error> told;

  poll_queue(
      q, [&](const std::string& body) { bodies.push_back(body); }, [&](const Error& e) { told.push_back(e); },
      stop.get_token());

  EXPECT_EQ(bodies, (std::vector<std::string>{"{\"one\":1}", "two"}));
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(transport.sent().at(1).header("X-Amz-Target"), "AmazonSQS.DeleteMessageBatch");
}

TEST_F(SqsTest, polling_tells_a_lasting_problem_once) {
  std::stop_source stop;
  for (int i = 0; i < 2; ++i) transport.reply(403, "{}");
  transport.reply_by([&](const testing::SentRequest&) -> Result<net::HttpResponse> {
    stop.request_stop();
    return net::HttpResponse{200, {}, "{}"};
  });
  auto q = queue();
  int told = 0;
  poll_queue(
      q, [](const std::string&) {}, [&](const Error&) { ++told; }, stop.get_token());
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace millrace::lake
