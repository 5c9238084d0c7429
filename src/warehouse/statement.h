#pragma once
/// \file warehouse/statement.h
/// SQL as values: a statement with its parameters, and a batch of them that is one transaction.

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "contract/row_source.h"

namespace millrace::warehouse {

/// A parameter or a small result's cell. Dates, times and decimals arrive as text.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

/// A result small enough to hold: columns by name, rows in order. May be empty.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

/// The value as a person reads it; NULL for none.
std::string to_text(const Value& value);
/// Requires: the column is an integer (0 where it is NULL).
std::int64_t to_integer(const Value& value);

struct Done {
  std::int64_t affected = 0;  ///< rows inserted, updated or deleted
  std::chrono::milliseconds elapsed{};
};

struct Statement {
  std::string name;  ///< for messages: "ingest/insert_rows", "model silver.orders"
  std::string sql;   ///< parameters are $1, $2, …
  std::vector<Value> params = {};
  RowSource* source = nullptr;                       ///< borrowed; stands where the text says {rows}
  std::function<Status(Statement&)> before = {};     ///< called just before it runs: may write its text
  bool reusable = false;                             ///< worth keeping prepared: run often with the same text
  std::optional<std::int64_t> expect_affected = {};  ///< other: the batch fails as `conflict`
  std::function<Status(const Rows&)> on_rows = {};   ///< gets the result; an error fails the batch
  std::function<void(const Done&)> on_done = {};
};

/// All statements in order in one transaction, or none of them.
struct Batch {
  std::string id;  ///< names the transaction in messages and logs
  std::vector<Statement> statements;
  std::function<Status()> before_commit = {};  ///< the last word: an error rolls everything back
};

/// Fills the {names} of a template with ready SQL (quoted identifiers, lists of them).
/// Requires: every name of the template is given; {rows} is left for the adapter.
std::string fill(std::string_view sql, std::initializer_list<std::pair<std::string_view, std::string>> names);

}  // namespace millrace::warehouse
