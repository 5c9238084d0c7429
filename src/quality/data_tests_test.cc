#include "quality/data_tests.h"

#include <gtest/gtest.h>

#include "warehouse/duckdb/database.h"

namespace millrace::quality {
namespace {

struct DataTestsTest : ::testing::Test {
  TestRun run(const std::string& failing_rows, bool warns_only = false) {
    transform::Project project;
    transform::DataTest test;
    test.name = "t";
    test.unique_id = "test.p.t";
    test.compiled_sql = failing_rows;
    if (warns_only) test.config.severity = "warn";
    project.tests.push_back(test);
    const auto done = session->commit({"tests", test_statements(project, runs)});
    EXPECT_TRUE(done) << done.error().message;
    return runs.at(0);
  }
  std::unique_ptr<warehouse::Warehouse> db = *warehouse::duckdb::open({":memory:"});
  std::unique_ptr<warehouse::Session> session = *db->connect();
  std::vector<TestRun> runs;
};

TEST_F(DataTestsTest, no_row_passes) {
  EXPECT_EQ(run("select 1 as x where false").status, TestStatus::pass);
  EXPECT_EQ(gate_message(runs), "");
}

TEST_F(DataTestsTest, failing_rows_are_counted_all_and_shown_a_few_with_their_columns) {
  const TestRun got = run("select i as order_id, 'a' as s from range(1000) t(i) -- a comment at the end");

  EXPECT_EQ(got.status, TestStatus::fail);
  EXPECT_EQ(got.failures, 1000);
  ASSERT_EQ(got.examples.size(), 5U);
  EXPECT_EQ(got.examples[0].substr(0, 12), "{\"order_id\":");
  EXPECT_EQ(gate_message(runs).substr(0, 28), "test t failed: 1,000 rows, f");
}

TEST_F(DataTestsTest, a_warning_keeps_the_gate_open) {
  EXPECT_EQ(run("select 1 as x", true).status, TestStatus::warn);
  EXPECT_EQ(gate_message(runs), "");
  EXPECT_EQ(totals_of(runs).warn, 1);
}

TEST_F(DataTestsTest, rows_of_any_type_can_be_shown) {
  EXPECT_EQ(run("select [1, 2] as l, {'a': 1} as s, null as n, date '2042-10-17' as d").examples.at(0),
            R"({"l":[1,2],"s":{"a":1},"n":null,"d":"2042-10-17"})");
}

}  // namespace
}  // namespace millrace::quality
