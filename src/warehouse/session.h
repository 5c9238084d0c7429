#pragma once
/// \file warehouse/session.h
/// One connection to a warehouse, whichever engine it is. An adapter is what passes the
/// conformance suite (tests/conformance).

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/column.h"
#include "warehouse/dialect.h"
#include "warehouse/statement.h"

namespace millrace::warehouse {

/// A schema and a name in it; as users write it: "raw.orders".
struct RelationName {
  std::string schema, name;
  [[nodiscard]] std::string text() const { return schema + "." + name; }
  auto operator<=>(const RelationName&) const = default;
};

/// "raw.orders" -> {raw, orders}. Errors: invalid_input.
Result<RelationName> parse_relation(std::string_view text);

enum class RelationKind : std::uint8_t { none, table, view };

/// Gets the batches of a result, in order. Views are valid during the call only.
using BatchSink = std::function<Status(std::span<const ColumnView> columns, std::size_t rows)>;

/// Threads: one thread at a time, but interrupt() from any.
class Session {
 public:
  virtual ~Session() = default;

  /// A result small enough to hold. Errors: invalid_input for SQL that does not run, unavailable, …
  virtual Result<Rows> query(const Statement& statement) = 0;

  /// A result of any size, batch by batch, drained without pause: hand on copies, never wait for
  /// a client inside the sink (an open result blocks the engine's checkpoint, and then everyone).
  virtual Status read(const Statement& statement, const BatchSink& sink) = 0;

  /// Runs the batch as one transaction. Errors: those of its statements, with nothing changed;
  /// conflict: another transaction moved first; commit_unknown: ask the ledger, never repeat.
  /// Failpoints: warehouse.begin.before, .statement.before, .commit.before, .commit.after
  virtual Status commit(const Batch& batch) = 0;

  /// Runs `work` inside one transaction of this session: what it asks and changes through the session belongs to it,
  /// and a statement of it may depend on what an earlier one has answered. An error of `work` rolls everything back.
  /// Errors: those of `work`; unsupported on an engine that takes a transaction only as one batch; else as commit().
  /// Failpoints: those of commit(), with one .statement.before for each call of query() inside.
  virtual Status transact(const std::string& id, const std::function<Status()>& work) = 0;

  /// The columns of a table or view, or of a query's result. Errors: not_found, invalid_input.
  virtual Result<std::vector<Column>> columns_of(const std::string& query) = 0;
  virtual Result<RelationKind> kind_of(const RelationName& relation) = 0;

  /// Ends the running call with `cancelled`. Threads: any.
  virtual void interrupt() = 0;

  [[nodiscard]] virtual const Dialect& dialect() const = 0;  ///< valid until the program ends
};

/// A warehouse that sessions are opened on. Threads: safe to share.
class Warehouse {
 public:
  virtual ~Warehouse() = default;
  virtual Result<std::unique_ptr<Session>> connect() = 0;
  [[nodiscard]] virtual std::string engine() const = 0;  ///< "DuckDB v1.5.6"
  /// The engine has stopped itself after an error (a full disk, damage): every call fails until the
  /// warehouse is opened anew. What was committed is safe.
  [[nodiscard]] virtual bool stopped() const { return false; }
};

}  // namespace millrace::warehouse
