#include "ingest/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/words.h"
#include "ingest/expiry.h"
#include "ingest/unload.h"
#include "lake/landed.h"
#include "lake/open_file.h"

namespace millrace::ingest {
namespace {

using lake::ObjectInfo;

/// Stored bytes for each row, to guess how many keys there will be: a small number, as files may be packed.
constexpr std::uint64_t kLikelyRecordBytes = 64;
/// Bytes of a name from which on it is asked whether the archive can hold it.
constexpr std::size_t kLongName = 200;

/// Counts the stored bytes as they are read: progress is told in them, whatever they unpack to.
class CountedObject final : public lake::ObjectReader {
 public:
  CountedObject(std::unique_ptr<lake::ObjectReader> object, std::atomic<std::uint64_t>& bytes)
      : object_(std::move(object)), bytes_(bytes) {}
  Result<std::size_t> read(std::span<char> into) override {
    MR_TRY(const std::size_t n, object_->read(into));
    bytes_ += n;
    return n;
  }
  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    return object_->read_range(offset, length);
  }

 private:
  std::unique_ptr<lake::ObjectReader> object_;
  std::atomic<std::uint64_t>& bytes_;
};

FileVerdict refused(const FileReject& reject, std::string sha256) {
  return {FileState::quarantined, std::move(sha256), std::string(name_of(reject.code)), reject.reason};
}

/// Of a file that was in the ledger already, and whose move is finished now.
FileOutcome moved(const Source& source, const Entry& entry) {
  FileOutcome outcome;
  outcome.source = source.name;
  outcome.key = entry.key;
  outcome.archive_key = entry.archive_key;
  outcome.sha256 = entry.sha256;
  outcome.state = entry.state;
  outcome.file_id = entry.file_id;
  outcome.bytes = entry.size_bytes;
  outcome.finished_move = true;
  return outcome;
}

/// Of a file that stays where it is, under the ledger row that it has.
FileOutcome still_refused(const LoadPlan& plan, const FileVerdict& verdict) {
  FileOutcome outcome;
  outcome.source = plan.source->name;
  outcome.key = plan.key;
  outcome.archive_key = plan.object.key;
  outcome.state = verdict.state;
  outcome.code = verdict.code;
  outcome.reason = verdict.reason;
  outcome.bytes = plan.object.size_bytes;
  return outcome;
}

void log_outcome(const FileOutcome& o) {
  log::event("file_recorded", log::Level::debug,
             {{"source", o.source},
              {"key", o.key},
              {"state", name_of(o.state)},
              {"file_id", o.file_id},
              {"rows", o.rows_loaded},
              {"quarantined", o.rows_quarantined},
              {"sha256", o.sha256}});
}

}  // namespace

Result<LoadPlan> Loader::plan(const Source& source, const ObjectInfo& object, const std::string& key) {
  LoadPlan plan;
  plan.source = &source;
  plan.object = object;
  plan.key = key;
  plan.now = clock_->now();
  MR_TRY(plan.fence, ledger_.fence());
  MR_TRY(const std::vector<Entry> versions, ledger_.with_key(source, key));
  for (const Entry& e : versions)
    if ((e.state == FileState::loaded || e.state == FileState::empty) && !plan.held) plan.held = e;
  // Equal bytes have equal sizes: only then is it worth reading the file twice.
  MR_TRY(const bool maybe_known, ledger_.knows_size(source, object.size_bytes));
  if (!maybe_known) return plan;
  MR_TRY(plan.sha256, lake::landed_digest_of(*store_, object));
  MR_TRY(const std::vector<Entry> repetitions, ledger_.with_digest(source, *plan.sha256));
  for (const Entry& e : repetitions) {
    if (e.key == key && !e.archived && !plan.unfinished) plan.unfinished = e;
    // A file without bytes repeats nothing, whatever its name.
    if (e.state == FileState::loaded && e.size_bytes > 0 && !plan.duplicate_of) plan.duplicate_of = e;
    if (e.state == FileState::empty && e.key == key && !plan.duplicate_of) plan.duplicate_of = e;
  }
  if (plan.duplicate_of) {
    MR_TRY(const auto expired, expiry_of(*session_, plan.duplicate_of->archive_key));
    plan.duplicate_expired = expired.has_value();
  }
  // The very version that is loaded under this key does not replace itself.
  if (plan.held && plan.held->sha256 == *plan.sha256) plan.held.reset();
  return plan;
}

