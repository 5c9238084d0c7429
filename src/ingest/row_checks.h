#pragma once
/// \file ingest/row_checks.h
/// What rows are asked once they stand in the landing table, in the transaction that has put them there: the
/// questions that no row can answer alone. Rows that fail are taken out again, with their own bytes.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "contract/reject.h"
#include "ingest/keys.h"
#include "ingest/raw_records.h"
#include "ingest/row_list.h"
#include "ingest/source.h"
#include "lake/key_gate.h"
#include "warehouse/session.h"

namespace millrace::ingest {

/// Which rows are asked.
struct FreshRows {
  const Source* source = nullptr;  ///< borrows; never null
  std::int64_t mark = 0;           ///< what their _mr_file_id says while they are asked
  std::int64_t file_id = 0;        ///< the file that they are of: decides which of two rows is the newer one
};

/// A row that was good alone.
struct DoomedRow {
  Reject reject;
  std::int64_t duplicate_of = 0;  ///< the file that holds its key; 0: none, or its own
};

/// Built for one batch, which it outlives. Threads: one thread at a time.
class RowChecks {
 public:
  RowChecks(const warehouse::Dialect& dialect, const FreshRows& rows) : dialect_(dialect), rows_(rows) {}

  /// Their bytes, for those that go to quarantine; asked while the batch runs.
  using ReadRaw = std::function<Result<std::vector<std::string>>(std::span<const lake::TextRange>)>;
  void read_raw_by(ReadRaw raw) { raw_ = std::move(raw); }

  /// What the rows have come through on their way, if anything; before add_to(). Rows that it holds back are
  /// brought in by the checks. Borrowed until the batch is done.
  void hold_by(lake::KeyGate& gate) { gate_ = &gate; }

  /// Requires: read_raw_by() before the batch runs.
  void add_to(warehouse::Batch& batch);
  /// To be added behind the ledger row: what the checks have changed for other files.
  void add_counts_to(warehouse::Batch& batch) const;

  /// When the statements have run. In no particular order.
  [[nodiscard]] const std::vector<DoomedRow>& doomed() const { return doomed_; }
  /// Words on rows that stand: the first of each rule.
  [[nodiscard]] const std::vector<Reject>& flags() const { return flags_; }
  /// How many rows break a rule of severity warning; one that breaks two counts twice.
  [[nodiscard]] std::int64_t flagged() const { return flagged_; }
  /// Set where the batch has failed because more rows are to go than can be kept.
  [[nodiscard]] const std::optional<FileReject>& refusal() const { return refusal_; }

  static constexpr std::size_t kMostDoomed = 200'000;  ///< of one file
  static constexpr std::size_t kMostFlags = 1'000;     ///< of one rule

 private:
  struct Found {  // of one check
    bool any = false;
    bool others = false;              // rows of other files stand there too
    std::vector<std::int64_t> lines;  // of rows that are to go
  };
  /// Where the rows stand that are asked: the landing table, or the one of the rows that were held back.
  enum class Among : std::uint8_t { landing, held };
  using When = std::function<bool()>;

  void add_held(warehouse::Batch& batch);
  void add_held_rows(warehouse::Batch& batch, const std::string& into, When when);
  void add_rule(warehouse::Batch& batch, const RowRule& rule, Among among);
  void add_warning(warehouse::Batch& batch, const RowRule& rule);
  void add_key(warehouse::Batch& batch, const std::vector<std::size_t>& columns);
  void add_quarantine(warehouse::Batch& batch, const KeySql& key, Found& found, Among among);
  void add_newest(warehouse::Batch& batch, const KeySql& key, Found& found);
  void add_removal(warehouse::Batch& batch, Found& found, Among among);
  Status take_duplicates(const warehouse::Rows& rows, const std::string& key_names, Found& found);
  Status take_broken(const warehouse::Rows& rows, const RowRule& rule, Found& found);
  Status doom(std::vector<DoomedRow> rows, Found& found);
  Status limited(const warehouse::Rows& rows, std::string_view what);
  warehouse::Statement rule_statement(std::string_view name, std::string_view sql, const RowRule& rule,
                                      std::size_t most, Among among) const;
  warehouse::Statement statement(std::string_view name, std::string sql, std::vector<warehouse::Value> params) const;
  [[nodiscard]] std::string table(Among among = Among::landing) const;
  [[nodiscard]] bool settles() const { return gate_->tight() && gate_->held().size() > 0; }

  const warehouse::Dialect& dialect_;
  FreshRows rows_;
  ReadRaw raw_;
  lake::KeyGate* gate_ = nullptr;
  std::vector<DoomedRow> doomed_;
  std::vector<Reject> flags_;
  std::int64_t flagged_ = 0;
  std::optional<FileReject> refusal_;
  std::deque<RowList> lists_;  // deques: statements point to their elements
  std::deque<Found> found_;
};

}  // namespace millrace::ingest
