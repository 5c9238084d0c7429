/// Ten thousand calls with every tenth of them failing in one of fifteen ways: nothing lost, nothing doubled, and not
/// many more requests than without faults. MILLRACE_S3_FAULT_CALLS=100000 runs longer, MILLRACE_S3_FAULT_SEED another
/// seed.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <set>

#include "base/sha256.h"
#include "lake/s3/s3_store.h"
#include "testing/fake_s3.h"
#include "testing/fake_sleeper.h"
#include "testing/faulty_s3.h"

namespace millrace::lake {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Deliver, sweep, read, remember, archive: what ingest does, with a map for a ledger.
class Mill {
 public:
  Mill(std::uint64_t seed, double faults)
      : seed_(seed), random_(seed), server_(clock_), faulty_(server_, clock_, seed, faults, testing::all_s3_faults()) {
    server_.create_bucket("lake");
    faulty_.on_replace = [this](const std::string& url) { replace(url); };
    S3Options options;
    options.url = "s3://lake";
    options.endpoint.endpoint = "http://s3.test";
    options.parts = {&faulty_, credentials_.get(), &clock_, &sleeper_, &budget_};
    options.client.seed = seed;
    options.limits.part_bytes = 16 << 10;
    options.limits.connections = 4;
    store_ = *open_s3_store(std::move(options));
  }

  void run(std::size_t objects) {
    for (std::size_t n = 0; n < objects; ++n) {
      deliver(n);
      if (n % 2 == 1) sweep();
    }
    // What failed is tried again until all is done, as a pipeline's next runs do.
    for (int i = 0; i < 100 && !server_landing_empty(); ++i) sweep();
  }

  /// What is wrong in the end; empty: nothing.
  [[nodiscard]] std::vector<std::string> violations() const {
    std::vector<std::string> out;
    for (const auto& [sha, times] : loaded_) {
      if (times > 1) out.push_back(fmt::format("{} was loaded {} times", sha, times));
      if (!delivered_.contains(sha)) out.push_back(sha + " was loaded and never delivered");
    }
    std::set<std::string> archived;
    for (const std::string& key : server_.keys("lake")) {
      if (!key.starts_with("processed/")) {
        out.push_back(key + " was left behind");
        continue;
      }
      const auto object = *server_.object("lake", key);
      if (!archived.insert(sha256_hex(object.bytes)).second) out.push_back(key + " is archived twice");
      if (object.headers.at("x-amz-meta-mr-sha256") != sha256_hex(object.bytes))
        out.push_back(key + " has other bytes");
    }
    for (const std::string& sha : delivered_) {
      if (overwritten_.contains(sha)) continue;  // by its owner, before it was archived
      if (!loaded_.contains(sha)) out.push_back(sha + " was never loaded");
      if (!archived.contains(sha)) out.push_back(sha + " is not in the archive");
    }
    if (server_.open_uploads() > 0) out.push_back("an upload was left open");
    return out;
  }
  [[nodiscard]] std::uint64_t requests() const { return faulty_.requests(); }
  [[nodiscard]] std::uint64_t loaded() const { return loaded_.size(); }
  [[nodiscard]] std::uint64_t recognised() const { return recognised_; }
  [[nodiscard]] std::uint64_t failed_steps() const { return failed_steps_; }
  [[nodiscard]] std::map<testing::S3Fault, std::uint64_t> injected() const { return faulty_.injected(); }

