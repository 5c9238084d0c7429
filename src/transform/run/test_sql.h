#pragma once
/// \file transform/run/test_sql.h
/// How many rows fail a data test, and what that means.
/// Source: contracts/dbt.md section 5 "Tests".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transform/project/project.h"
#include "transform/run/results.h"
#include "warehouse/session.h"

namespace millrace::transform {

/// What a test's config says.
struct TestPlan {
  std::string fail_calc = "count(*)", warn_if = "!= 0", error_if = "!= 0";
  std::optional<std::int64_t> limit;
  bool warns_only = false;  ///< severity: warn
  bool stores = false;      ///< store_failures
  bool stores_view = false;
  Relation store;  ///< where to; of a test that stores
};

/// `store_failures`: --store-failures; the test's own config beats it. Errors: invalid_input.
Result<TestPlan> test_plan(const Node& test, const Target& target, bool store_failures);

/// One row: failures, should_warn, should_error. `query` gives the failing rows.
std::string count_sql_before(const TestPlan& plan);
std::string count_sql_behind(const TestPlan& plan);

struct Verdict {
  RunStatus status = RunStatus::pass;
  std::int64_t failures = 0;
  std::string message;  ///< dbt's words; "" for a pass
};

/// `name` is the test's file, for messages. Errors: invalid_input where the answer is not one row of three columns, a
/// number first.
Result<Verdict> judge(const TestPlan& plan, const warehouse::Rows& rows, bool warn_error, std::string_view name);

}  // namespace millrace::transform
