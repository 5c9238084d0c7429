#include "lake/s3/admin/plan.h"

#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "lake/s3/admin/fake_bucket_for_tests.h"
#include "testing/golden.h"

namespace millrace::lake::s3::admin {
namespace {

using ::millrace::testing::matches_golden;

std::string golden(const std::string& name) { return std::string(MR_SOURCE_DIR) + "lake/s3/admin/testdata/" + name; }

Desired wish() {
  Desired d;
  d.bucket = "shop-lake";
  return d;
}

/// A sleeper that does not sleep.
struct Instant final : net::Sleeper {
  Status sleep(std::chrono::milliseconds, std::stop_token) override {
    ++sleeps;
    return ok();
  }
  int sleeps = 0;
};

std::string words_of(FakeBucket& bucket, const Desired& d) {
  const auto plan = make_plan(bucket, d);
  return plan ? in_words(*plan) : "error: " + plan.error().message;
}

Applied must_apply(FakeBucket& bucket, const Desired& d, const Patience& patience = {}) {
  auto applied = apply(bucket, d, patience);
  EXPECT_TRUE(applied) << applied.error().message;
  return applied ? *applied : Applied{};
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(LakePlan, OfANewBucketSaysEverythingThatIsMissing) {
  FakeBucket bucket;
  EXPECT_TRUE(matches_golden(words_of(bucket, whole_wish()), golden("plan_new_bucket.txt")));
}

TEST(LakePlan, IsEmptyAfterApplyAndApplyingAgainWritesNothing) {
  FakeBucket bucket;
  const Applied first = must_apply(bucket, whole_wish());
  EXPECT_FALSE(first.done.empty());
  EXPECT_TRUE(first.not_done.empty());
  const auto plan = make_plan(bucket, whole_wish());
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->differs()) << in_words(*plan);
  EXPECT_EQ(plan->as_wanted, static_cast<std::int64_t>(first.done.size()));
  const auto puts = bucket.puts.size();
  EXPECT_TRUE(must_apply(bucket, whole_wish()).done.empty());
  EXPECT_EQ(bucket.puts.size(), puts);
}

TEST(LakePlan, ClosesDoorsBeforeItKeepsVersionsAndDeletesLast) {
  FakeBucket bucket;
  Desired d = whole_wish();
  d.security.object_lock = ObjectLock{false, Days{30}};
  must_apply(bucket, d);
  EXPECT_EQ(bucket.puts, (std::vector<std::string>{"ownershipControls", "publicAccessBlock", "versioning", "encryption",
                                                   "policy", "object-lock", "lifecycle", "notification"}));
}

TEST(LakePlan, SaysWhatSomebodyHasChangedByHand) {
  FakeBucket bucket;
  must_apply(bucket, whole_wish());
  bucket.documents["versioning"] = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
  bucket.documents["publicAccessBlock"] =
      "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</"
      "IgnorePublicAcls>"
      "<BlockPublicPolicy>TRUE</BlockPublicPolicy></PublicAccessBlockConfiguration>";
  bucket.documents["policy"] =
      R"({"Version":"2012-10-17","Statement":{"Sid":"MillraceTlsOnly","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}})";
  std::string& rules = bucket.documents["lifecycle"];
  rules.replace(rules.find("<Days>30<"), 9, "<Days>31<");
  EXPECT_TRUE(matches_golden(words_of(bucket, whole_wish()), golden("plan_drift.txt")));
}