Result<FileOutcome> Loader::take(const Source& source, const ObjectInfo& object) {
  return take_as(source, object, object.key, Origin::landing);
}

Result<FileOutcome> Loader::rehearse(const Source& source, const ObjectInfo& object) {
  return take_as(source, object, object.key, Origin::archive);
}

Result<FileOutcome> Loader::take_as(const Source& source, const ObjectInfo& object, const std::string& key,
                                    Origin origin, std::int64_t releases) {
  const SteadyTime start = clock_->steady();
  MR_FAILPOINT("ingest.load.before");
  MR_TRY(LoadPlan plan, this->plan(source, object, key));
  if (origin == Origin::landing) MR_CHECK(can_be_archived(plan));
  plan.from_archive = origin == Origin::archive;
  plan.unloaded = origin == Origin::unloaded;
  plan.releases = releases;
  if (plan.unfinished && origin == Origin::landing) return finish_move(source, object, *plan.unfinished);
  Result<FileOutcome> outcome = [&]() -> Result<FileOutcome> {
    if (plan.duplicate_of) {
      // The key was corrected to bytes that another key has brought already: its older rows go all the same.
      if (source.on_new_bytes != OnNewBytes::replace) plan.held.reset();
      return record_file(plan, {FileState::duplicate, *plan.sha256, "", "", plan.duplicate_of->codec});
    }
    if (plan.held && source.on_new_bytes == OnNewBytes::append) plan.held.reset();
    if (plan.held && source.on_new_bytes == OnNewBytes::refuse) {
      MR_TRY(std::string sha256, lake::landed_digest_of(*store_, object));
      return record_file(plan,
                         refused({RejectCode::other_bytes, fmt::format("{} was loaded with other bytes before", key)},
                                 std::move(sha256)));
    }
    return load(plan);
  }();
  if (!outcome) return std::move(outcome).error().within("loading " + object.key);
  if (outcome->file_id == 0) return outcome;  // refused as before
  log_outcome(*outcome);
  outcome->elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock_->steady() - start);
  // Told here and not at the end: what is committed has happened, whatever becomes of the move.
  if (on_recorded) on_recorded(*outcome);
  if (origin != Origin::archive) MR_CHECK(move_away(plan, *outcome));
  return outcome;
}

/// Its name there is longer, and a folder has its limits: better said now than when its rows are loaded.
Status Loader::can_be_archived(const LoadPlan& plan) const {
  if (plan.key.size() - (plan.key.rfind('/') + 1) < kLongName) return ok();
  const std::string there = ArchiveName::make(kProcessed, to_iso_date(plan.now), *plan.source, plan.key, plan.file_id(),
                                              plan.source->pack_archive);
  const auto head = store_->head(there);
  if (head || head.error().kind != ErrorKind::invalid_input) return ok();
  return Error{ErrorKind::permission_denied,
               fmt::format("{}: its name is too long to be archived under a longer one", printable(plan.key, 300)),
               "give it a shorter name, of 220 bytes at the most",
               {}};
}

Result<FileOutcome> Loader::load(LoadPlan& plan) {
  // Once, or twice where only the whole file tells which columns it needs.
  for (lake::LateColumns late;;) {
    MR_TRY(auto outcome, load_with(plan, late));
    if (outcome) return *std::move(outcome);
  }
}

