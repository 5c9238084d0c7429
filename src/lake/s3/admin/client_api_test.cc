#include "lake/s3/admin/client_api.h"

#include <gtest/gtest.h>

#include "lake/s3/admin/plan.h"
#include "testing/fake_clock.h"
#include "testing/fake_s3.h"
#include "testing/fake_sleeper.h"

namespace millrace::lake::s3::admin {
namespace {

/// A bucket on a server with the habits of Ceph 16.2: a sub-resource that it does not know is a listing, its public
/// access block has another root, and DELETE of anything takes the bucket.
class CephLike final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> send(const net::HttpRequest& request, net::BodySink*) override {
    const testing::S3Call call = testing::s3_call_of(request, {"lake"});
    EXPECT_EQ(call.bucket, "lake");
    net::HttpResponse answer;
    answer.status = 200;
    if (call.method == "DELETE") {
      bucket_is_there = false;
      answer.status = 204;
      return answer;
    }
    const std::string sub = call.query.empty() ? "" : call.query.begin()->first;
    if (call.method == "PUT") {
      std::string kept = call.body;
      for (const std::string root : {"<PublicAccessBlockConfiguration", "</PublicAccessBlockConfiguration"})
        if (const auto at = kept.find(root); at != std::string::npos) kept.insert(at + root.find('P'), "Block");
      puts.push_back(sub);
      documents[sub] = kept;
    } else if (sub == "encryption" || sub == "ownershipControls") {
      answer.body = "<ListBucketResult><Name>lake</Name></ListBucketResult>";
    } else if (documents.contains(sub)) {
      answer.body = documents[sub];
    } else {
      answer.status = 404;
      answer.body = "<Error><Code>NoSuchConfiguration</Code></Error>";
    }
    return answer;
  }
  std::map<std::string, std::string> documents;
  std::vector<std::string> puts;
  bool bucket_is_there = true;
};

struct ClientApiTest : ::testing::Test {
  Client client_at(const std::string& endpoint) {
    auto e = Endpoint::make({.region = "us-east-1", .endpoint = endpoint, .path_style = true}, "lake");
    EXPECT_TRUE(e);
    ClientOptions options;
    options.seed = 1;
    return {*std::move(e), {&server, credentials.get(), &clock, &sleeper, &budget}, options};
  }
  Desired desired() const {
    Desired d;
    d.bucket = "lake";
    d.tiers.keep = Days{10};
    return d;
  }
  testing::FakeClock clock;
  testing::FakeSleeper sleeper{clock};
  net::RetryBudget budget;
  std::unique_ptr<CredentialProvider> credentials =
      fixed_credentials({"FAKEACCESSKEY", Secret("secret"), {}, {}, "test"});
  CephLike server;
};

TEST_F(ClientApiTest, AppliesToAServerLikeCephAndLeavesTheBucketThere) {
  Client client = client_at("https://s3.test:9000");
  const auto api = bucket_api_over(client);
  const auto applied = apply(*api, desired(), {});
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(server.puts, (std::vector<std::string>{"publicAccessBlock", "versioning", "policy", "lifecycle"}));
  const auto plan = make_plan(*api, desired());
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->differs()) << in_words(*plan);
  Desired nothing = desired();
  nothing.tiers = {};
  nothing.security.tls_only = nothing.security.versioning = false;
  ASSERT_TRUE(apply(*api, nothing, {}));
  EXPECT_TRUE(server.bucket_is_there);
}

TEST_F(ClientApiTest, KnowsWhetherTheServerIsAwsAndTheConnectionSafe) {
  Client plain = client_at("http://s3.test:9000");
  EXPECT_FALSE(bucket_api_over(plain)->server().aws);
  EXPECT_FALSE(bucket_api_over(plain)->server().tls);
  Client aws = client_at("");
  EXPECT_TRUE(bucket_api_over(aws)->server().aws);
  EXPECT_TRUE(bucket_api_over(aws)->server().tls);
}

}  // namespace
}  // namespace millrace::lake::s3::admin