 private:
  std::string content(const std::string& name) {
    Random bytes(seed_ ^ next_content_);
    std::string out = fmt::format("{} {}\n", name, ++next_content_);
    const std::size_t size = out.size() + bytes.below(60'000);
    while (out.size() < size) out += fmt::format("{:016x}\n", bytes.next());
    delivered_.insert(sha256_hex(out));
    return out;
  }

  void deliver(std::size_t n) {
    const std::string key = fmt::format("landing/orders/{:06}.csv", n);
    const std::string bytes = content(key);
    for (int i = 0; i < 50; ++i) {
      if (store_->put(key, bytes)) return;
      ++failed_steps_;
    }
  }

  /// Somebody puts a new version there; what it replaces may never be seen by anyone.
  void replace(const std::string& url) {
    const auto at = url.find("landing/");
    if (at == std::string::npos) return;
    const std::lock_guard lock(replacing_);  // parts are read by several threads; whoever sweeps waits for them
    const std::string key = url.substr(at);
    const auto old = server_.object("lake", key);
    if (!old) return;
    overwritten_.insert(sha256_hex(old->bytes));
    server_.store("lake", key, content(key));
  }

  void sweep() {
    const auto listing = store_->list("landing/");
    if (!listing) {
      ++failed_steps_;
      return;
    }
    for (const ObjectInfo& object : listing->objects)
      if (!take(object)) ++failed_steps_;
  }

  /// Any error leaves the object to the next sweep.
  bool take(const ObjectInfo& object) {
    auto reader = store_->open(object);
    if (!reader) return reader.error().kind == ErrorKind::not_found;  // a stale listing
    const auto sha = digest_of(**reader);
    if (!sha) return false;
    // The ledger: one commit, known by its bytes. What comes again because its move was cut is recognised.
    if (loaded_.contains(*sha))
      ++recognised_;
    else
      ++loaded_[*sha];
    const Provenance provenance{"orders", object.key, static_cast<std::int64_t>(loaded_.size()), *sha};
    return store_->move(object, "processed/orders/" + sha->substr(0, 16) + ".csv", provenance).has_value();
  }

  [[nodiscard]] bool server_landing_empty() const {
    for (const std::string& key : server_.keys("lake"))
      if (key.starts_with("landing/")) return false;
    return true;
  }

  const std::uint64_t seed_;
  Random random_;
  testing::FakeClock clock_;
  testing::FakeSleeper sleeper_{clock_};
  net::RetryBudget budget_;
  testing::FakeS3 server_;
  testing::FaultyS3 faulty_;
  std::unique_ptr<s3::CredentialProvider> credentials_ =
      s3::fixed_credentials({"FAKEACCESSKEY", Secret("fake-secret-key"), {}, {}, "the test"});
  std::unique_ptr<ObjectStore> store_;
  std::mutex replacing_;
  std::uint64_t next_content_ = 0, failed_steps_ = 0, recognised_ = 0;
  std::set<std::string> delivered_, overwritten_;
  std::map<std::string, int> loaded_;
};

TEST(FaultRunTest, with_every_tenth_call_failing_nothing_is_lost_nothing_doubled_and_little_sent_again) {
  const std::uint64_t calls = from_environment("MILLRACE_S3_FAULT_CALLS", 10'000);
  const std::uint64_t seed = from_environment("MILLRACE_S3_FAULT_SEED", 20261130);
  const std::size_t objects = calls / 10;  // put, list, reads and a move are about ten calls
  Mill calm(seed, 0), faulty(seed, 0.1);
  calm.run(objects);
  ASSERT_EQ(calm.violations(), std::vector<std::string>{});

  faulty.run(objects);

  EXPECT_EQ(faulty.violations(), std::vector<std::string>{});
  const double times = static_cast<double>(faulty.requests()) / static_cast<double>(calm.requests());
  std::uint64_t faults = 0;
  std::string kinds;
  for (const auto& [kind, n] : faulty.injected()) {
    faults += n;
    kinds += fmt::format(" {}={}", testing::name_of(kind), n);
  }
  std::printf(
      "s3 fault run: seed %llu, %llu requests (%llu without faults, %.3f times), %llu faults, %llu versions loaded, "
      "%llu recognised when they came again, %llu steps left to the next sweep, %zu violations;%s\n",
      static_cast<unsigned long long>(seed), static_cast<unsigned long long>(faulty.requests()),
      static_cast<unsigned long long>(calm.requests()), times, static_cast<unsigned long long>(faults),
      static_cast<unsigned long long>(faulty.loaded()), static_cast<unsigned long long>(faulty.recognised()),
      static_cast<unsigned long long>(faulty.failed_steps()), faulty.violations().size(), kinds.c_str());
  EXPECT_LE(times, 1.3);
  EXPECT_EQ(faulty.injected().size(), testing::kS3Faults) << "a kind of fault never struck:" << kinds;
  EXPECT_GE(faulty.requests(), calls);
}

}  // namespace
}  // namespace millrace::lake