/// nullopt: the file needs more columns, which stand in `late` now.
Result<std::optional<FileOutcome>> Loader::load_with(LoadPlan& plan, lake::LateColumns& late) {
  using Loaded = std::optional<FileOutcome>;
  lake::csv::SourceOptions options;
  options.late = late;
  options.cursors = threads_;
  options.now = plan.now;
  options.policy = plan.source->schema_policy;
  options.limits.most_rejects = plan.source->most_rejects;
  std::atomic<std::uint64_t> stored_bytes{0};
  if (on_progress)
    options.on_block = [&](std::uint64_t) { on_progress(plan.object.key, stored_bytes, plan.object.size_bytes); };
  MR_TRY(auto opened, lake::open_landed(*store_, plan.object));
  auto object = std::make_unique<CountedObject>(std::move(opened), stored_bytes);
  const Source& source = *plan.source;
  std::optional<lake::KeyGate> gate;
  if (auto keys = source.contract.unique_sets(); source.on_duplicate_key == OnDuplicateKey::quarantine && !keys.empty())
    options.gate = &gate.emplace(std::move(keys), plan.object.size_bytes / kLikelyRecordBytes, gate_limits);
  MR_TRY(auto started, lake::open_file(std::move(object), source.file, source.contract, source.dialect, options));
  if (const auto* reject = std::get_if<FileReject>(&started)) {
    MR_TRY(std::string sha256, lake::landed_digest_of(*store_, plan.object));
    MR_TRY(FileOutcome outcome, record_file(plan, refused(*reject, std::move(sha256))));
    return Loaded(std::move(outcome));
  }
  lake::FileSource& file = *std::get<std::unique_ptr<lake::FileSource>>(started);
  LoadTransaction transaction(*session_, *store_, plan);
  const Status done = commit_settled(plan, transaction.load(file, options.gate));
  if (done && !file.new_columns().empty()) fold_log(*session_);
  if (done) return Loaded(transaction.outcome());
  if (done.error().kind == ErrorKind::cancelled && take_late_columns(file.late_columns(), late)) return Loaded();
  std::optional<FileVerdict> refusal = transaction.refusal();
  if (!refusal && file.file_reject()) refusal = refused(*file.file_reject(), "");
  if (!refusal) return done.error();
  if (refusal->sha256.empty()) {
    MR_TRY(refusal->sha256, lake::landed_digest_of(*store_, plan.object));
  }
  MR_TRY(FileOutcome outcome, record_file(plan, *refusal));
  return Loaded(std::move(outcome));
}

Result<FileOutcome> Loader::record_file(LoadPlan& plan, const FileVerdict& verdict) {
  if (plan.releases > 0 && verdict.state == FileState::quarantined) return still_refused(plan, verdict);
  LoadTransaction transaction(*session_, *store_, plan);
  MR_CHECK(commit_settled(plan, transaction.record(verdict)));
  return transaction.outcome();
}

/// A commit whose answer is lost is not repeated: the ledger knows whether it happened.
Status Loader::commit_settled(const LoadPlan& plan, const warehouse::Batch& batch) {
  Status done = session_->commit(batch);
  if (done || done.error().kind != ErrorKind::commit_unknown) return done;
  MR_TRY(const bool landed, ledger_.landed(plan.file_id(), plan.key));
  log::event("commit_settled", log::Level::warn, {{"load", plan.id()}, {"landed", landed}});
  if (landed) return ok();
  Error error = std::move(done).error();
  error.kind = ErrorKind::unavailable;
  return error;
}

Status Loader::move_away(const LoadPlan& plan, const FileOutcome& outcome) {
  MR_FAILPOINT("ingest.archive.before");
  MR_CHECK(
      archiver_.move(plan.object, outcome.archive_key, {outcome.source, outcome.key, outcome.file_id, outcome.sha256}));
  MR_FAILPOINT("ingest.mark.before");
  return ledger_.mark_archived(outcome.file_id, to_sql_timestamp(clock_->now()));
}

Result<FileOutcome> Loader::finish_move(const Source& source, const ObjectInfo& object, const Entry& entry) {
  LoadPlan plan;
  plan.source = &source;
  plan.object = object;
  const FileOutcome outcome = moved(source, entry);
  MR_CHECK(move_away(plan, outcome));
  if (on_recorded) on_recorded(outcome);
  return outcome;
}

Result<FileOutcome> Loader::bring_back(const Source& source, const Entry& entry) {
  MR_TRY(const lake::ObjectInfo object, ledger_.stored(*store_, entry));
  const std::int64_t refused = entry.state == FileState::unloaded ? 0 : entry.file_id;
  MR_TRY(FileOutcome outcome, take_as(source, object, entry.key, Origin::unloaded, refused));
  MR_CHECK(finish_moves(ledger_, *store_, archiver_, *clock_, source));
  return outcome;
}

