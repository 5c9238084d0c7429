// What the pipeline makes of what the sensor says: sets, files that may not be read, times without a file.
#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "lake/local/local_store.h"
#include "schedule/wait_for_files.h"
#include "schedule/watch.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"
#include "warehouse/duckdb/database.h"

namespace millrace::schedule {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kContract =
    "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1.0.0\nstatus: active\nschema:\n  - name: o\n    "
    "properties:\n      - {name: id, logicalType: integer}\n";

struct Told final : Observer {
  void on_file(const ingest::FileOutcome& o) override { files.push_back(o); }
  void on_sensed(const ingest::HandedOn& h) override { sensed.push_back(h); }
  void on_held(const ingest::HeldBack& h) override { held.push_back(h); }
  void on_blocked(const Error& e) override { blocked.push_back(e); }
  void on_timeout(const Error& e, bool soft) override { timeouts.emplace_back(e, soft); }
  std::vector<ingest::FileOutcome> files;
  std::vector<ingest::HandedOn> sensed;
  std::vector<ingest::HeldBack> held;
  std::vector<Error> blocked;
  std::vector<std::pair<Error, bool>> timeouts;
};

/// A lake in a folder, some of whose objects may not be read.
struct GuardedLake final : lake::ObjectStore {
  explicit GuardedLake(std::unique_ptr<ObjectStore> s) : store(std::move(s)) {}
  Result<lake::Listing> list(std::string_view folder) override { return store->list(folder); }
  Result<std::unique_ptr<lake::ObjectReader>> open(const lake::ObjectInfo& object) override {
    if (object.key == forbidden) {
      ++refused;
      return Error{ErrorKind::permission_denied, object.key + ": may not be read", {}, {}};
    }
    return store->open(object);
  }
  Result<std::optional<lake::ObjectInfo>> head(std::string_view key) override { return store->head(key); }
  std::optional<bool> being_written(const lake::ObjectInfo& o) override { return store->being_written(o); }
  std::string url_of(std::string_view key) const override { return store->url_of(key); }
  Status move(const lake::ObjectInfo& o, std::string_view to, const lake::Provenance& p) override {
    return store->move(o, to, p);
  }
  Status put(std::string_view key, std::string_view bytes) override { return store->put(key, bytes); }
  Status put_file(std::string_view key, const std::filesystem::path& f, const lake::Provenance& p) override {
    return store->put_file(key, f, p);
  }
  Status remove(const lake::ObjectInfo& object) override { return store->remove(object); }
  std::unique_ptr<ObjectStore> store;
  std::string forbidden;
  int refused = 0;
};

/// Lets the time pass that is to be waited, and does what the test asks at each wait.
struct PassingTime final : lake::ChangeHint {
  explicit PassingTime(testing::FakeClock& c) : clock(c) {}
  bool wait(std::chrono::milliseconds most) override {
    pauses.push_back(most);
    clock.advance(most);
    if (at_wait) at_wait(++waits);
    return hinted;
  }
  void wake() override {}
  testing::FakeClock& clock;
  std::function<void(int)> at_wait;
  int waits = 0;
  std::vector<std::chrono::milliseconds> pauses;
  bool hinted = false;
};

struct Sensing : ::testing::Test {
  Sensing() {
    folder.write("project/dbt_project.yml", "name: p\n");
    std::filesystem::create_directories(folder.path() / "lake/landing/o");
    source.name = "o";
    source.pattern = "landing/o/*.csv";
    source.contract = *parse_contract(kContract, "c.yaml");
    source.table = {"raw", "o"};
    source.sensor.stable_for = 0ms;
  }
  Pipeline& pipeline() {
    if (made) return *made;
    PipelineParts parts;
    parts.session = session.get();
    parts.store = &lake;
    parts.clock = &clock;
    parts.observer = &told;
    parts.sources = {source};
    parts.project_folder = (folder.path() / "project").string();
    made.emplace(std::move(parts));
    EXPECT_TRUE(made->prepare());
    return *made;
  }
  void land(const std::string& name, int id) {
    folder.write("lake/landing/o/" + name, "id\n" + std::to_string(id) + "\n");
  }
  Result<std::int64_t> wait_for_files() { return schedule::wait_for_files(pipeline(), time, stop.get_token()); }

