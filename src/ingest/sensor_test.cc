#include "ingest/sensor.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/fake_clock.h"

namespace millrace::ingest {
namespace {

using namespace std::chrono_literals;

/// A store whose listing and open writers are set by the test.
struct FakeStore final : lake::ObjectStore {
  Result<lake::Listing> list(std::string_view folder) override {
    ++lists;
    lake::Listing out;
    for (const auto& o : listing.objects)
      if (o.key.starts_with(folder)) out.objects.push_back(o);
    out.ignored = listing.ignored;
    return out;
  }
  Result<lake::Listing> list_after(std::string_view folder, std::string_view after) override {
    const int before = lists;
    auto out = ObjectStore::list_after(folder, after);
    lists = before;
    afters.emplace_back(after);
    return out;
  }
  bool objects_appear_whole() const override { return whole; }
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
  bool whole = false;
  int lists = 0;                    // full listings
  std::vector<std::string> afters;  // where the others began
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
  Sensor sensor{store, clock};
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

/// A store of whole objects, as S3 is.
struct WholeObjects : SensorTest {
  WholeObjects() { store.whole = true; }
  void add(const std::string& name, const std::string& version = "v1", std::uint64_t bytes = 10,
           std::chrono::microseconds age = 0us) {
    auto& objects = store.listing.objects;
    std::erase_if(objects, [&](const auto& o) { return o.key == "landing/orders/" + name; });
    objects.push_back({"landing/orders/" + name, bytes, clock.now() - age, version, ""});
    std::sort(objects.begin(), objects.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  }
  void gone(const std::string& name) {
    std::erase_if(store.listing.objects, [&](const auto& o) { return o.key == "landing/orders/" + name; });
  }
  Sensed look() { return *sensor.look(source); }
  static std::vector<std::string> names(const std::vector<lake::ObjectInfo>& objects) {
    std::vector<std::string> out;
    for (const auto& o : objects) out.push_back(o.key.substr(o.key.rfind('/') + 1));
    return out;
  }
  using Names = std::vector<std::string>;
};

TEST_F(WholeObjects, need_no_quiet_time) {
  store.writing = std::nullopt;
  add("a.csv");
  EXPECT_EQ(names(look().ready), Names{"a.csv"});
}

TEST_F(WholeObjects, are_handed_on_once_in_each_version_however_often_they_are_there) {
  add("a.csv");
  EXPECT_EQ(look().handed.size(), 1U);
  EXPECT_EQ(look().handed.size(), 0U);
  EXPECT_EQ(look().ready.size(), 1U) << "what could not be taken is tried again, and is no news";
  add("a.csv", "v2");
  EXPECT_EQ(look().handed.size(), 1U);
  gone("a.csv");
  look();
  add("a.csv", "v2");
  EXPECT_EQ(look().handed.size(), 1U) << "delivered again";
}

TEST_F(WholeObjects, of_a_set_are_handed_on_when_all_of_it_is_there_and_say_which_set) {
  source.pattern = "landing/orders/*.csv";
  source.sensor.complete = {"{date}_o.csv", "{date}_p.csv"};
  add("1_o.csv");
  add("2_o.csv");
  add("2_p.csv");
  add("other.csv");

  const Sensed first = look();

  EXPECT_EQ(names(first.ready), (Names{"2_o.csv", "2_p.csv"}));
  ASSERT_EQ(first.handed.size(), 1U);
  EXPECT_EQ(first.handed[0].set, "date=2");
  EXPECT_EQ(first.sets.at("landing/orders/2_p.csv"), "date=2");
  ASSERT_EQ(first.held.size(), 1U);
  EXPECT_EQ(first.held[0].what, "date=1");
  EXPECT_EQ(first.held[0].reason, "waits for {date}_p.csv");
  ASSERT_EQ(first.ignored.size(), 1U);
  EXPECT_EQ(first.ignored[0].reason, "belongs to no set of sensor.complete");
  EXPECT_EQ(look().held.size(), 0U) << "told once";
  add("1_p.csv");
  EXPECT_EQ(look().handed.at(0).set, "date=1");
}

TEST_F(WholeObjects, of_a_set_that_was_loaded_in_part_do_not_wait_for_ever) {
  source.sensor.complete = {"{date}_o.csv", "{date}_p.csv"};
  std::vector<std::string> taken;
  int asked = 0;
  sensor.taken_before = [&](const Source&) -> Result<std::vector<std::string>> {
    ++asked;
    return taken;
  };
  add("1_p.csv");
  EXPECT_EQ(look().ready.size(), 0U);
  look();
  EXPECT_EQ(asked, 1) << "the ledger is not asked again while nothing has changed";
  add("1_o.csv");
  EXPECT_EQ(look().ready.size(), 2U);
  taken = {"landing/orders/1_o.csv", "landing/orders/1_p.csv"};
  gone("1_o.csv");

  EXPECT_EQ(names(look().ready), Names{"1_p.csv"}) << "the run was cut between the two";

  add("1_p.csv", "v2");
  EXPECT_EQ(names(look().ready), Names{"1_p.csv"}) << "a correction of one of them";
}

TEST_F(WholeObjects, that_break_a_check_are_held_back_with_the_reason_and_hold_up_no_other) {
  source.sensor.check.min_size = 5;
  source.sensor.check.max_age = 2h;
  add("small.csv", "v1", 4);
  add("old.csv", "v1", 10, 3h);
  add("good.csv");

  const Sensed got = look();

  EXPECT_EQ(names(got.ready), Names{"good.csv"});
  ASSERT_EQ(got.held.size(), 2U);
  EXPECT_EQ(got.held[0].what, "landing/orders/old.csv");
  EXPECT_NE(got.held[0].reason.find("older than check.max_age"), std::string::npos) << got.held[0].reason;
  EXPECT_NE(got.held[1].reason.find("less than check.min_size"), std::string::npos) << got.held[1].reason;
  add("small.csv", "v2", 5);
  EXPECT_EQ(names(look().ready), (Names{"good.csv", "small.csv"}));
}

TEST_F(WholeObjects, wait_for_each_other_where_a_number_is_asked_for) {
  source.sensor.check.min_objects = 2;
  add("a.csv");
  const Sensed one = look();
  EXPECT_TRUE(one.ready.empty());
  EXPECT_EQ(one.held.at(0).reason, "1 object there, check.min_objects is 2");
  add("b.csv");
  EXPECT_EQ(look().ready.size(), 2U);
}

TEST_F(WholeObjects, that_are_too_young_wait_for_their_age) {
  source.sensor.check.min_age = 10s;
  add("a.csv");
  EXPECT_TRUE(look().ready.empty());
  clock.advance(10s);
  EXPECT_EQ(look().ready.size(), 1U);
}

TEST_F(WholeObjects, are_handed_on_only_when_nothing_has_come_for_a_while) {
  source.sensor.unchanged_for = 10s;
  add("a.csv");
  EXPECT_TRUE(look().ready.empty());
  clock.advance(9s);
  add("b.csv");
  EXPECT_TRUE(look().ready.empty());
  clock.advance(9s);
  EXPECT_TRUE(look().ready.empty());
  clock.advance(1s);
  EXPECT_EQ(look().ready.size(), 2U);
  gone("a.csv");
  EXPECT_EQ(look().ready.size(), 1U) << "one that goes is no change: we take them ourselves";
  add("b.csv", "v2");
  EXPECT_TRUE(look().ready.empty());
}

TEST_F(WholeObjects, that_were_there_long_before_we_came_need_not_wait_for_it_again) {
  source.sensor.unchanged_for = 10min;
  add("a.csv", "v1", 10, 1h);
  EXPECT_EQ(look().ready.size(), 1U);
}

TEST_F(WholeObjects, ordered_by_time_are_listed_behind_the_last_one_and_late_ones_found_by_a_sweep) {
  source.sensor.ordered = true;
  source.sensor.sweep_every = 4;
  add("10.csv");
  EXPECT_EQ(look().ready.size(), 1U);
  gone("10.csv");
  add("11.csv");
  add("05.csv");
  EXPECT_EQ(names(look().ready), Names{"11.csv"});
  gone("11.csv");
  EXPECT_EQ(look().ready.size(), 0U);
  EXPECT_EQ(look().ready.size(), 0U);
  EXPECT_EQ(store.lists, 1);
  EXPECT_EQ(store.afters, (Names{"landing/orders/10.csv", "landing/orders/11.csv", "landing/orders/11.csv"}));
  EXPECT_EQ(names(look().ready), Names{"05.csv"});
  EXPECT_EQ(store.lists, 2);
}

TEST_F(WholeObjects, ordered_by_time_that_are_held_back_are_not_left_behind) {
  source.sensor.ordered = true;
  source.sensor.check.min_age = 10s;
  add("10.csv", "v1", 10, 20s);
  add("11.csv");
  add("12.csv", "v1", 10, 20s);
  EXPECT_EQ(names(look().ready), (Names{"10.csv", "12.csv"}));
  clock.advance(10s);
  EXPECT_EQ(names(look().ready), (Names{"11.csv", "12.csv"}));
  EXPECT_EQ(store.afters, Names{"landing/orders/10.csv"});
}

TEST_F(WholeObjects, that_were_hinted_at_come_first_and_are_found_behind_the_sweep) {
  source.sensor.ordered = true;
  add("20.csv");
  look();
  add("05.csv");
  sensor.hint({"landing/orders/20.csv", "landing/elsewhere/x.csv"});
  EXPECT_EQ(names(look().ready), (Names{"20.csv", "05.csv"}));
  look();
  EXPECT_EQ(store.lists, 2) << "a hint is used up by one look";
}

TEST_F(WholeObjects, that_an_event_tells_of_before_they_are_listed_are_expected_for_a_while) {
  sensor.hint({"landing/orders/a.csv"});
  EXPECT_TRUE(look().expecting);
  add("a.csv");
  const Sensed got = look();
  EXPECT_FALSE(got.expecting);
  EXPECT_EQ(got.ready.size(), 1U);
  sensor.hint({"landing/orders/a.csv"});
  gone("a.csv");
  EXPECT_FALSE(look().expecting) << "it was handed on, and is gone because we took it";
  sensor.hint({"landing/orders/never.csv"});
  int looks = 0;
  while (look().expecting) ++looks;
  EXPECT_LT(looks, 20);
}

TEST_F(SensorTest, a_pattern_that_is_wrong_is_an_error_that_shows_it) {
  source.pattern = "regex:landing/(";
  const auto got = sensor.look(source);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::invalid_input);
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
