#pragma once
/// \file ingest/replay_transaction.h
/// Everything that must happen together when quarantined rows of one file are checked again. The rows stand
/// in the landing table under the replay's id until all checks are done, and then under their file's.

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "ingest/ledger.h"
#include "ingest/replay.h"
#include "ingest/row_checks.h"
#include "ingest/row_list.h"
#include "lake/open_file.h"

namespace millrace::ingest {

struct ReplayPlan {
  const Source* source = nullptr;  ///< borrows; never null
  Entry file;
  std::int64_t fence = 0;            ///< the replay's id is fence + 1
  std::vector<QuarantinedRow> rows;  ///< by line
  WallTime now{};

  [[nodiscard]] std::int64_t id() const { return fence + 1; }
};

/// Built for one plan, committed once. Threads: one thread at a time; borrows all but the plan.
class ReplayTransaction {
 public:
  ReplayTransaction(const warehouse::Dialect& dialect, ReplayPlan plan);

  /// The batch; keep transaction and source until it is done. It fails, with nothing changed, where nothing() is
  /// true: no row passes, and none has got another reason.
  warehouse::Batch batch(lake::RecordListSource& records);
  [[nodiscard]] bool nothing() const { return loaded_ == 0 && !reasons_changed_; }
  [[nodiscard]] ReplayOutcome outcome() const;

 private:
  warehouse::Statement statement(std::string_view name, std::string sql, std::vector<warehouse::Value> params) const;
  void add_rows(warehouse::Batch& batch, lake::RecordListSource& records);
  void add_moves(warehouse::Batch& batch);
  void add_reasons(warehouse::Batch& batch, lake::RecordListSource& records);
  void add_flags(warehouse::Batch& batch, lake::RecordListSource& records);
  void add_entries(warehouse::Batch& batch);
  Result<ValueRows> reason_rows(lake::RecordListSource& records);
  Result<ValueRows> flag_rows(lake::RecordListSource& records);
  Result<std::vector<std::string>> raw_of(std::span<const lake::TextRange> ranges) const;

  const warehouse::Dialect& dialect_;
  ReplayPlan plan_;
  std::string table_, superseded_;
  RowChecks checks_;
  std::int64_t loaded_ = 0, flagged_ = 0;
  bool reasons_changed_ = false;
  std::map<std::string, std::int64_t> rejects_by_code_, warnings_by_code_;
  std::set<std::int64_t> gone_;  // lines that are rejected again
  std::deque<RowList> lists_;    // a deque: statements point to its elements
};

}  // namespace millrace::ingest
