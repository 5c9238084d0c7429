#include "lake/store_harness_for_tests.h"

#include <unistd.h>

#include <cstdlib>

#include "lake/local/local_store.h"
#include "lake/s3/s3_store.h"
#include "net/curl_transport.h"
#include "testing/fake_s3.h"
#include "testing/fake_sleeper.h"
#include "testing/faulty_s3.h"
#include "testing/temp_folder.h"

namespace millrace::lake {
namespace {

const std::vector<std::string> kS3MovePoints{
    "lake.s3.head.before",        "lake.s3.copy.before",   "lake.s3.copy.after",  "lake.s3.move.before_verify",
    "lake.s3.move.before_delete", "lake.s3.delete.before", "lake.s3.delete.after"};

class LocalHarness final : public StoreHarness {
 public:
  LocalHarness() : store_(*open_local_store(folder_.path())) {}
  ObjectStore& store() override { return *store_; }
  [[nodiscard]] bool is_folder() const override { return true; }
  [[nodiscard]] std::vector<std::string> move_points() const override {
    return {"lake.mkdir.before", "lake.move.before_link", "files.sync_folder.before", "lake.move.before_unlink",
            "lake.move.unlink.before_sync"};
  }
  [[nodiscard]] std::size_t large_bytes() const override { return 3'000'000; }

 private:
  testing::TempFolder folder_;
  std::unique_ptr<ObjectStore> store_;
};

/// Over the fake server, with or without faults in between.
class FakeHarness final : public StoreHarness {
 public:
  FakeHarness(S3Limits limits, testing::FakeS3::Behaviour behaviour, double faults)
      : limits_(limits),
        server_(clock_, std::move(behaviour)),
        faulty_(server_, clock_, 7, faults, testing::hidden_s3_faults()) {
    server_.create_bucket("lake");
    S3Options options;
    options.url = "s3://lake/some/prefix";
    if (faults > 0) options.endpoint.endpoint = "http://s3.test:9000";  // path style, signed bodies
    options.parts = {&faulty_, credentials_.get(), &clock_, &sleeper_, &budget_};
    options.client.retry.attempts = 9;  // nine faults in a row are no part of this suite
    options.client.seed = 11;
    options.limits = limits_;
    store_ = *open_s3_store(std::move(options));
  }
  ObjectStore& store() override { return *store_; }
  [[nodiscard]] std::vector<std::string> move_points() const override { return kS3MovePoints; }
  [[nodiscard]] std::size_t large_bytes() const override { return limits_.upload_part_bytes + 4017; }
  [[nodiscard]] std::size_t longest_key() const override { return 1024 - full("").size(); }
  bool freeze(const std::string& key) override {
    server_.set_class("lake", full(key), "GLACIER");
    return true;
  }
  void thaw() override { server_.finish_restores(); }
  std::optional<std::string> metadata(const std::string& key, const std::string& name) override {
    const auto object = server_.object("lake", full(key));
    if (!object) return "";
    const auto it = object->headers.find("x-amz-meta-" + name);
    return it == object->headers.end() ? "" : it->second;
  }

 private:
  static std::string full(const std::string& key) { return "some/prefix/" + key; }
  const S3Limits limits_;
  testing::FakeClock clock_;
  testing::FakeSleeper sleeper_{clock_};
  net::RetryBudget budget_;
  testing::FakeS3 server_;
  testing::FaultyS3 faulty_;
  std::unique_ptr<s3::CredentialProvider> credentials_ =
      s3::fixed_credentials({"FAKEACCESSKEY", Secret("fake-secret-key"), {}, {}, "the test"});
  std::unique_ptr<ObjectStore> store_;
};

S3Limits small_parts() {
  S3Limits limits;
  limits.part_bytes = 1000;
  limits.connections = 4;
  limits.upload_part_bytes = 3000;
  limits.copy_limit_bytes = 9000;
  limits.copy_part_bytes = 2500;
  return limits;
}

testing::FakeS3::Behaviour small_pages(bool checks_delete) {
  testing::FakeS3::Behaviour b;
  b.page_size = 3;
  b.least_part = 0;
  b.largest_copy = 9000;
  b.checks_delete = checks_delete;
  return b;
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// A server of the environment, below a prefix of its own that is emptied at the end.
class RealHarness final : public StoreHarness {
 public:
  RealHarness()
      : transport_(*net::make_curl_transport(
            {.ca_file = from_environment("MILLRACE_S3_TEST_CA"), .use_proxy_of_environment = false})),
        credentials_(s3::default_chain(s3::surroundings_of_this_machine(*transport_, system_clock()))) {
    const std::string bucket = from_environment("MILLRACE_S3_TEST_BUCKET");
    S3Options options;
    options.url = "s3://" + bucket + "/conformance-" + std::to_string(::getpid()) + "-" + std::to_string(++made_);
    options.endpoint.endpoint = from_environment("MILLRACE_S3_TEST_ENDPOINT");
    options.parts = {transport_.get(), credentials_.get(), &system_clock(), &net::thread_sleeper(), &budget_};
    options.client.seed = static_cast<std::uint64_t>(::getpid());
    s3::Client client(*s3::Endpoint::make(options.endpoint, bucket), options.parts, options.client);
    const auto created = client.must({.what = "creating the bucket", .method = "PUT"});
    MR_INVARIANT(created.has_value() || created.error().kind == ErrorKind::conflict, "the test's bucket is there");
    store_ = *open_s3_store(std::move(options));
  }
  ~RealHarness() override {
    if (const auto all = store_->list(""))
      for (const ObjectInfo& object : all->objects) (void)store_->remove(object).has_value();
  }
  ObjectStore& store() override { return *store_; }
  [[nodiscard]] std::vector<std::string> move_points() const override { return kS3MovePoints; }
  [[nodiscard]] std::size_t large_bytes() const override { return 40'000'001; }
  [[nodiscard]] std::size_t longest_key() const override { return 960; }  // its prefix is short

 private:
  static inline int made_ = 0;
  net::RetryBudget budget_;
  std::unique_ptr<net::HttpTransport> transport_;
  std::unique_ptr<s3::CredentialProvider> credentials_;
  std::unique_ptr<ObjectStore> store_;
};

}  // namespace

std::vector<HarnessKind> harness_kinds() {
  const bool real =
      !from_environment("MILLRACE_S3_TEST_ENDPOINT").empty() && !from_environment("MILLRACE_S3_TEST_BUCKET").empty();
  std::vector<HarnessKind> kinds{
      {"local", [] { return std::make_unique<LocalHarness>(); }},
      {"s3",
       [] {
         return std::make_unique<FakeHarness>(S3Limits{.part_bytes = 256 << 10, .upload_part_bytes = 5 << 20},
                                              testing::FakeS3::Behaviour{}, 0);
       }},
      {"s3_paged", [] { return std::make_unique<FakeHarness>(small_parts(), small_pages(true), 0); }},
      {"s3_faulty", [] { return std::make_unique<FakeHarness>(small_parts(), small_pages(false), 0.1); }},
      {"s3_real", nullptr, "a server: MILLRACE_S3_TEST_ENDPOINT, MILLRACE_S3_TEST_BUCKET, AWS_ACCESS_KEY_ID, …"}};
  if (real) kinds.back().make = [] { return std::make_unique<RealHarness>(); };
  return kinds;
}

}  // namespace millrace::lake
