#include "warehouse/reopening.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "warehouse/duckdb/database.h"

namespace millrace::warehouse {
namespace {

Result<std::unique_ptr<Warehouse>> open_in_memory() { return duckdb::open({":memory:", 1, {}}); }

Result<std::unique_ptr<Warehouse>> refuse() {
  return Error{ErrorKind::unavailable, "the disk is full", "free space", {}};
}

struct ReopeningTest : ::testing::Test {
  std::string one(const std::string& sql) {
    const auto got = session->query({"test", sql});
    return got ? to_text(got->rows.at(0).at(0)) : got.error().message;
  }
  std::unique_ptr<ReopeningWarehouse> warehouse = *ReopeningWarehouse::start(open_in_memory);
  std::unique_ptr<Session> session = *warehouse->connect();
};

TEST_F(ReopeningTest, a_session_follows_its_warehouse_into_the_next_one) {
  ASSERT_TRUE(session->commit({"old", {{"create", "CREATE TABLE t AS SELECT 1 AS n"}}}));
  ASSERT_EQ(one("SELECT n FROM t"), "1");

  ASSERT_TRUE(warehouse->reopen(open_in_memory));

  EXPECT_EQ(one("SELECT count(*) FROM information_schema.tables"), "0");
  EXPECT_FALSE(warehouse->stopped());
}

TEST_F(ReopeningTest, while_nothing_is_open_calls_fail_as_unavailable_and_the_next_opening_heals_them) {
  const auto refused = warehouse->reopen(refuse);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the disk is full");
  EXPECT_TRUE(warehouse->stopped());
  const auto got = session->query({"test", "SELECT 1"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
  session->interrupt();  // of nothing

  ASSERT_TRUE(warehouse->reopen(open_in_memory));
  EXPECT_EQ(one("SELECT 42"), "42");
}

TEST_F(ReopeningTest, a_reopening_waits_for_the_call_that_runs) {
  std::promise<void> inside, go_on;
  bool ended = false;
  std::thread reader([&] {
    const auto done = session->read({"slow", "SELECT 1"}, [&](std::span<const ColumnView>, std::size_t) {
      inside.set_value();
      go_on.get_future().wait();
      ended = true;
      return ok();
    });
    EXPECT_TRUE(done);
  });
  inside.get_future().wait();
  auto reopened = std::async(std::launch::async, [&] {
    EXPECT_TRUE(warehouse->reopen(open_in_memory));
    return ended;
  });
  EXPECT_EQ(reopened.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);

  go_on.set_value();

  EXPECT_TRUE(reopened.get());
  reader.join();
}

TEST_F(ReopeningTest, a_statement_may_ask_its_own_session_while_it_runs) {
  Statement s{"outer", "SELECT 1"};
  s.on_rows = [&](const Rows&) -> Status {
    MR_TRY(const Rows rows, session->query({"inner", "SELECT 2"}));
    EXPECT_EQ(to_text(rows.rows.at(0).at(0)), "2");
    return ok();
  };
  EXPECT_TRUE(session->commit({"batch", {s}}));
}

TEST_F(ReopeningTest, the_work_of_a_transaction_asks_the_session_that_runs_it) {
  EXPECT_TRUE(session->transact("work", [&]() -> Status {
    MR_CHECK(session->query({"create", "CREATE TABLE t AS SELECT 42 AS n"}));
    EXPECT_EQ(one("SELECT n FROM t"), "42");
    return ok();
  }));
  EXPECT_EQ(one("SELECT n FROM t"), "42");
}

}  // namespace
}  // namespace millrace::warehouse