Status Loader::reconcile(const Source& source) {
  MR_CHECK(finish_moves(ledger_, *store_, archiver_, *clock_, source));
  MR_CHECK(finish_marks(source));
  MR_TRY(std::vector<Archived> unknown, archived_without_entry(source));
  MR_CHECK(readable(unknown));
  for (const Archived& file : unknown) {
    MR_TRY(const ObjectInfo landed, lake::as_landed(*store_, file.object));
    MR_TRY(const FileOutcome outcome, take_as(source, landed, file.read.key, Origin::archive));
    log::event("ledger_refilled", log::Level::warn,
               {{"source", source.name}, {"archive_key", file.object.key}, {"rows", outcome.rows_loaded}});
  }
  MR_TRY(const auto expired, adopt_expired(*session_, *store_, *clock_, ledger_, source));
  for (const FileOutcome& outcome : expired)
    if (on_recorded) on_recorded(outcome);
  return ok();
}

/// Files are loaded in the order in which they came: one that must be restored first holds up those behind it.
Status Loader::readable(const std::vector<Archived>& files) const {
  const Archived* first = nullptr;
  std::int64_t n = 0;
  for (const Archived& file : files) {
    if (file.object.cold_class.empty()) continue;
    // A listing does not say that it has been restored.
    MR_TRY(const auto now, store_->head(file.object.key));
    if (!now || now->cold_class.empty()) continue;
    if (n++ == 0) first = &file;
  }
  if (first == nullptr) return ok();
  return Error{
      ErrorKind::permission_denied,
      fmt::format("BLOCKED: {} of {} to load from the archive must be restored first, among them {}", with_thousands(n),
                  counted(static_cast<std::int64_t>(files.size()), "file"), printable(first->object.key)),
      "millrace lake restore --all-blocked, then load again when `millrace lake stat` says they are readable",
      {}};
}

Status Loader::finish_marks(const Source& source) {
  MR_TRY(const auto unarchived, ledger_.unarchived(source));
  for (const Entry& e : unarchived) {
    MR_TRY(const auto landing, store_->head(e.stands_at));
    MR_TRY(const auto archived, store_->head(e.archive_key));
    // Still in landing/: the sweep meets it and finishes the move. There already: only the mark is missing.
    if (archived && !landing) {
      MR_TRY(const lake::ObjectInfo landed, lake::as_landed(*store_, *archived));
      if (landed.size_bytes != e.size_bytes) continue;
      MR_CHECK(ledger_.mark_archived(e.file_id, to_sql_timestamp(clock_->now())));
      if (on_recorded) on_recorded(moved(source, e));
    }
    if (!archived && !landing)
      log::event(
          "file_missing", log::Level::error,
          {{"source", source.name},
           {"key", e.key},
           {"archive_key", e.archive_key},
           {"sha256", e.sha256},
           {"todo", "its rows are loaded, but its bytes are gone from the lake: restore the file from a backup"}});
  }
  return ok();
}

/// In the order in which they were loaded. On the way the fence rises above every id that a name carries.
Result<std::vector<Loader::Archived>> Loader::archived_without_entry(const Source& source) {
  MR_TRY(const auto keys, ledger_.archive_keys(source));
  const std::set<std::string> known(keys.begin(), keys.end());
  std::vector<Archived> unknown;
  std::int64_t highest = 0;
  for (const std::string_view area : {kProcessed, kQuarantine, kUnloaded}) {
    MR_TRY(const lake::Listing listing, store_->list(std::string(area) + "/"));
    for (const ObjectInfo& object : listing.objects) {
      const auto read = ArchiveName::read(area, source, object.key);
      if (!read) continue;
      highest = std::max(highest, read->file_id);
      if (area == kProcessed && !known.contains(object.key)) unknown.push_back({object, *read});
    }
  }
  MR_TRY(const std::int64_t fence, ledger_.fence());
  if (fence < highest) MR_CHECK(ledger_.raise_fence(highest));
  std::stable_sort(unknown.begin(), unknown.end(),
                   [](const Archived& a, const Archived& b) { return a.read.file_id < b.read.file_id; });
  return unknown;
}

}  // namespace millrace::ingest
