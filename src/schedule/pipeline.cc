#include "schedule/pipeline.h"

#include <fmt/format.h>

#include <thread>
#include <utility>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/words.h"
#include "contract/time_format.h"
#include "schedule/sql.gen.h"

namespace millrace::schedule {
namespace {

using warehouse::Batch;
using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;

Statement generation_row(std::int64_t number, const std::string& at, std::int64_t data_version,
                         const std::string& sha256) {
  return {"schedule/insert_generation", std::string(sql::insert_generation), {number, at, data_version, sha256}};
}

constexpr std::chrono::milliseconds kBetweenLooks{50};

std::chrono::milliseconds since(const Clock& clock, SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - start);
}

}  // namespace

Pipeline::Pipeline(PipelineParts parts)
    : parts_(std::move(parts)),
      loader_(*parts_.session, *parts_.store, *parts_.clock, parts_.threads),
      sensor_(*parts_.store, *parts_.clock) {
  if (!parts_.spool.empty()) loader_.archiver().spool_in(parts_.spool);
  for (const ingest::Source& source : parts_.sources) clocks_.emplace_back(source.sensor, parts_.clock->steady());
  sensor_.taken_before = [this](const ingest::Source& source) { return taken_before(source); };
  loader_.on_recorded = [this](ingest::FileOutcome outcome) {
    outcome.set = set_;
    parts_.observer->on_file(outcome);
  };
  loader_.on_progress = [this](const std::string& key, std::uint64_t bytes, std::uint64_t of) {
    parts_.observer->on_progress(key, bytes, of);
  };
}

Status Pipeline::prepare() {
  if (!parts_.spool.empty()) MR_CHECK(loader_.archiver().clear_spool());
  for (const ingest::Source& source : parts_.sources) MR_CHECK(loader_.ledger().prepare(source));
  MR_TRY(const auto kind, parts_.session->kind_of({"millrace", "generations"}));
  if (kind == warehouse::RelationKind::none)
    MR_CHECK(parts_.session->commit({"create generations",
                                     {{"schedule/create_schema", std::string(sql::create_schema)},
                                      {"schedule/create_generations", std::string(sql::create_generations)}}}));
  for (const ingest::Source& source : parts_.sources) MR_CHECK(loader_.reconcile(source));
  return ok();
}

