#pragma once
/// \file ingest/load_transaction.h
/// Everything that must happen together when a file is loaded: the fence moves, an older version's
/// rows go, rows, rejects and flags come, and the ledger row counts them. One batch, all or nothing.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "contract/reject.h"
#include "ingest/ledger.h"
#include "ingest/row_checks.h"
#include "ingest/row_list.h"
#include "ingest/source.h"
#include "lake/file_source.h"
#include "lake/object_store.h"

namespace millrace::ingest {

/// What became of one file.
struct FileOutcome {
  std::string source, key, archive_key, sha256;
  std::string set;  ///< of the files that were handed on together, "date=2026-11-01"; "" where the source has no sets
  FileState state = FileState::loaded;
  std::int64_t file_id = 0;
  std::int64_t records = 0, rows_loaded = 0, rows_quarantined = 0, rows_flagged = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, std::int64_t> rejects_by_code;
  std::map<std::string, std::int64_t> warnings_by_code;  ///< all of them, kept as flags or not
  std::vector<Reject> examples;                          ///< the first few rejects
  std::vector<Reject> flag_examples;                     ///< the first few flags
  std::int64_t flags_kept = 0;                           ///< with line and reason; the others are counted only
  std::string code, reason;                              ///< of a refused file
  std::string duplicate_of;                              ///< the key that held these bytes first
  bool replaced_older = false;                           ///< an older version's rows were taken out
  bool from_archive = false;                             ///< loaded again because the ledger did not know it
  bool finished_move = false;                            ///< was in the ledger before; a crash had cut its move
  std::chrono::milliseconds elapsed{};
};

/// What is to be done with one file, and the fence that was read when this was decided.
struct LoadPlan {
  const Source* source = nullptr;  // borrows; never null
  lake::ObjectInfo object;
  std::string key;                    ///< the landing key; differs from object.key for a file in processed/
  std::int64_t fence = 0;             ///< the file's id is fence + 1
  std::optional<std::string> sha256;  ///< where it had to be known before the load
  std::optional<Entry> held;          ///< the loaded version under this key, to be replaced
  std::optional<Entry> duplicate_of;  ///< these bytes are loaded already
  std::optional<Entry> unfinished;    ///< this very version is in the ledger, not moved yet
  bool duplicate_expired = false;     ///< and of those bytes no copy is kept any more
  bool from_archive = false;
  bool unloaded = false;      ///< object.key is below unloaded/ or quarantine/: the file comes back
  std::int64_t releases = 0;  ///< the file that was refused and comes back; 0: it was not refused
  WallTime now{};

  [[nodiscard]] std::int64_t file_id() const { return fence + 1; }
  [[nodiscard]] std::string id() const { return source->name + "@" + std::to_string(file_id()); }
};

/// How a file without rows stands in the ledger.
struct FileVerdict {
  FileState state = FileState::quarantined;
  std::string sha256, code, reason;
  std::string codec = {};  ///< where it is known
};

/// Built for one plan, committed once. Threads: one thread at a time; borrows all but the plan.
class LoadTransaction {
 public:
  LoadTransaction(warehouse::Session& session, lake::ObjectStore& store, LoadPlan plan);

  /// The batch that loads `file`; read it once, to the end. `gate`: where the file's rows pass one. Keep the
  /// transaction until it is done, the file and the gate too.
  warehouse::Batch load(lake::FileSource& file, lake::KeyGate* gate);
  /// The batch that records a file of which nothing is loaded.
  warehouse::Batch record(const FileVerdict& verdict);

  /// After the commit. Before it, what was gathered so far.
  [[nodiscard]] const FileOutcome& outcome() const { return outcome_; }
  /// Set where load() found that the file must be refused whole; without digest where it is not known yet.
  [[nodiscard]] std::optional<FileVerdict> refusal() const;

 private:
  warehouse::Statement statement(std::string_view name, std::string sql,
                                 std::vector<warehouse::Value> params = {}) const;
  void add_fence(warehouse::Batch& batch) const;
  void add_replacement(warehouse::Batch& batch) const;
  void add_rows(warehouse::Batch& batch, lake::FileSource& file);
  void add_findings(warehouse::Batch& batch, lake::FileSource& file);
  void add_entry(warehouse::Batch& batch, std::function<Result<ValueRows>()> facts);
  void add_mark_changed(warehouse::Batch& batch) const;
  void add_siblings(warehouse::Batch& batch) const;
  Result<ValueRows> reject_rows(lake::FileSource& file);
  ValueRows flag_rows(lake::FileSource& file);
  Result<ValueRows> fact_rows(lake::FileSource& file);
  std::optional<FileVerdict> verdict_on(const lake::FileFacts& facts) const;
  std::string archive_name(std::string_view area, std::string_view codec) const;
  ValueRows entry_row(const FileOutcome& o, const lake::FileFacts& facts) const;
  RowList& keep(std::vector<Column> columns, std::function<Result<ValueRows>()> make);

  warehouse::Session& session_;
  lake::ObjectStore& store_;
  LoadPlan plan_;
  std::string table_;
  FileOutcome outcome_;
  RowChecks checks_;
  std::int64_t more_flagged_ = 0;  // rows that only a row rule flags, less those that were flagged and are gone
  std::map<RejectCode, std::int64_t> warnings_gone_;  // said of those rows
  std::optional<FileVerdict> refusal_;
  std::deque<RowList> lists_;  // a deque: statements point to its elements
};

}  // namespace millrace::ingest
