#include "ingest/sensor.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"

namespace millrace::ingest {
namespace {

using namespace std::chrono_literals;

/// A store whose listing and open writers are set by the test.
struct FakeStore final : lake::ObjectStore {
  Result<lake::Listing> list(std::string_view) override { return listing; }
  Result<std::unique_ptr<lake::ObjectReader>> open(const lake::ObjectInfo&) override {
    return Error{ErrorKind::internal, "not asked for", {}, {}};
  }
  Result<std::optional<lake::ObjectInfo>> head(std::string_view) override { return std::optional<lake::ObjectInfo>{}; }
  std::optional<bool> being_written(const lake::ObjectInfo&) override { return writing; }
  Status move(const lake::ObjectInfo&, std::string_view, const lake::Provenance&) override { return ok(); }
  Status put(std::string_view, std::string_view) override { return ok(); }
  Status put_file(std::string_view, const std::filesystem::path&, const lake::Provenance&) override { return ok(); }
  Status remove(const lake::ObjectInfo&) override { return ok(); }
  std::string url_of(std::string_view key) const override { return std::string(key); }
  lake::Listing listing;
  std::optional<bool> writing = false;
};

struct SensorTest : ::testing::Test {
  SensorTest() {
    source.name = "orders";
    source.pattern = "landing/orders/*.csv";
  }
  void list(const std::string& version, std::chrono::microseconds age) {
    store.listing = {{{"landing/orders/a.csv", 10, clock.now() - age, version}}, {}};
  }
  bool ready() { return !sensor.look(source)->ready.empty(); }
  Source source;
  FakeStore store;
  testing::FakeClock clock;
  Sensor sensor{store, clock, 300ms};
};

TEST_F(SensorTest, an_old_file_that_nobody_writes_to_is_taken_at_once) {
  list("v1", 1h);
  EXPECT_TRUE(ready());
}

TEST_F(SensorTest, a_fresh_file_waits_until_it_was_quiet_for_long_enough) {
  list("v1", 0us);
  EXPECT_FALSE(ready());
  clock.advance(200ms);
  list("v2", 0us);
  EXPECT_FALSE(ready());
  clock.advance(299ms);
  EXPECT_FALSE(ready());
  clock.advance(1ms);
  EXPECT_TRUE(ready());
}

TEST_F(SensorTest, a_file_open_for_writing_is_never_taken_however_quiet_it_is) {
  store.writing = true;
  list("v1", 1h);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(ready());
    clock.advance(1h);
  }
  store.writing = false;
  EXPECT_TRUE(ready());
}

TEST_F(SensorTest, where_the_store_cannot_tell_about_writers_an_old_time_is_not_believed) {
  store.writing = std::nullopt;
  list("v1", 1h);
  EXPECT_FALSE(ready());
  clock.advance(300ms);
  EXPECT_TRUE(ready());
}

TEST_F(SensorTest, a_clock_that_jumps_does_not_make_a_file_quiet_or_keep_it_waiting) {
  store.writing = std::nullopt;
  list("v1", 0us);
  EXPECT_FALSE(ready());
  clock.jump_wall(10 * 365 * 24h);
  EXPECT_FALSE(ready());
  clock.jump_wall(-20 * 365 * 24h);
  clock.advance(300ms);
  EXPECT_TRUE(ready());
}

TEST_F(SensorTest, what_is_left_out_is_told_once) {
  store.listing = {{{"landing/orders/readme.txt", 1, clock.now(), "v"}}, {{"landing/orders/.x", "hidden"}}};
  EXPECT_EQ(sensor.look(source)->ignored.size(), 2U);
  EXPECT_EQ(sensor.look(source)->ignored.size(), 0U);
}

TEST_F(SensorTest, a_look_at_one_source_forgets_nothing_of_another) {
  Source other = source;
  other.name = "returns";
  other.pattern = "landing/returns/*.csv";
  store.writing = std::nullopt;  // the store cannot tell: the file has to be seen quiet for a while
  list("v1", 1h);
  EXPECT_FALSE(ready());
  ASSERT_TRUE(sensor.look(other));
  clock.advance(400ms);

  EXPECT_TRUE(ready());
}

}  // namespace
}  // namespace millrace::ingest
