// The second half of the way: what the models make of the data, and whether anyone may see it.
#include <fmt/format.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/words.h"
#include "contract/time_format.h"
#include "jinja/print.h"
#include "schedule/model_run.h"
#include "schedule/pipeline.h"
#include "schedule/sql.gen.h"
#include "transform/render/snowflake_compat.h"

namespace millrace::schedule {
namespace {

using transform::LoadedProject;
using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;

std::chrono::milliseconds since(const Clock& clock, SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - start);
}

/// A statement of the publish transaction, with what it does before and after.
Status run_statement(warehouse::Session& session, Statement statement) {
  if (statement.before) MR_CHECK(statement.before(statement));
  MR_TRY(const warehouse::Rows rows, session.query(statement));
  return statement.on_rows ? statement.on_rows(rows) : ok();
}

Statement generation_row(std::int64_t number, const std::string& at, std::int64_t data_version,
                         const std::string& sha256) {
  return {"schedule/insert_generation", std::string(sql::insert_generation), {number, at, data_version, sha256}};
}

}  // namespace

transform::Target Pipeline::target(const BuildRequest& request) const {
  transform::Target t;
  t.profile = "millrace";
  if (!request.target_name.empty()) t.name = request.target_name;
  t.database = parts_.database;
  t.threads = static_cast<int>(parts_.threads);
  t.dialect = &parts_.session->dialect();
  // Views keep the text of their query: a warehouse file that was copied or renamed must still answer.
  t.print_database = false;
  return t;
}

transform::Invocation Pipeline::invocation(const BuildRequest& request) {
  transform::Invocation i;
  i.command = request.command;
  i.id = transform::new_invocation_id(random_);
  i.started_at = parts_.clock->now();
  i.full_refresh = request.full_refresh;
  i.strict = request.strict;
  i.vars = request.vars;
  i.arguments = request.arguments;
  i.environment = parts_.environment;
  if (!i.environment) i.environment = [](std::string_view) { return std::optional<std::string>(); };
  return i;
}

Result<std::unique_ptr<LoadedProject>> Pipeline::load_project(const BuildRequest& request,
                                                              std::vector<std::string>& warnings) {
  MR_TRY(auto loaded, LoadedProject::load(parts_.project_folder, target(request), invocation(request),
                                          [&warnings](std::string_view text, bool is_warning) {
                                            if (is_warning) warnings.emplace_back(text);
                                            log::event("model_log", log::Level::info, {{"text", std::string(text)}});
                                          }));
  for (const transform::Warning& w : loaded->project().warnings)
    warnings.push_back(w.where.empty() ? w.message : w.where + ": " + w.message);
  return loaded;
}

Result<std::string> Pipeline::fingerprint(const BuildRequest& request) {
  MR_TRY(const std::string files, transform::digest_of(parts_.project_folder, target(request), invocation(request)));
  MR_TRY(const std::string vars, jinja::to_text(request.vars));
  Sha256 hash;
  for (const std::string& part : {files, parts_.served_as, parts_.database, request.target_name,
                                  std::string(parts_.snowflake ? "snowflake" : ""), vars}) {
    hash.update(part);
    hash.update(std::string_view("\0", 1));
  }
  return hash.hex_digest();
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

Result<BuildReport> Pipeline::build(const BuildRequest& request) {
  const SteadyTime start = parts_.clock->steady();
  BuildReport report;
  MR_TRY(const Generation last, generation());
  MR_TRY(const std::int64_t data_version, loader_.ledger().data_version());
  MR_TRY(const std::string sha256, fingerprint(request));
  report.generation = last.number;
  if (request.only_if_changed && last.number > 0 && last.data_version == data_version &&
      last.project_sha256 == sha256) {
    report.up_to_date = true;
    return report;
  }
  MR_TRY(const auto loaded, load_project(request, report.warnings));
  if (parts_.room_for && request.command != "test") MR_CHECK(parts_.room_for("", 0));
  if (parts_.snowflake) MR_CHECK(transform::make_snowflake_functions(*parts_.session));
  MR_FAILPOINT("schedule.publish.before");
  const std::int64_t next = last.number + 1;
  // A part of the project, built anew, leaves the whole in no state that a file's digest could name.
  const std::string built = request.selects_all() ? sha256 : std::string();
  const auto publish = [&](warehouse::Session& session) -> Status {
    if (parts_.at_publish)
      for (Statement& s : parts_.at_publish(next)) MR_CHECK(run_statement(session, std::move(s)));
    return run_statement(session, generation_row(next, to_sql_timestamp(parts_.clock->now()), data_version, built));
  };
  std::function<Status(warehouse::Session&)> in_transaction;
  if (request.publishes() && request.gate) in_transaction = publish;
  auto ran = run_models(*loaded, *parts_.session, *parts_.clock, request, std::move(in_transaction));
  report.elapsed = since(*parts_.clock, start);
  bool settled_late = false;
  if (!ran && ran.error().kind == ErrorKind::commit_unknown && request.publishes()) {
    MR_TRY(const Generation now, generation());
    if (now.number != next) {
      Error error = std::move(ran).error();
      error.kind = ErrorKind::unavailable;
      return error;
    }
    settled_late = true;  // it had been committed; what each node answered is lost with the run
  } else if (!ran) {
    return std::move(ran).error();
  } else {
    report.run = *std::move(ran);
  }
  MR_CHECK(write_artifacts(*loaded, request, &report.run));
  judge(report);
  if (!settled_late && (!report.refused.empty() || !request.publishes())) return report;
  if (!settled_late && !request.gate)
    MR_CHECK(
        parts_.session->transact(fmt::format("publish generation {}", next), [&] { return publish(*parts_.session); }));
  report.refused.clear();
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

}  // namespace millrace::schedule
