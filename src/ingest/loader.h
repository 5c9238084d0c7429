#pragma once
/// \file ingest/loader.h
/// One file's way from the lake into its landing table: recognised, checked, loaded in one
/// transaction with its rejects and its ledger row, and only then moved away.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/archiver.h"
#include "ingest/ledger.h"
#include "ingest/load_transaction.h"
#include "ingest/source.h"
#include "lake/file_source.h"
#include "lake/key_gate.h"
#include "lake/object_store.h"

namespace millrace::ingest {

/// Threads: used by the thread that owns the session. Borrows all; all outlive it.
class Loader {
 public:
  Loader(warehouse::Session& session, lake::ObjectStore& store, const Clock& clock, unsigned threads)
      : session_(&session),
        store_(&store),
        clock_(&clock),
        threads_(threads),
        ledger_(session),
        archiver_(store, std::filesystem::temp_directory_path()) {}

  /// Takes one file as far as it goes: into the ledger, and out of the landing folder. Repeating it
  /// after a crash at any point finishes it and changes nothing twice.
  /// A file that cannot be loaded is an outcome, not an error.
  /// Errors: conflict where the file or the ledger moved meanwhile (look again); unavailable.
  /// Failpoints: ingest.load.before, ingest.archive.before, ingest.mark.before, and those below.
  Result<FileOutcome> take(const Source& source, const lake::ObjectInfo& object);

  /// What take() would say, with the file left where it is. For a warehouse that is thrown away: the rows
  /// are loaded into it. Errors: as take().
  Result<FileOutcome> rehearse(const Source& source, const lake::ObjectInfo& object);

  /// At start: finishes moves that a crash cut, and loads what stands in processed/ without a ledger
  /// row, in the order in which it was loaded before (promises I4, I5, I9).
  Status reconcile(const Source& source);

  /// Loads a file that was unloaded, or refused whole, from where it stands. One that was refused and still is changes
  /// nothing: the outcome says why and has no file id. Errors: those of take; not_found.
  Result<FileOutcome> bring_back(const Source& source, const Entry& entry);

  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] Archiver& archiver() { return archiver_; }

  /// Told of each file as soon as its outcome is committed. May be empty.
  std::function<void(const FileOutcome&)> on_recorded;

  /// Told now and then while a file is read: bytes read so far, of how many. From any of the reading
  /// threads, several at once. May be empty.
  std::function<void(const std::string& key, std::uint64_t bytes, std::uint64_t of)> on_progress;

  /// How many rows that may repeat a key are settled aside; tests make it small.
  lake::KeyGateLimits gate_limits;

 private:
  /// Is there anything to load, and as what?
  Result<LoadPlan> plan(const Source& source, const lake::ObjectInfo& object, const std::string& key);
  /// Where a file stands that is taken.
  enum class Origin : std::uint8_t { landing, archive, unloaded };
  Result<FileOutcome> take_as(const Source& source, const lake::ObjectInfo& object, const std::string& key,
                              Origin origin, std::int64_t releases = 0);
  Status can_be_archived(const LoadPlan& plan) const;
  Result<FileOutcome> finish_move(const Source& source, const lake::ObjectInfo& object, const Entry& entry);
  struct Archived {
    lake::ObjectInfo object;
    ArchiveName::Read read;
  };
  Status finish_marks(const Source& source);
  Status readable(const std::vector<Archived>& files) const;
  Result<std::vector<Archived>> archived_without_entry(const Source& source);
  Result<FileOutcome> load(LoadPlan& plan);
  Result<std::optional<FileOutcome>> load_with(LoadPlan& plan, lake::LateColumns& late);
  Result<FileOutcome> record_file(LoadPlan& plan, const FileVerdict& verdict);
  Status commit_settled(const LoadPlan& plan, const warehouse::Batch& batch);
  Status move_away(const LoadPlan& plan, const FileOutcome& outcome);

  warehouse::Session* session_;
  lake::ObjectStore* store_;
  const Clock* clock_;
  unsigned threads_;
  Ledger ledger_;
  Archiver archiver_;
};

}  // namespace millrace::ingest
