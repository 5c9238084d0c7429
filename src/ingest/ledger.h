#pragma once
/// \file ingest/ledger.h
/// The memory of loading: which versions of which files a warehouse has seen, and what became of
/// them. It lives beside the rows it vouches for and changes in their transactions only.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/ledger_index.h"
#include "ingest/source.h"
#include "lake/object_store.h"
#include "warehouse/session.h"

namespace millrace::ingest {

enum class FileState : std::uint8_t {
  loaded,
  empty,
  duplicate,
  quarantined,
  replaced,
  unloaded,
  replay,
  expired,
  released,
  discarded
};
std::string_view name_of(FileState state);
Result<FileState> state_of(const std::string& name);  ///< Errors: internal for a word of a newer millrace

/// A ledger row, as far as planning needs it.
struct Entry {
  std::int64_t file_id = 0;
  std::string key, sha256;
  std::uint64_t size_bytes = 0;
  std::string codec;  ///< how its bytes become text; "" where they are text
  FileState state = FileState::loaded;
  std::string archive_key;
  std::string stands_at;  ///< where its bytes are until they are moved to archive_key
  bool archived = false;
};

struct Named {
  std::string source;
  Entry entry;
};

/// Each row of a landing table names its file.
inline constexpr std::string_view kFileIdColumn = "_mr_file_id";

/// Where rows of the source's landing table go when a newer one with their key takes their place: the same
/// columns and the file of the row that took it.
warehouse::RelationName superseded_table(const Source& source);

/// Does nothing where the table has the column.
warehouse::Statement add_column(const warehouse::Dialect& dialect, const warehouse::RelationName& table,
                                const Column& column);

/// DDL in the write-ahead log is what replays worst after a crash: folds it into the warehouse's file. Where
/// readers are in the way, a later checkpoint does it.
void fold_log(warehouse::Session& session);

/// Threads: used by the thread that owns the session.
class Ledger {
 public:
  /// How the tables are laid out; a warehouse of another layout is refused.
  static constexpr std::int64_t kFormat = 2;

  explicit Ledger(warehouse::Session& session) : session_(&session) {}

  /// Creates what is missing: our own tables, the source's landing table, and columns that the contract has
  /// got since. Errors: invalid_input where a column's type has changed; unsupported for a ledger of another
  /// layout.
  Status prepare(const Source& source);

  /// The loads committed so far; the next file's id is one more.
  Result<std::int64_t> fence() const;
  /// Rises whenever a load has changed a row of a landing table.
  Result<std::int64_t> data_version() const;
  /// Entries of the source that count now (loaded, empty, or not moved yet), newest first: those with this key,
  /// or with these bytes. Cost: does not grow with the ledger, but for the first call, which reads it once.
  Result<std::vector<Entry>> with_key(const Source& source, const std::string& key);
  Result<std::vector<Entry>> with_digest(const Source& source, const std::string& sha256);
  /// Could a file of this size hold bytes that are known? (Of equal bytes the size is equal.)
  Result<bool> knows_size(const Source& source, std::uint64_t size_bytes);
  /// Entries whose file has not been moved away yet, oldest first.
  Result<std::vector<Entry>> unarchived(const Source& source) const;
  /// Files that were taken since then, loaded or refused, and whose bytes are kept; oldest first. A later
  /// version's bytes stand for those that it has replaced.
  Result<std::vector<Entry>> taken_since(const Source& source, const std::string& sql_timestamp) const;
  Result<std::vector<std::string>> archive_keys(const Source& source) const;
  Result<std::optional<Entry>> entry(std::int64_t file_id) const;
  /// The file that a person means by landing key, archive key, the last part of either's path, or id, among
  /// those in `state`. Errors: not_found; invalid_input where several are meant.
  Result<Named> find(const std::string& name, FileState state) const;
  /// The entry's bytes as they landed, wherever they are: for lake::open_landed(). Errors: not_found;
  /// permission_denied where they must be restored first.
  Result<lake::ObjectInfo> stored(lake::ObjectStore& store, const Entry& entry) const;
  /// Lets the next file have an id above `n`. A ledger that was made anew must not give ids again that
  /// names in the lake carry.
  Status raise_fence(std::int64_t n) const;
  /// Where the bytes under `from` have expired, so have those that the ledger calls `to` now; false: they have not.
  Result<bool> move_expiry(const std::string& from, const std::string& to) const;
  Status mark_archived(std::int64_t file_id, const std::string& sql_timestamp) const;
  /// After commit_unknown: did it land?
  Result<bool> landed(std::int64_t file_id, const std::string& key) const;

 private:
  Result<std::vector<Entry>> entries(std::string_view name, std::string_view sql,
                                     std::vector<warehouse::Value> params) const;
  Status refresh_index();
  Result<std::vector<Entry>> counting(const Source& source, const std::vector<std::int64_t>& ids);
  Status create_tables();
  Status check_format();
  Status create_landing_table(const Source& source);
  Status fit_landing_table(const Source& source);
  Status fit_superseded_table(const Source& source);
  warehouse::Session* session_;  // borrows; never null, outlives us
  LedgerIndex index_;
  std::int64_t indexed_fence_ = -1;  // where the fence stood when the index was brought up to date
};

}  // namespace millrace::ingest
