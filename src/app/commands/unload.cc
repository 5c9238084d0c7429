// unload: one file's rows out again, or back in.
#include "ingest/unload.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/commands/with_runtime.h"
#include "app/report_json.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"

namespace millrace::app {
namespace {

std::string json_of(const ingest::UnloadOutcome& o) {
  json::Writer w;
  w.begin_object().member("source", o.source).member("key", o.key).member("file_id", o.file_id);
  w.member("archive_key", o.archive_key).member("rows", o.rows).member("rows_quarantined", o.rows_quarantined);
  w.member("rows_superseded", o.rows_superseded).member("restored", o.restored).key("waiting").begin_array();
  for (const auto& [key, n] : o.waiting) w.begin_object().member("key", key).member("rows", n).end_object();
  w.end_array().end_object();
  return w.text();
}

void print(const ingest::UnloadOutcome& o) {
  std::string text = counted(o.rows, "row") + " taken out";
  if (o.rows_quarantined > 0) text += fmt::format(", {} out of quarantine", with_thousands(o.rows_quarantined));
  if (o.rows_superseded > 0) text += fmt::format(", {} superseded", with_thousands(o.rows_superseded));
  if (o.restored > 0) text += fmt::format(", {} that it had superseded stand again", with_thousands(o.restored));
  tell(stdout, "{:<8} {}  {}\n", "unload", printable(o.key), text);
  tell(stdout, "{:<8}   kept in {}\n", "", printable(o.archive_key));
  for (const auto& [key, n] : o.waiting)
    tell(stdout,
         "{:<8}   {} of {} had the keys of this file: millrace quarantine replay --file {} --code duplicate_key\n", "",
         counted(n, "quarantined row"), printable(key), printable(key));
  tell(stderr, "millrace build takes them out of what is served; millrace unload --undo {} brings them back\n",
       o.file_id);
}

Result<int> undo(Runtime& runtime, const std::string& file, bool as_json) {
  ingest::Loader& loader = runtime.pipeline().loader();
  MR_TRY(const ingest::Named found, loader.ledger().find(file, ingest::FileState::unloaded));
  const auto& sources = runtime.pipeline().sources();
  const auto source =
      std::find_if(sources.begin(), sources.end(), [&](const auto& s) { return s.name == found.source; });
  if (source == sources.end())
    return Error{ErrorKind::not_found,
                 fmt::format("{} belongs to source {}, which millrace.yaml does not name any more", found.entry.key,
                             found.source),
                 "bring the source back",
                 {}};
  const auto lines = make_reporter(Output::lines, stdout, stderr);
  loader.on_recorded = [&](const ingest::FileOutcome& o) {
    if (!as_json) lines->on_file(o);
  };
  const auto outcome = loader.bring_back(*source, found.entry);
  loader.on_recorded = {};
  if (!outcome) return outcome.error();
  if (as_json) tell(stdout, "{}\n", app::json_of(*outcome));
  return outcome->state == ingest::FileState::quarantined ? 1 : 0;
}

}  // namespace

int run_unload(const CommonOptions& common, const UnloadArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    if (a.undo) return undo(runtime, a.file, common.json);
    MR_TRY(const ingest::UnloadOutcome outcome,
           ingest::unload(runtime.session(), runtime.store(), runtime.pipeline().loader().archiver(), system_clock(),
                          runtime.pipeline().sources(), a.file));
    if (common.json)
      tell(stdout, "{}\n", json_of(outcome));
    else
      print(outcome);
    return 0;
  });
}

}  // namespace millrace::app
