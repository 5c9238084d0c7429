#include "app/warehouse_file.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/temp_folder.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

struct WarehouseFileTest : ::testing::Test {
  WarehouseFileTest() {
    config.warehouse = folder.path() / "warehouse.duckdb";
    config.keep_free_bytes = 1000;
  }
  /// One table with one row, closed again.
  void fill() {
    const auto opened = open_warehouse(config, clock);
    ASSERT_TRUE(opened) << opened.error().message;
    const auto session = (*opened)->connect();
    ASSERT_TRUE((*session)->commit({"fill", {{"create", "CREATE TABLE t AS SELECT 42 AS n"}}}));
  }
  /// The log of a process that was killed, with a flipped bit in it.
  std::string leave_damaged_log() {
    std::string log;
    {
      const auto opened = open_warehouse(config, clock);
      const auto session = (*opened)->connect();
      EXPECT_TRUE((*session)->commit({"more", {{"create", "CREATE TABLE more AS SELECT 1 AS n"}}}));
      log = folder.read("warehouse.duckdb.wal");
    }
    EXPECT_GT(log.size(), 60U);
    log[60] ^= 1;
    folder.write("warehouse.duckdb.wal", log);
    return log;
  }
  std::string held() {
    const auto opened = open_warehouse(config, clock);
    if (!opened) return opened.error().message;
    const auto got = (*(*opened)->connect())->query({"look", "SELECT n FROM t"});
    return got ? warehouse::to_text(got->rows.at(0).at(0)) : "no table";
  }
  testing::TempFolder folder;
  testing::FakeClock clock;
  Config config;
};

TEST_F(WarehouseFileTest, a_log_that_does_not_replay_is_set_aside_and_the_file_opens) {
  fill();
  const std::string log = leave_damaged_log();

  EXPECT_EQ(held(), "42");
  EXPECT_EQ(folder.read("warehouse.duckdb.wal.set-aside-20261122T120000Z"), log);
}

TEST_F(WarehouseFileTest, looking_only_sets_nothing_aside_and_says_who_does) {
  fill();
  leave_damaged_log();

  const auto opened = open_warehouse_to_read(config);

  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().hint.find("millrace load"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder.path() / "warehouse.duckdb.wal"));
}

TEST_F(WarehouseFileTest, a_damaged_file_stays_where_it_is_and_the_message_has_the_command) {
  fill();
  std::string bytes = folder.read("warehouse.duckdb");
  bytes.replace(4096, 4096, std::string(4096, 'x'));
  bytes.replace(8192, 4096, std::string(4096, 'x'));
  folder.write("warehouse.duckdb", bytes);

  const auto opened = open_warehouse(config, clock);

  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().hint.find("millrace load --rebuild"), std::string::npos) << opened.error().message;
  EXPECT_EQ(folder.read("warehouse.duckdb"), bytes);
}

TEST_F(WarehouseFileTest, a_warehouse_is_set_aside_with_its_log_and_can_be_had_back) {
  fill();
  folder.write("warehouse.duckdb.wal", "a log");

  const auto aside = set_warehouse_aside(config, clock);

  ASSERT_TRUE(aside) << aside.error().message;
  EXPECT_EQ(*aside, (folder.path() / "warehouse.duckdb.set-aside-20261122T120000Z").string());
  EXPECT_EQ(folder.read("warehouse.duckdb.set-aside-20261122T120000Z.wal"), "a log");
  EXPECT_EQ(held(), "no table");
}

TEST_F(WarehouseFileTest, there_may_be_nothing_to_set_aside) {
  const auto aside = set_warehouse_aside(config, clock);

  ASSERT_TRUE(aside);
  EXPECT_EQ(*aside, "");
}

TEST_F(WarehouseFileTest, room_is_the_files_bytes_and_what_is_to_be_kept_free) {
  EXPECT_TRUE(room_for(config, 1500, "landing/orders/a.csv", 500));

  const auto refused = room_for(config, 1499, "landing/orders/a.csv", 500);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(refused.error().message,
            folder.path().string() + ": too little space is left to load landing/orders/a.csv");
  EXPECT_NE(refused.error().hint.find("free space"), std::string::npos);

  config.keep_free_bytes = 0;
  EXPECT_TRUE(room_for(config, 0, "landing/orders/a.csv", 500));
}

}  // namespace
}  // namespace millrace::app
