#pragma once
/// \file transform/run/execution.h
/// The statements that build one node: run in the session, remembered for run/, their errors named by the node's file.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transform/project/node.h"
#include "transform/run/introspect.h"
#include "warehouse/session.h"

namespace millrace::transform {

/// Borrows all. Threads: one thread at a time.
class Execution {
 public:
  Execution(warehouse::Session& session, Catalogue& catalogue, const Node& node, std::string compiled_file)
      : session_(session), catalogue_(catalogue), node_(node), compiled_file_(std::move(compiled_file)) {}

  [[nodiscard]] const warehouse::Dialect& dialect() const { return session_.dialect(); }
  [[nodiscard]] warehouse::Session& session() { return session_; }
  [[nodiscard]] Catalogue& catalogue() { return catalogue_; }
  [[nodiscard]] const Node& node() const { return node_; }

  Result<warehouse::Rows> query(const std::string& sql);
  Status run(const std::string& sql);
  /// `head` + sql + `tail`; an error's line is that of `sql`.
  Result<warehouse::Rows> query_around(std::string_view head, std::string_view sql, std::string_view tail);
  /// The same; gives the number of rows that the engine says it made, -1 where it says none.
  Result<std::int64_t> run_around(std::string_view head, std::string_view sql, std::string_view tail);
  Result<std::int64_t> run_from(RowSource& rows, const std::string& sql);  ///< {rows} in it is the source
  /// All statements of a text that somebody has written, under another name. Errors: also unsupported for COMMIT.
  Status run_written(std::string_view text, const std::string& name);

  Status drop(const Relation& relation, warehouse::RelationKind kind);
  [[nodiscard]] const std::string& statements() const { return log_; }  ///< all so far, for run/

 private:
  void remember(std::string_view sql);
  warehouse::Session& session_;
  Catalogue& catalogue_;
  const Node& node_;
  std::string compiled_file_;
  std::string log_;
};

}  // namespace millrace::transform
