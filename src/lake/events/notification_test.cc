#include "lake/events/notification.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace millrace::lake {
namespace {

std::string record(const std::string& source, const std::string& name, const std::string& key) {
  return fmt::format(
      R"({{"eventVersion":"2.1","eventSource":"{}","eventTime":"2026-11-30T12:00:00.000Z","eventName":"{}",)"
      R"("s3":{{"s3SchemaVersion":"1.0","configurationId":"lake","bucket":{{"name":"b","arn":"arn:aws:s3:::b"}},)"
      R"("object":{{"key":"{}","size":20,"eTag":"abc","versionId":"v1","sequencer":"0055"}}}}}})",
      source, name, key);
}
std::string records(const std::string& all) { return "{\"Records\":[" + all + "]}"; }

TEST(Notification, of_s3_has_a_key_that_is_encoded_as_a_form) {
  const auto got = parse_notification(records(record("aws:s3", "ObjectCreated:Put", "landing/a+b%2Bc%C3%BC.csv")));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->created.size(), 1U);
  EXPECT_EQ(got->created[0].bucket, "b");
  EXPECT_EQ(got->created[0].key, "landing/a b+c\u00fc.csv");
  EXPECT_EQ(got->created[0].etag, "abc");
  EXPECT_EQ(got->created[0].version_id, "v1");
}

TEST(Notification, of_ceph_has_the_key_as_it_is) {
  const auto got = parse_notification(records(record("ceph:s3", "ObjectCreated:Put", "landing/a+b%2Bc.csv")));
  EXPECT_EQ(got->created.at(0).key, "landing/a+b%2Bc.csv");
  EXPECT_EQ(
      parse_notification(records(record("ceph:s3", "s3:ObjectCreated:CompleteMultipartUpload", "x")))->created.size(),
      1U);
}

TEST(Notification, of_a_deletion_is_none_of_a_new_object) {
  const auto got = parse_notification(
      records(record("aws:s3", "ObjectRemoved:Delete", "x") + "," + record("aws:s3", "ObjectCreated:Copy", "y")));
  EXPECT_EQ(got->created.size(), 1U);
  EXPECT_EQ(got->others, 1U);
}

TEST(Notification, that_only_tests_is_told_apart) {
  const auto got = parse_notification(
      R"({"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-30T12:00:00.000Z","Bucket":"b"})");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->is_test);
  EXPECT_TRUE(got->created.empty());
}

TEST(Notification, of_sns_is_an_envelope_around_one) {
  std::string inner;
  for (const char c : records(record("aws:s3", "ObjectCreated:Put", "a+b"))) {
    if (c == '"') inner += '\\';
    inner += c;
  }
  const auto got =
      parse_notification(R"({"Type":"Notification","MessageId":"1","TopicArn":"t","Message":")" + inner + "\"}");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->created.at(0).key, "a b");
}

TEST(Notification, of_sns_that_wants_to_be_confirmed_says_where) {
  const auto got = parse_notification(
      R"({"Type":"SubscriptionConfirmation","Token":"x","SubscribeURL":"https://sns.eu-west-1.amazonaws.com/?x=1"})");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->confirmation_url, "https://sns.eu-west-1.amazonaws.com/?x=1");
}

TEST(Notification, of_event_bridge_has_names_of_its_own) {
  const auto got = parse_notification(
      R"({"version":"0","id":"1","detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"b"},)"
      R"("object":{"key":"landing/a+b.csv","size":5,"etag":"e","version-id":"v"},"reason":"PutObject"}})");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->created.size(), 2U) << "both readings of a key that could be encoded";
  EXPECT_EQ(got->created[0].key, "landing/a+b.csv");
  EXPECT_EQ(got->created[1].key, "landing/a b.csv");
  EXPECT_EQ(got->created.at(0).etag, "e");
  EXPECT_EQ(parse_notification(R"({"detail-type":"Object Deleted","detail":{}})")->others, 1U);
}

TEST(Notification, that_is_none_is_refused_whatever_it_is) {
  for (const char* body : {"", "[]", "1", "null", "{", "{}", R"({"Records":[{}]})", R"({"Records":[1]})",
                           R"({"Type":"Notification","Message":"{}"})", R"({"Type":"Notification"})",
                           R"({"Type":"Notification","Message":"{\"Type\":\"Notification\",\"Message\":\"{}\"}"})",
                           R"({"Type":"Other"})", "\xff\xfe", R"({"detail-type":"Object Created"})"}) {
    const auto got = parse_notification(body);
    ASSERT_FALSE(got) << body;
    EXPECT_EQ(got.error().kind, ErrorKind::invalid_input) << body;
  }
  EXPECT_FALSE(parse_notification(std::string(100'000, '[')));
  EXPECT_TRUE(parse_notification(R"({"Records":[]})"));
}

TEST(FormDecoded, keeps_what_is_no_escape) {
  EXPECT_EQ(form_decoded("a%2"), "a%2");
  EXPECT_EQ(form_decoded("a%zz+%41"), "a%zz A");
  EXPECT_EQ(form_decoded("%"), "%");
}

}  // namespace
}  // namespace millrace::lake
