#pragma once
/// \file transform/run/results.h
/// What became of each node of a run.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "transform/project/node.h"

namespace millrace::transform {

enum class RunStatus : std::uint8_t { success, error, skipped, pass, warn, fail, no_op };
std::string_view name_of(RunStatus status);  ///< as run_results.json has it: "no-op" for no_op

struct NodeResult {
  NodeId node = kNoNode;
  std::string unique_id;
  ResourceType type = ResourceType::model;
  std::string name;
  std::string path;          ///< of its file, or of the properties that declare it
  std::string about;         ///< tests: "gold.v_orders.order_id", what is tested; "" for a singular one
  std::string relation;      ///< "gold.v_orders", for people; "" for tests that store nothing
  std::string materialized;  ///< "view", "table", "incremental", "seed", "test"
  RunStatus status = RunStatus::skipped;
  std::string message;         ///< dbt's words: "OK", "Got 200 results, configured to fail if != 0"; an error's text
  std::string hint;            ///< what to do; "" where there is nothing to say
  std::int64_t rows = -1;      ///< made or added; -1: a view has none of its own, or nobody counted
  std::int64_t failures = -1;  ///< tests: what fail_calc gave; -1 elsewhere
  std::vector<std::string> examples;  ///< tests: up to five failing rows, each a JSON object
  std::string stored_in;              ///< tests with store_failures: their relation
  std::string adapter_message;        ///< run_results' adapter_response._message: "CREATE VIEW", "OK"
  WallTime compile_started{}, compile_done{}, execute_started{}, execute_done{};
  [[nodiscard]] std::chrono::milliseconds elapsed() const;
};

struct Totals {
  std::int64_t pass = 0, warn = 0, error = 0, skip = 0, no_op = 0;  ///< success counts as pass, fail as error
  [[nodiscard]] std::int64_t total() const { return pass + warn + error + skip + no_op; }
};

struct RunReport {
  std::vector<NodeResult> results;  ///< in the order they ended
  bool committed = false;           ///< gate: everything became visible; without a gate: always true
  std::string refused;              ///< gate: why nothing became visible, in one sentence; "" where it did.
                                    ///< Without a gate: what failed after the nodes, in on-run-end
  std::chrono::milliseconds elapsed{};
  [[nodiscard]] Totals totals() const;
  [[nodiscard]] bool ok() const;  ///< exit code 0
};

}  // namespace millrace::transform