Result<std::int64_t> Pipeline::load(bool wait) {
  std::int64_t recorded = 0;
  while (true) {
    for (std::size_t i = 0; i < clocks_.size(); ++i) {
      if (!wait && !clocks_[i].due(parts_.clock->steady())) continue;
      MR_TRY(const std::int64_t n, sweep(parts_.sources[i], clocks_[i]));
      recorded += n;
    }
    if (waiting_.empty() || !wait) return recorded;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

std::chrono::milliseconds Pipeline::until_next_look() const {
  std::chrono::milliseconds least = std::chrono::hours(1);
  for (const ingest::PokeClock& clock : clocks_) least = std::min(least, clock.until_due(parts_.clock->steady()));
  return least;
}

void Pipeline::wake(const std::vector<std::string>& keys) {
  for (ingest::PokeClock& clock : clocks_) clock.wake(parts_.clock->steady());
  sensor_.hint(keys);
}

std::vector<Pipeline::Awaited> Pipeline::awaited() {
  std::vector<Awaited> out;
  for (std::size_t i = 0; i < clocks_.size(); ++i) out.push_back({&parts_.sources[i], &clocks_[i]});
  return out;
}

Status Pipeline::check_timeouts(bool fail) {
  for (const auto& [source, clock] : awaited()) {
    if (!clock->timed_out(parts_.clock->steady())) continue;
    Error error{ErrorKind::deadline_exceeded,
                fmt::format("{}: no file has come for {}, expected {} in {}", source->name,
                            to_words(source->sensor.timeout), source->pattern, parts_.store->url_of(source->folder())),
                fmt::format("ask who delivers; sources.{}.sensor.timeout says how long is too long", source->name),
                {}};
    if (fail && !source->sensor.soft_fail) return error;
    parts_.observer->on_timeout(error, source->sensor.soft_fail);
  }
  return ok();
}

/// Under which keys files of the source have landed, as the names in the archive tell.
Result<std::vector<std::string>> Pipeline::taken_before(const ingest::Source& source) {
  MR_TRY(const auto archived, loader_.ledger().archive_keys(source));
  std::vector<std::string> out;
  for (const std::string& name : archived)
    for (const std::string_view area : {ingest::kProcessed, ingest::kQuarantine, ingest::kUnloaded})
      if (auto read = ingest::ArchiveName::read(area, source, name)) out.push_back(std::move(read->key));
  return out;
}

Result<std::int64_t> Pipeline::sweep(const ingest::Source& source, ingest::PokeClock& clock) {
  using Found = ingest::PokeClock::Found;
  waiting_.erase(source.name);
  MR_TRY(const ingest::Sensed sensed, sensor_.look(source));
  for (const lake::Ignored& ignored : sensed.ignored) parts_.observer->on_ignored(ignored);
  for (const ingest::HeldBack& held : sensed.held) parts_.observer->on_held(held);
  for (const ingest::HandedOn& handed : sensed.handed) parts_.observer->on_sensed(handed);
  if (!sensed.waiting.empty()) waiting_[source.name] = sensed.waiting.size();
  auto recorded = take(source, sensed);
  set_.clear();
  if (!recorded) return recorded;  // due again at once: who calls makes a pause after an error
  const Found found = waiting_.contains(source.name) || sensed.expecting ? Found::settling : Found::nothing;
  clock.looked(parts_.clock->steady(), *recorded > 0 || !sensed.handed.empty() ? Found::files : found);
  return recorded;
}

Result<std::int64_t> Pipeline::take(const ingest::Source& source, const ingest::Sensed& sensed) {
  std::int64_t recorded = 0;
  for (const lake::ObjectInfo& object : sensed.ready) {
    const SteadyTime now = parts_.clock->steady();
    if (!blocked_.may_try(object, now)) continue;
    if (parts_.room_for) MR_CHECK(parts_.room_for(object.key, object.size_bytes));
    const auto set = sensed.sets.find(object.key);
    set_ = set == sensed.sets.end() ? "" : set->second;
    auto outcome = loader_.take(source, object);
    if (outcome) {
      ++recorded;
      blocked_.free(object.key);
    } else if (outcome.error().kind == ErrorKind::conflict || outcome.error().kind == ErrorKind::not_found) {
      log::event("file_changed", log::Level::debug, {{"key", object.key}, {"reason", outcome.error().message}});
      ++waiting_[source.name];  // it is looked at again
      sensor_.hint({object.key});
    } else if (outcome.error().kind == ErrorKind::permission_denied) {
      if (blocked_.blocked(object, now)) parts_.observer->on_blocked(std::move(outcome).error());
    } else {
      return std::move(outcome).error();
    }
  }
  return recorded;
}

transform::Target Pipeline::target() const {
  transform::Target t;
  t.database = parts_.database;
  t.dialect = &parts_.session->dialect();
  t.run_started_at = parts_.clock->now();
  return t;
}

Result<transform::Project> Pipeline::compiled_project() {
  MR_TRY(transform::Project project, transform::load_project(parts_.project_folder, target()));
  MR_CHECK(transform::compile(project, target()));
  return project;
}

Result<Generation> Pipeline::generation() const {
  Generation g;
  MR_TRY(const auto got, parts_.session->query({"schedule/read_generation", std::string(sql::read_generation)}));
  if (got.rows.empty()) return g;
  g.number = to_integer(got.rows[0][0]);
  g.data_version = to_integer(got.rows[0][1]);
  g.project_sha256 = to_text(got.rows[0][2]);
  const auto at = TimeFormat::iso_timestamp().timestamp(to_text(got.rows[0][3]));
  MR_INVARIANT(at.has_value(), "a time that we wrote can be read");
  g.published_at = WallTime{std::chrono::microseconds{*at}};
  return g;
}

Result<BuildReport> Pipeline::build(bool only_if_changed) {
  const SteadyTime start = parts_.clock->steady();
  BuildReport report;
  MR_TRY(const Generation last, generation());
  MR_TRY(const std::int64_t data_version, loader_.ledger().data_version());
  MR_TRY(const transform::Project project, compiled_project());
  const std::string sha256 = sha256_hex(project.sha256 + parts_.served_as);
  report.generation = last.number;
  report.warnings = project.warnings;
  if (only_if_changed && last.number > 0 && last.data_version == data_version && last.project_sha256 == sha256) {
    report.up_to_date = true;
    return report;
  }
  if (parts_.room_for) MR_CHECK(parts_.room_for("", 0));
  MR_FAILPOINT("schedule.publish.before");
  const std::int64_t next = last.number + 1;
  Batch batch{fmt::format("publish generation {}", next), {}};
  MR_TRY(batch.statements, transform::build_statements(project, *parts_.session, report.models));
  for (Statement& s : quality::test_statements(project, report.tests)) batch.statements.push_back(std::move(s));
  // The gate stands before what is served is made: a refused publish costs no copy of it.
  Statement gate{"gate", "SELECT 1"};
  gate.on_rows = [&report](const warehouse::Rows&) -> Status {
    report.refused = quality::gate_message(report.tests);
    if (report.refused.empty()) return ok();
    return Error{ErrorKind::contract_violation, report.refused, {}, {}};
  };
  batch.statements.push_back(std::move(gate));
  if (parts_.at_publish)
    for (Statement& s : parts_.at_publish(next)) batch.statements.push_back(std::move(s));
  batch.statements.push_back(generation_row(next, to_sql_timestamp(parts_.clock->now()), data_version, sha256));
  Status done = parts_.session->commit(batch);
  report.elapsed = since(*parts_.clock, start);
  if (!done && done.error().kind == ErrorKind::commit_unknown) {
    MR_TRY(const Generation now, generation());
    Error error = std::move(done).error();
    error.kind = ErrorKind::unavailable;
    done = now.number == next ? ok() : Status(std::move(error));
  }
  if (!done && report.refused.empty()) return std::move(done).error();
  if (!done) return report;
  report.generation = next;
  report.published = true;
  // DDL in the write-ahead log is what replays worst after a crash: fold it into the file. Readers
  // may be in the way; then a later checkpoint does it.
  Status folded = failpoint::pass("schedule.publish.after");
  if (folded) {
    if (auto rows = parts_.session->query({"checkpoint", "CHECKPOINT"}); !rows) folded = std::move(rows).error();
  }
  if (!folded) log::event("checkpoint_postponed", log::Level::debug, {{"reason", folded.error().message}});
  return report;
}

Result<BuildReport> Pipeline::test() {
  const SteadyTime start = parts_.clock->steady();
  BuildReport report;
  MR_TRY(const Generation last, generation());
  report.generation = last.number;
  MR_TRY(const transform::Project project, compiled_project());
  report.warnings = project.warnings;
  for (const Statement& s : quality::test_statements(project, report.tests)) {
    MR_TRY(const warehouse::Rows rows, parts_.session->query(s));
    MR_CHECK(s.on_rows(rows));
  }
  report.refused = quality::gate_message(report.tests);
  report.elapsed = since(*parts_.clock, start);
  return report;
}

}  // namespace millrace::schedule
