#include "quality/gate.h"

#include <gtest/gtest.h>

namespace millrace::quality {
namespace {

using transform::NodeResult;
using transform::ResourceType;
using transform::RunReport;
using transform::RunStatus;

NodeResult result(ResourceType type, std::string name, RunStatus status) {
  NodeResult r;
  r.type = type;
  r.name = std::move(name);
  r.status = status;
  return r;
}

TEST(Gate, opens_where_nothing_failed_and_a_warning_is_no_failure) {
  RunReport run;
  run.results = {result(ResourceType::model, "orders", RunStatus::success),
                 result(ResourceType::test, "t", RunStatus::warn)};
  EXPECT_EQ(gate_message(run), "");
  EXPECT_EQ(test_totals(run).warn, 1);
  EXPECT_EQ(test_totals(run).total(), 1) << "the model is no test";
}

TEST(Gate, names_the_first_failing_test_with_its_count_and_a_row) {
  RunReport run;
  run.results = {result(ResourceType::test, "fine", RunStatus::pass), result(ResourceType::test, "t", RunStatus::fail)};
  run.results[1].failures = 2;
  run.results[1].examples = {R"({"id":1})", R"({"id":2})"};
  EXPECT_EQ(gate_message(run), R"(test t failed: 2 rows, for example {"id":1})");
}

TEST(Gate, a_model_that_could_not_be_built_comes_before_every_test) {
  RunReport run;
  run.results = {result(ResourceType::test, "t", RunStatus::fail), result(ResourceType::model, "h", RunStatus::error)};
  run.results[1].relation = "main.h";
  run.results[1].message = "Binder Error: no such column";
  ASSERT_NE(first_error(run), nullptr);
  EXPECT_EQ(gate_message(run), "model main.h could not be built: Binder Error: no such column");
}

}  // namespace
}  // namespace millrace::quality