TEST(LakePlan, KeepsRulesStatementsAndNotificationsOfOthers) {
  FakeBucket bucket;
  bucket.documents["lifecycle"] =
      "<LifecycleConfiguration><Rule><ID>logs &amp; "
      "more</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>"
      "<Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>";
  bucket.documents["policy"] =
      R"({"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"Backup","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"},)"
      R"("Action":["s3:GetObject"],"Resource":"arn:aws:s3:::shop-lake/*"}]})";
  bucket.documents["notification"] =
      "<NotificationConfiguration><CloudFunctionConfiguration><Id>thumbs</Id><CloudFunction>arn:aws:lambda:x</"
      "CloudFunction>"
      "<Event>s3:ObjectCreated:Put</Event></CloudFunctionConfiguration><EventBridgeConfiguration/></"
      "NotificationConfiguration>";
  must_apply(bucket, whole_wish());
  EXPECT_TRUE(holds(bucket.documents["lifecycle"],
                    "<Rule><ID>logs &amp; more</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>"
                    "<Expiration><Days>9</Days></Expiration></Rule>"));
  EXPECT_TRUE(holds(bucket.documents["policy"],
                    R"("Sid":"Backup","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"})"));
  EXPECT_TRUE(holds(bucket.documents["notification"], "<CloudFunction>arn:aws:lambda:x</CloudFunction>"));
  EXPECT_TRUE(holds(bucket.documents["notification"], "<EventBridgeConfiguration></EventBridgeConfiguration>"));
  const std::string words = words_of(bucket, whole_wish());
  EXPECT_TRUE(holds(words, "= lifecycle: 1 rule of others, left as it is\n")) << words;
  EXPECT_TRUE(holds(words, "= bucket policy: 1 statement of others, left as it is\n")) << words;
  EXPECT_TRUE(holds(words, "= notification: 2 rules of others, left as they are\n")) << words;
}

TEST(LakePlan, RemovesRulesOfOursThatNobodyAsksForAnyMore) {
  FakeBucket bucket;
  must_apply(bucket, whole_wish());
  Desired less = whole_wish();
  less.tiers = {};
  less.security.queue = "";
  less.security.versioning = false;
  const std::string words = words_of(bucket, less);
  EXPECT_TRUE(holds(words, "- lifecycle rule millrace-tiers-processed: ")) << words;
  EXPECT_TRUE(holds(words, "- notification millrace-landing: ")) << words;
  must_apply(bucket, less);
  EXPECT_TRUE(bucket.removes.empty());  // a list without rules is refused by S3: one that does nothing stands there
  EXPECT_TRUE(holds(bucket.documents["lifecycle"], "millrace-nothing"));
  EXPECT_FALSE(make_plan(bucket, less)->differs());
}

TEST(LakePlan, OfAnEmptyPolicyAsksAwsToRemoveItAndLeavesItElsewhere) {
  for (const bool aws : {true, false}) {
    FakeBucket bucket;
    bucket.is.aws = aws;
    must_apply(bucket, wish());
    Desired less = wish();
    less.security.tls_only = false;
    const Applied applied = must_apply(bucket, less);
    EXPECT_EQ(bucket.removes.size(), aws ? 1U : 0U);
    ASSERT_EQ(applied.not_done.size(), aws ? 0U : 2U);  // elsewhere, and one of the doors
    if (aws) continue;
    EXPECT_TRUE(holds(in_words(applied.not_done[1]), "! bucket policy: the server refuses it: "));
  }
}

TEST(LakePlan, SaysWhatAServerDoesNotKnowAndNeverWritesIt) {
  FakeBucket bucket;
  bucket.is.aws = false;
  bucket.unknown = {"encryption", "ownershipControls"};
  const Applied applied = must_apply(bucket, wish());
  EXPECT_EQ(applied.not_done.size(), 2U + 1U);  // and one of the doors, below
  for (const std::string& put : bucket.puts) EXPECT_FALSE(bucket.unknown.contains(put)) << put;
  const auto plan = make_plan(bucket, wish());
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->differs());  // nothing that apply could close
  EXPECT_TRUE(holds(in_words(*plan), "! encryption: cannot be asked of this server: it does not know ?encryption\n"));
}

TEST(LakePlan, ElsewhereLeavesTheDoorOpenThatWouldRefuseEveryUpload) {
  FakeBucket bucket;
  bucket.is.aws = false;
  must_apply(bucket, wish());
  EXPECT_TRUE(holds(bucket.documents["publicAccessBlock"], "<BlockPublicAcls>false<"));
  EXPECT_TRUE(holds(bucket.documents["publicAccessBlock"], "<IgnorePublicAcls>true<"));
  EXPECT_TRUE(holds(words_of(bucket, wish()), "! public access block, BlockPublicAcls: left out: "));
  FakeBucket stricter;  // somebody else's choice is not undone
  must_apply(stricter, wish());
  stricter.is.aws = false;
  EXPECT_FALSE(make_plan(stricter, wish())->differs());
}

TEST(LakePlan, DiffersWhereItMayNotLook) {
  FakeBucket bucket;
  must_apply(bucket, wish());
  bucket.forbidden = {"policy"};
  const auto plan = make_plan(bucket, wish());
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->differs());
  EXPECT_TRUE(holds(in_words(*plan), "? bucket policy: these credentials may not read ?policy")) << in_words(*plan);
}

TEST(LakePlan, SaysWhatTheServerDidNotKeep) {
  FakeBucket bucket;
  bucket.keep = [](const std::string& sub, std::string document) {
    const std::string dropped = "<ObjectSizeGreaterThan>131072</ObjectSizeGreaterThan>";
    if (const auto at = document.find(dropped); sub == "lifecycle" && at != std::string::npos)
      document.erase(at, dropped.size());
    return document;
  };
  const Applied applied = must_apply(bucket, whole_wish());
  ASSERT_EQ(applied.not_done.size(), 1U);
  EXPECT_EQ(applied.not_done[0].mark, Mark::not_kept);
  const std::string words = in_words(applied.not_done[0]);
  EXPECT_TRUE(holds(words, "the server did not keep it: asked for")) << words;
  EXPECT_TRUE(holds(words, "only above 131,072 bytes")) << words;
}

TEST(LakePlan, WaitsForAConfigurationThatIsSeenLate) {
  FakeBucket bucket;
  bucket.stale_reads = 3;
  Instant sleeper;
  const Applied applied = must_apply(bucket, wish(), {&sleeper, 5, std::chrono::milliseconds{1}});
  EXPECT_TRUE(applied.not_done.empty());
  EXPECT_GT(sleeper.sleeps, 0);
}

TEST(LakePlan, OverPlainHttpDoesNotLockItselfOut) {
  FakeBucket bucket;
  bucket.is = {false, false};
  must_apply(bucket, wish());
  EXPECT_FALSE(bucket.documents.contains("policy"));
  const std::string words = words_of(bucket, wish());
  EXPECT_TRUE(holds(words, "! bucket policy MillraceTlsOnly: left out: this very connection is plain http")) << words;
}

TEST(LakePlan, OverPlainHttpKeepsTheStatementsThatForbidIt) {
  FakeBucket bucket;
  must_apply(bucket, wish());
  bucket.is.tls = false;
  Desired d = wish();
  d.security.require_encryption_header = true;
  must_apply(bucket, d);
  EXPECT_TRUE(holds(bucket.documents["policy"], "MillraceTlsOnly"));
  EXPECT_TRUE(holds(bucket.documents["policy"], "MillraceNoEncryption"));
}

TEST(LakePlan, ComparesStatementsByWhatTheyMean) {
  FakeBucket bucket;
  must_apply(bucket, wish());
  bucket.documents["policy"] =
      R"({"Statement":[{"Principal":{"AWS":"*"},"Sid":"MillraceTls12","Action":["s3:*"],"Effect":"Deny",)"
      R"("Condition":{"NumericLessThan":{"s3:TlsVersion":1.2}},"Resource":["arn:aws:s3:::shop-lake/*","arn:aws:s3:::shop-lake"]},)"
      R"({"Sid":"MillraceTlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::shop-lake","arn:aws:s3:::shop-lake/*"],)"
      R"("Condition":{"BoolIfExists":{"aws:SecureTransport":[false]}}}],"Version":"2012-10-17"})";
  const auto plan = make_plan(bucket, wish());
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->differs()) << in_words(*plan);
}

TEST(LakePlan, GoesOnWithTheOthersWhereTheServerRefusesOne) {
  FakeBucket bucket;
  bucket.refused = {"object-lock"};
  Desired d = wish();
  d.security.object_lock = ObjectLock{false, Days{30}};
  const Applied applied = must_apply(bucket, d);
  ASSERT_EQ(applied.not_done.size(), 1U);
  EXPECT_EQ(in_words(applied.not_done[0]), "! object lock: the server refuses it: InvalidBucketState");
  EXPECT_TRUE(bucket.documents.contains("lifecycle"));
  EXPECT_TRUE(make_plan(bucket, d)->differs());
}

TEST(LakePlan, StopsAtAFailureAndSaysWhere) {
  FakeBucket bucket;
  bucket.unwritable = {"versioning"};
  std::vector<Change> told;
  const auto applied = apply(bucket, wish(), {}, [&](const Change& c) { told.push_back(c); });
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().kind, ErrorKind::permission_denied);
  EXPECT_EQ(applied.error().trail, std::vector<std::string>{"setting the bucket's versioning"});
  EXPECT_EQ(told.size(), 2U);  // ownership and public access stay
}

TEST(LakePlan, IsFinishedByAnotherApplyAfterAFailureBetweenTwoWrites) {
  FakeBucket bucket;
  ASSERT_TRUE(failpoint::configure("lake.admin.put.after=error@3"));
  EXPECT_FALSE(apply(bucket, whole_wish(), {}));
  ASSERT_TRUE(failpoint::configure(""));
  must_apply(bucket, whole_wish());
  EXPECT_FALSE(make_plan(bucket, whole_wish())->differs());
}

TEST(LakePlan, RefusesWishesThatCannotWork) {
  const auto message = [](auto change, bool aws = true) {
    Desired d = whole_wish();
    change(d);
    const Status s = check(d, aws);
    return s ? std::string() : s.error().message;
  };
  EXPECT_TRUE(
      holds(message([](Desired& d) { d.tiers.warm = Days{29}; }), "tiers.warm: found 29d, expected at least 30d"));
  EXPECT_EQ(message([](Desired& d) { d.tiers = {Days{1}, Days{2}, Days{3}, Days{4}, {}}; }, false), "");
  EXPECT_TRUE(holds(message([](Desired& d) { d.tiers.cold = Days{45}; }), "tiers.cold"));
  EXPECT_TRUE(holds(message([](Desired& d) { d.tiers.archive = Days{100}; }), "tiers.archive"));
  EXPECT_TRUE(holds(message([](Desired& d) { d.security.kms_key = "alias/lake"; }), "kms_key: found \"alias/lake\""));
  EXPECT_TRUE(holds(message([](Desired& d) { d.security.encryption = Encryption::sse_s3; }), "kms_key"));
  EXPECT_TRUE(holds(message([](Desired& d) { d.security.topic = "arn:aws:sns:eu:1:t"; }), "queue and topic"));
  EXPECT_TRUE(holds(message([](Desired& d) {
                      d.security.versioning = false;
                      d.security.object_lock = ObjectLock{};
                    }),
                    "object_lock: it needs versioning"));
}

}  // namespace
}  // namespace millrace::lake::s3::admin