  testing::TempFolder folder;
  testing::FakeClock clock;
  PassingTime time{clock};
  Told told;
  std::stop_source stop;
  ingest::Source source;
  GuardedLake lake{
      (std::filesystem::create_directories(folder.path() / "lake"), *lake::open_local_store(folder.path() / "lake"))};
  std::unique_ptr<warehouse::Warehouse> db = *warehouse::duckdb::open({":memory:"});
  std::unique_ptr<warehouse::Session> session = *db->connect();
  std::optional<Pipeline> made;
};

TEST_F(Sensing, a_set_is_loaded_whole_and_each_outcome_names_it) {
  source.sensor.complete = {"{day}_a.csv", "{day}_b.csv"};
  land("1_a.csv", 1);
  EXPECT_EQ(*pipeline().load(true), 0);
  EXPECT_EQ(told.held.at(0).reason, "waits for {day}_b.csv");
  land("1_b.csv", 2);

  EXPECT_EQ(*pipeline().load(true), 2);

  ASSERT_EQ(told.files.size(), 2U);
  EXPECT_EQ(told.files[0].set, "day=1");
  EXPECT_EQ(told.files[1].set, "day=1");
  ASSERT_EQ(told.sensed.size(), 1U);
  EXPECT_EQ(told.sensed[0].objects.size(), 2U);
}

TEST_F(Sensing, a_set_that_a_crash_cut_is_finished_after_the_restart) {
  source.sensor.complete = {"{day}_a.csv", "{day}_b.csv"};
  land("1_a.csv", 1);
  land("1_b.csv", 2);
  ASSERT_TRUE(failpoint::configure("ingest.load.before=error@2"));
  EXPECT_FALSE(pipeline().load(true));
  ASSERT_TRUE(failpoint::configure(""));
  made.reset();

  EXPECT_EQ(*pipeline().load(true), 1);

  EXPECT_EQ(told.files.size(), 2U);
}

TEST_F(Sensing, a_file_that_may_not_be_read_is_told_once_tried_again_and_holds_up_no_other) {
  lake.forbidden = "landing/o/a.csv";
  land("a.csv", 1);
  land("b.csv", 2);

  EXPECT_EQ(*pipeline().load(true), 1);
  EXPECT_EQ(told.blocked.size(), 1U);
  for (int i = 0; i < 5; ++i) {
    clock.advance(2min);
    EXPECT_EQ(*pipeline().load(true), 0);
  }
  EXPECT_EQ(told.blocked.size(), 1U);
  EXPECT_EQ(lake.refused, 6);
  EXPECT_EQ(told.sensed.size(), 1U) << "it triggers once, however often it is tried";
  lake.forbidden.clear();
  clock.advance(2min);
  EXPECT_EQ(*pipeline().load(true), 1);
}

TEST_F(Sensing, waiting_for_files_ends_when_one_has_come) {
  time.at_wait = [&](int n) {
    if (n == 3) land("a.csv", 1);
  };

  EXPECT_EQ(*wait_for_files(), 1);
  EXPECT_EQ(time.waits, 3);
}

TEST_F(Sensing, waiting_for_files_ends_with_an_error_after_the_timeout) {
  source.sensor.timeout = 5s;

  const auto got = wait_for_files();

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::deadline_exceeded);
  EXPECT_EQ(got.error().message.substr(0, 39), "o: no file has come for 5.00 s, expecte");
  EXPECT_NE(got.error().message.find("landing/o/*.csv"), std::string::npos);
}

TEST_F(Sensing, with_soft_fail_a_timeout_is_told_and_is_no_error) {
  source.sensor.timeout = 5s;
  source.sensor.soft_fail = true;

  EXPECT_EQ(*wait_for_files(), 0);
  ASSERT_EQ(told.timeouts.size(), 1U);
  EXPECT_TRUE(told.timeouts[0].second);
}

TEST_F(Sensing, the_watch_tells_a_timeout_once_and_goes_on) {
  source.sensor.timeout = 5s;
  time.at_wait = [&](int n) {
    if (n == 20) land("a.csv", 1);
    if (n == 40) stop.request_stop();
  };

  ASSERT_TRUE(watch(pipeline(), time, told, {}, stop.get_token()));

  EXPECT_EQ(told.files.size(), 1U);
  EXPECT_EQ(told.timeouts.size(), 2U) << "once before the file, and once after it";
}

TEST_F(Sensing, looks_become_rarer_with_backoff_and_a_hint_comes_at_once) {
  source.sensor.exponential_backoff = true;
  source.sensor.max_wait = 8s;
  time.at_wait = [&](int n) {
    if (n == 5) land("a.csv", 1);
    time.hinted = n == 5;
    if (n == 6) stop.request_stop();
  };

  ASSERT_TRUE(watch(pipeline(), time, told, {}, stop.get_token()));

  EXPECT_EQ(told.files.size(), 1U);
  EXPECT_EQ(time.pauses, (std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 8s, 8s, 1s}));
}

TEST_F(Sensing, each_source_is_looked_at_at_its_own_pace) {
  source.sensor.poke_interval = 10s;
  pipeline();
  EXPECT_EQ(*pipeline().load(false), 0);
  land("a.csv", 1);
  EXPECT_EQ(*pipeline().load(false), 0) << "not due yet";
  clock.advance(10s);
  EXPECT_EQ(*pipeline().load(false), 1);
  land("b.csv", 2);
  pipeline().wake({});
  EXPECT_EQ(*pipeline().load(false), 1) << "a hint makes it due";
}

}  // namespace
}  // namespace millrace::schedule
