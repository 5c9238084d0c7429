#include "app/warehouse_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
  /// A file that was written so long ago.
  void leave(const std::string& name, const std::string& bytes, std::chrono::seconds ago) {
    folder.write(name, bytes);
    const auto when = std::chrono::duration_cast<std::chrono::seconds>((clock.now() - ago).time_since_epoch()).count();
    const struct timespec times[2] = {{when, 0}, {when, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (folder.path() / name).c_str(), times, 0), 0);
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

TEST_F(WarehouseFileTest, what_a_failed_first_write_left_is_an_empty_warehouse) {
  fill();
  const std::string whole = folder.read("warehouse.duckdb");
  for (const std::size_t bytes : {0U, 1U, 4096U, 8192U, 12287U}) {
    leave("warehouse.duckdb", whole.substr(0, bytes), std::chrono::seconds(5));

    EXPECT_EQ(held(), "no table") << bytes;
    fill();
    EXPECT_EQ(held(), "42") << bytes;
    const fs::path aside = folder.path() / "warehouse.duckdb.set-aside-20261122T120000Z";
    EXPECT_EQ(fs::exists(aside), bytes > 0) << "what is no header is kept, to be looked at";
    fs::remove(aside);
  }
}

TEST_F(WarehouseFileTest, what_may_be_in_use_or_held_something_is_left_alone) {
  leave("warehouse.duckdb", "", std::chrono::seconds(0));
  EXPECT_FALSE(open_warehouse(config, clock)) << "somebody may be making it just now";
  leave("warehouse.duckdb", "", std::chrono::seconds(5));
  folder.write("warehouse.duckdb.wal", "a log");
  EXPECT_FALSE(open_warehouse(config, clock)) << "a log tells of a file that was one";
  EXPECT_TRUE(fs::exists(config.warehouse));
  fs::remove(folder.path() / "warehouse.duckdb.wal");
  EXPECT_NE(open_warehouse_to_read(config).error().hint.find("makes it anew"), std::string::npos);
  const pid_t other = ::fork();
  if (other == 0) {
    const int fd = ::open(config.warehouse.c_str(), O_RDWR);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    ::_exit(::fcntl(fd, F_SETLK, &lock) == 0 && ::usleep(30'000'000) == 0 ? 0 : 1);
  }
  struct flock seen {};
  do {  // until the other has its lock
    seen = {};
    seen.l_type = F_WRLCK;
    const int fd = ::open(config.warehouse.c_str(), O_RDWR);
    ::fcntl(fd, F_GETLK, &seen);
    ::close(fd);
  } while (seen.l_type == F_UNLCK);
  EXPECT_FALSE(open_warehouse(config, clock)) << "another process has it open";
  EXPECT_TRUE(fs::exists(config.warehouse));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  EXPECT_EQ(held(), "no table");
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
