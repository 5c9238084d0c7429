#include "transform/run/test_execution.h"

#include <gtest/gtest.h>

#include "transform/run/node_for_tests.h"

namespace millrace::transform {
namespace {

struct TestExecutionTest : ::testing::Test {
  TestExecutionTest() {
    node = model_for_tests("t_positive", "test", "select * from (values (1, 'a'), (2, NULL)) v(id, s)");
    node.type = ResourceType::test;
    node.original_path = "tests/t_positive.sql";
    node.relation = {};
    target.schema = "gold";
    target.print_database = false;
  }
  NodeResult run(bool store_failures = false, bool warn_error = false) {
    NodeResult result;
    const auto plan = test_plan(node, target, store_failures);
    auto on = engine.on(node);
    const Status done = plan ? run_data_test(on, *plan, warn_error, result) : Status(plan.error());
    if (!done) {
      result.status = RunStatus::error;
      result.message = done.error().message;
    }
    return result;
  }
  EngineForTests engine;
  Node node;
  Target target;
};

TEST_F(TestExecutionTest, failing_rows_are_counted_told_in_dbts_words_and_shown) {
  const NodeResult r = run();
  EXPECT_EQ(r.status, RunStatus::fail);
  EXPECT_EQ(r.failures, 2);
  EXPECT_EQ(r.message, "Got 2 results, configured to fail if != 0");
  EXPECT_EQ(r.examples, (std::vector<std::string>{R"({"id":1,"s":"a"})", R"({"id":2,"s":null})"}));
  EXPECT_EQ(r.stored_in, "");
}

TEST_F(TestExecutionTest, no_failing_row_is_a_pass_without_a_message) {
  node.compiled_code = "select 1 where false";
  const NodeResult r = run();
  EXPECT_EQ(r.status, RunStatus::pass);
  EXPECT_EQ(r.failures, 0);
  EXPECT_EQ(r.message, "");
}

TEST_F(TestExecutionTest, severity_warn_warns_and_a_warning_may_be_made_a_failure) {
  node.config.set("severity", "WARN");
  EXPECT_EQ(run().status, RunStatus::warn);
  EXPECT_EQ(run().message, "Got 2 results, configured to warn if != 0");
  EXPECT_EQ(run(false, true).status, RunStatus::fail);
}

TEST_F(TestExecutionTest, thresholds_decide_between_warning_and_failure) {
  node.config.set("error_if", "> 10");
  node.config.set("warn_if", "> 1");
  EXPECT_EQ(run().status, RunStatus::warn);
  node.config.set("warn_if", "> 2");
  EXPECT_EQ(run().status, RunStatus::pass);
  node.config.set("error_if", ">= 2");
  EXPECT_EQ(run().message, "Got 2 results, configured to fail if >= 2");
}

TEST_F(TestExecutionTest, limit_caps_the_count_and_fail_calc_replaces_it) {
  node.config.set("limit", 1);
  EXPECT_EQ(run().message, "Got 1 result, configured to fail if != 0");
  node.config.set("limit", jinja::Value());
  node.config.set("fail_calc", "sum(id)");
  EXPECT_EQ(run().failures, 3);
  node.compiled_code = "select 1 as id where false";
  EXPECT_EQ(run().message, "tests/t_positive.sql: fail_calc sum(id) gave NULL, expected a whole number");
}

TEST_F(TestExecutionTest, failing_rows_are_stored_where_the_config_or_the_flag_says_so) {
  engine.rows("CREATE SCHEMA gold_dbt_test__audit");
  const NodeResult r = run(true);
  EXPECT_EQ(r.stored_in, "gold_dbt_test__audit.t_positive");
  EXPECT_EQ(engine.rows("SELECT * FROM gold_dbt_test__audit.t_positive"), "1|a, 2|NULL");

  node.config.set("store_failures_as", "view");
  EXPECT_EQ(run().failures, 2);
  EXPECT_EQ(engine.rows("SELECT table_type FROM information_schema.tables"), "VIEW");

  node.config.set("store_failures_as", "ephemeral");
  EXPECT_EQ(run(true).stored_in, "");
}

TEST_F(TestExecutionTest, stored_rows_outlive_a_rollback_with_their_types) {
  node.compiled_code = "select 1::BIGINT as id, [1, 2] as list, 1.50::DECIMAL(9,2) as price, NULL::DATE as day";
  node.config.set("store_failures", true);
  std::optional<KeptFailures> kept;
  const Status done = engine.session->transact("build", [&]() -> Status {
    MR_CHECK(engine.session->query({"schema", "CREATE SCHEMA gold_dbt_test__audit"}));
    EXPECT_EQ(run().status, RunStatus::fail);
    MR_TRY(kept, keep_failures(*engine.session, engine.catalogue, {"", "gold_dbt_test__audit", "t_positive"}));
    return Error{ErrorKind::contract_violation, "failed", {}, {}};
  });
  ASSERT_TRUE(kept) << done.error().message;
  ASSERT_TRUE(engine.catalogue.load());

  const Status written = write_failures(*engine.session, engine.catalogue, *kept);

  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(engine.rows("SELECT id, list[2], price::VARCHAR, day::VARCHAR FROM gold_dbt_test__audit.t_positive"),
            "1|2|1.50|NULL");
}

TEST_F(TestExecutionTest, an_error_in_a_test_says_the_line_of_its_compiled_sql) {
  node.compiled_code = "select *\nfrom no_such_table";
  EXPECT_NE(run().message.find("line 2 of the compiled SQL:\n  from no_such_table\n       ^"), std::string::npos);
}

}  // namespace
}  // namespace millrace::transform
