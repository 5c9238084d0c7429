#include "schedule/pipeline.h"

#include <fmt/format.h>

#include <thread>
#include <utility>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/words.h"
#include "schedule/sql.gen.h"

namespace millrace::schedule {
namespace {

using warehouse::to_text;

constexpr std::chrono::milliseconds kBetweenLooks{50};

}  // namespace

Pipeline::Pipeline(PipelineParts parts)
    : parts_(std::move(parts)),
      random_(parts_.seed),
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

}  // namespace millrace::schedule
