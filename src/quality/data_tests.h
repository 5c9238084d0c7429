#pragma once
/// \file quality/data_tests.h
/// Data tests as statements: each counts its failing rows and shows a few of them, so that one
/// look at the message is enough.

#include <chrono>
#include <string>
#include <vector>

#include "transform/project.h"
#include "warehouse/session.h"

namespace millrace::quality {

enum class TestStatus : std::uint8_t { skipped, pass, warn, fail };
std::string_view name_of(TestStatus status);

/// What became of one test.
struct TestRun {
  std::string unique_id, name, about;  ///< about: "gold.v_orders.order_id", "" for a singular test
  std::string path;
  TestStatus status = TestStatus::skipped;
  std::int64_t failures = 0;
  std::vector<std::string> examples;  ///< up to five failing rows, each a JSON object
  std::chrono::milliseconds elapsed{};
};

/// One statement for each test of the project. `runs` gets an entry for each, filled as they run; it
/// outlives the statements. A failing test is an entry, never an error of the statement.
/// Requires: the project is compiled.
std::vector<warehouse::Statement> test_statements(const transform::Project& project, std::vector<TestRun>& runs);

struct TestTotals {
  std::int64_t pass = 0, warn = 0, fail = 0, skip = 0;
  [[nodiscard]] std::int64_t total() const { return pass + warn + fail + skip; }
};
TestTotals totals_of(const std::vector<TestRun>& runs);

/// What the gate says of the first failing test; "" where none fails.
std::string gate_message(const std::vector<TestRun>& runs);

}  // namespace millrace::quality
