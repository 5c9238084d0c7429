#pragma once
/// \file transform/run/node_for_tests.h
/// A real engine in memory, and nodes made by hand.

#include <gtest/gtest.h>

#include "transform/run/execution.h"
#include "warehouse/duckdb/database.h"

namespace millrace::transform {

struct EngineForTests {
  EngineForTests() { EXPECT_TRUE(catalogue.load()); }
  /// All rows as text: "1|a, 2|b"; the error's message where it does not run.
  std::string rows(const std::string& sql) {
    const auto got = session->query({"test", sql});
    if (!got) return got.error().message;
    std::string out;
    for (const auto& row : got->rows) {
      if (!out.empty()) out += ", ";
      for (std::size_t c = 0; c < row.size(); ++c) {
        if (c > 0) out += "|";
        out += std::holds_alternative<std::monostate>(row[c]) ? "NULL" : warehouse::to_text(row[c]);
      }
    }
    return out;
  }
  Execution on(const Node& node) { return {*session, catalogue, node, "target/compiled/" + node.original_path}; }

  std::unique_ptr<warehouse::Warehouse> database = *warehouse::duckdb::open({":memory:", 1, {}});
  std::unique_ptr<warehouse::Session> session = *database->connect();
  Catalogue catalogue{*session};
};

inline Node model_for_tests(const std::string& name, const std::string& materialized, const std::string& sql) {
  Node node;
  node.name = node.alias = name;
  node.package = "shop";
  node.unique_id = "model.shop." + name;
  node.original_path = "models/" + name + ".sql";
  node.path = name + ".sql";
  node.relation = {"", "main", name};
  node.config.set("materialized", materialized);
  node.compiled_code = sql;
  return node;
}

}  // namespace millrace::transform
