#include "ingest/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.h"
#include "base/log.h"
#include "ingest/replay_transaction.h"
#include "lake/landed.h"
#include "lake/open_file.h"

namespace millrace::ingest {
namespace {

ReplayOutcome refused(const Source& source, const Entry& entry, std::size_t rows, const FileReject& reject) {
  ReplayOutcome o;
  o.source = source.name;
  o.key = entry.key;
  o.file_id = entry.file_id;
  o.checked = static_cast<std::int64_t>(rows);
  o.code = name_of(reject.code);
  o.reason = reject.reason;
  return o;
}

std::vector<lake::ListedRecord> records_of(const std::vector<QuarantinedRow>& rows) {
  std::vector<lake::ListedRecord> out;
  for (const QuarantinedRow& r : rows) out.push_back({{r.line, r.byte_offset, r.byte_length}, r.raw});
  return out;
}

}  // namespace

Result<std::vector<ReplayOutcome>> Replayer::run(const std::vector<Source>& sources, const QuarantineFilter& filter) {
  MR_TRY(std::vector<QuarantinedRow> rows, quarantined_rows(session_, filter, 0));
  std::vector<ReplayOutcome> out;
  for (auto first = rows.begin(); first != rows.end();) {
    const auto end = std::find_if(first, rows.end(), [&](const auto& r) { return r.file_id != first->file_id; });
    const auto source =
        std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.name == first->source; });
    if (source == sources.end())
      return Error{
          ErrorKind::not_found,
          fmt::format("{} belongs to source {}, which millrace.yaml does not name any more", first->key, first->source),
          "bring the source back, or name another one with --source",
          {}};
    MR_TRY(const auto entry, ledger_.entry(first->file_id));
    MR_INVARIANT(entry.has_value(), "a quarantined row has its file in the ledger");
    MR_TRY(ReplayOutcome outcome,
           replay_file(*source, *entry, {std::make_move_iterator(first), std::make_move_iterator(end)}));
    out.push_back(std::move(outcome));
    first = end;
  }
  return out;
}

Result<ReplayOutcome> Replayer::replay_file(const Source& source, const Entry& entry,
                                            const std::vector<QuarantinedRow>& rows) {
  MR_FAILPOINT("ingest.replay.before");
  // Once, or twice where only all of the rows tell which columns they need.
  for (lake::LateColumns late;;) {
    MR_TRY(auto outcome, replay_with(source, entry, rows, late));
    if (outcome) return *std::move(outcome);
  }
}

/// nullopt: the rows need more columns, which stand in `late` now.
Result<std::optional<ReplayOutcome>> Replayer::replay_with(const Source& source, const Entry& entry,
                                                           const std::vector<QuarantinedRow>& rows,
                                                           lake::LateColumns& late) {
  using Replayed = std::optional<ReplayOutcome>;
  MR_TRY(const auto object, ledger_.stored(store_, entry));
  MR_TRY(auto reader, lake::open_landed(store_, object));
  ReplayPlan plan{&source, entry, 0, rows, clock_.now()};
  MR_TRY(plan.fence, ledger_.fence());
  lake::csv::SourceOptions options;
  options.now = plan.now;
  options.policy = source.schema_policy;
  options.late = late;
  MR_TRY(auto started, lake::open_records(std::move(reader), source.file, source.contract, source.dialect, options,
                                          records_of(plan.rows)));
  const std::size_t n = plan.rows.size();
  if (const auto* reject = std::get_if<FileReject>(&started)) return Replayed(refused(source, entry, n, *reject));
  lake::RecordListSource& records = *std::get<0>(started);
  const std::int64_t id = plan.id();
  ReplayTransaction transaction(session_.dialect(), std::move(plan));
  Status done = session_.commit(transaction.batch(records));
  if (!done && done.error().kind == ErrorKind::commit_unknown) {
    MR_TRY(const bool landed, ledger_.landed(id, entry.key));
    if (landed) done = ok();
  }
  if (done && !records.new_columns().empty()) fold_log(session_);
  if (!done && done.error().kind == ErrorKind::cancelled && lake::take_late_columns(records.late_columns(), late))
    return Replayed();
  if (!done && records.file_reject()) return Replayed(refused(source, entry, n, *records.file_reject()));
  if (!done && !(done.error().kind == ErrorKind::cancelled && transaction.nothing()))
    return std::move(done).error().within("replaying " + entry.key);
  const ReplayOutcome outcome = transaction.outcome();
  log::event("rows_replayed", log::Level::info,
             {{"source", source.name}, {"key", entry.key}, {"checked", outcome.checked}, {"loaded", outcome.loaded}});
  return Replayed(outcome);
}

}  // namespace millrace::ingest
