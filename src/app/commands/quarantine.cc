// quarantine list, show, export, replay, discard.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/commands/quarantine_text.h"
#include "app/commands/with_runtime.h"
#include "app/tell.h"
#include "base/files.h"
#include "base/json.h"
#include "base/words.h"
#include "contract/reject.h"
#include "ingest/refused_files.h"
#include "ingest/replay.h"

namespace millrace::app {
namespace {

using ingest::QuarantinedRow;
using ingest::QuarantineFilter;

/// Codes may be given as numbers: MR0113.
Result<QuarantineFilter> filter_of(const QuarantineArguments& a) {
  QuarantineFilter filter = a.filter;
  if (a.discarded) filter.states = QuarantineFilter::States::discarded;
  if (filter.code.empty()) return filter;
  const RejectMeaning* meaning = find_meaning(filter.code);
  if (meaning == nullptr)
    return Error{ErrorKind::invalid_input,
                 fmt::format("\"{}\" is no code of millrace", printable(filter.code)),
                 "millrace explain, without a code, lists them all",
                 {}};
  filter.code = meaning->name;
  return filter;
}

std::string described(const QuarantineFilter& f) {
  std::string out = f.states == QuarantineFilter::States::discarded ? "nothing is discarded" : "nothing is quarantined";
  for (const auto& [name, value] : {std::pair{"source", f.source},
                                    {"file", f.file},
                                    {"code", f.code},
                                    {"column", f.column},
                                    {"line", f.line > 0 ? std::to_string(f.line) : ""}})
    if (!value.empty()) out += fmt::format(", {} {}", name, printable(value));
  return out;
}

std::string and_files(std::size_t files) {
  return files == 0 ? "" : fmt::format(" and {} refused whole", counted(static_cast<std::int64_t>(files), "file"));
}

Result<int> list_counts(Runtime& runtime, const QuarantineFilter& filter, bool as_json) {
  MR_TRY(const auto counts, ingest::quarantine_counts(runtime.session(), filter));
  json::Writer w;
  w.begin_array();
  std::int64_t rows = 0;
  for (const auto& c : counts) {
    rows += c.rows;
    w.begin_object().member("source", c.source).member("file", c.key).member("file_id", c.file_id);
    w.member("code", c.code).member("rows", c.rows).end_object();
    if (!as_json) tell(stdout, "{:>9}  {:<24} {}\n", with_thousands(c.rows), c.code, printable(c.key));
  }
  MR_TRY(const auto files, ingest::refused_files(runtime.session(), filter, 0));
  for (const auto& f : files) {
    w.begin_object().member("source", f.source).member("file", f.key).member("file_id", f.file_id);
    w.member("code", f.code).member("rows", 0).member("whole_file", true).end_object();
    if (!as_json) tell(stdout, "{:>9}  {:<24} {}\n", "file", f.code, printable(f.key));
  }
  w.end_array();
  if (as_json)
    tell(stdout, "{}\n", w.text());
  else
    tell(stderr, "{}\n",
         rows == 0 && files.empty() ? described(filter) : counted(rows, "row") + and_files(files.size()) + " in all");
  return 0;
}

/// "landing/orders/a.csv:17" or "12:17" with the file's id.
Status split_row(const std::string& text, QuarantineFilter& filter) {
  const auto colon = text.rfind(':');
  const char* end = text.data() + text.size();
  if (colon != std::string::npos && colon > 0) {
    const auto [at, ec] = std::from_chars(text.data() + colon + 1, end, filter.line);
    filter.file = text.substr(0, colon);
    if (ec == std::errc{} && at == end && filter.line > 0) return ok();
  }
  return Error{ErrorKind::invalid_input,
               fmt::format("found \"{}\", expected FILE:LINE", printable(text)),
               "for example a.csv:17; millrace quarantine list shows them",
               {}};
}

Result<int> write_export(const std::vector<QuarantinedRow>& rows, const QuarantineArguments& a) {
  std::string text = a.format == "csv" ? export_head() : std::string();
  for (const QuarantinedRow& r : rows) text += a.format == "csv" ? export_line(r, a.raw) : json_of(r) + "\n";
  if (a.out.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  MR_CHECK(write_file_atomically(a.out, text));
  tell(stderr, "{} written to {}\n", counted(static_cast<std::int64_t>(rows.size()), "row"), a.out);
  return 0;
}

std::string json_of(const ingest::ReplayOutcome& o) {
  json::Writer w;
  w.begin_object().member("source", o.source).member("key", o.key).member("file_id", o.file_id);
  w.member("replay_id", o.replay_id).member("checked", o.checked).member("loaded", o.loaded);
  w.member("code", o.code).member("reason", o.reason).key("rejects_by_code").begin_object();
  for (const auto& [code, n] : o.rejects_by_code) w.member(code, n);
  w.end_object().member("whole_file", false).end_object();
  return w.text();
}

std::string json_of(const std::vector<ingest::FileReplay>& files, const std::vector<ingest::ReplayOutcome>& rows) {
  std::string out;
  for (const auto& f : files) out += (out.empty() ? "" : ",") + app::json_of(f);
  for (const auto& r : rows) out += (out.empty() ? "" : ",") + json_of(r);
  return "[" + out + "]";
}

void print_replay(const ingest::ReplayOutcome& o) {
  if (!o.code.empty()) {
    tell(stdout, "{:<8} {}  {} not read, {}: {}\n", "replay", printable(o.key), counted(o.checked, "row"), o.code,
         printable(o.reason, 300));
    return;
  }
  std::string codes;
  for (const auto& [code, n] : o.rejects_by_code)
    codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", code, with_thousands(n));
  const std::int64_t left = o.checked - o.loaded;
  tell(stdout, "{:<8} {}  {} of {} loaded{}\n", "replay", printable(o.key), with_thousands(o.loaded),
       counted(o.checked, "row"),
       left == 0 ? ""
                 : fmt::format(", {} still broken{}", with_thousands(left), codes.empty() ? "" : " (" + codes + ")"));
}

}  // namespace

int run_quarantine_list(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    MR_TRY(const QuarantineFilter filter, filter_of(a));
    if (a.summary) return list_counts(runtime, filter, common.json);
    MR_TRY(const auto rows, ingest::quarantined_rows(runtime.session(), filter, a.limit > 0 ? a.limit + 1 : 0));
    const std::size_t shown = a.limit > 0 ? std::min(rows.size(), static_cast<std::size_t>(a.limit)) : rows.size();
    MR_TRY(const auto files, ingest::refused_files(runtime.session(), filter, 0));
    if (shown < rows.size()) tell(stderr, "… more than {}: --limit 0 shows all, --summary counts them\n", shown);
    if (common.json) {
      std::string text;
      for (std::size_t i = 0; i < shown; ++i) text += (text.empty() ? "" : ",") + json_of(rows[i]);
      for (const auto& f : files) text += (text.empty() ? "" : ",") + json_of(f);
      tell(stdout, "[{}]\n", text);
      return 0;
    }
    for (std::size_t i = 0; i < shown; ++i)
      tell(stdout, "{}:{}  {}  {}\n", printable(rows[i].key), rows[i].line, rows[i].code,
           printable(rows[i].reason, 200));
    for (const auto& f : files)
      tell(stdout, "{}  the whole file, {}  {}\n", printable(f.key), f.code, printable(f.reason, 200));
    if (rows.empty() && files.empty()) tell(stderr, "{}\n", described(filter));
    if (!files.empty())
      tell(stderr, "millrace quarantine show FILE says what to do with a file that was refused whole\n");
    if (!rows.empty()) tell(stderr, "millrace quarantine show FILE:LINE shows one with its bytes and what to do\n");
    return 0;
  });
}

int run_quarantine_show(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    QuarantineFilter filter;
    filter.states = QuarantineFilter::States::both;
    filter.file = a.row;
    MR_TRY(const auto files, ingest::refused_files(runtime.session(), filter, 0));
    for (const auto& f : files) tell(stdout, "{}\n", common.json ? json_of(f) : shown(f));
    if (!files.empty()) return 0;
    MR_CHECK(split_row(a.row, filter));
    MR_TRY(const auto rows, ingest::quarantined_rows(runtime.session(), filter, 0));
    for (const QuarantinedRow& r : rows) {
      const auto& sources = runtime.pipeline().sources();
      const auto source =
          std::find_if(sources.begin(), sources.end(), [&](const auto& s) { return s.name == r.source; });
      const auto layout = source == sources.end() ? std::nullopt : layout_of(runtime, *source, r);
      tell(stdout, "{}\n", common.json ? json_of(r) : shown(r, layout));
    }
    if (!rows.empty()) return 0;
    tell(stderr, "{}\n", described(filter));
    return 1;
  });
}

int run_quarantine_export(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    MR_TRY(const QuarantineFilter filter, filter_of(a));
    MR_TRY(const auto rows, ingest::quarantined_rows(runtime.session(), filter, 0));
    MR_TRY(const auto files, ingest::refused_files(runtime.session(), filter, 0));
    if (!files.empty())
      tell(stderr, "{} refused whole: not in the export, see millrace quarantine list\n",
           counted(static_cast<std::int64_t>(files.size()), "file"));
    return write_export(rows, a);
  });
}

int run_quarantine_replay(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    MR_TRY(const QuarantineFilter filter, filter_of(a));
    // Files first: what they bring may be what a row is compared with.
    MR_TRY(const auto files,
           ingest::replay_files(runtime.session(), runtime.pipeline().loader(), runtime.pipeline().sources(), filter));
    ingest::Replayer replayer(runtime.session(), runtime.store(), system_clock());
    MR_TRY(const auto outcomes, replayer.run(runtime.pipeline().sources(), filter));
    std::int64_t loaded = 0;
    bool changed = false, refused = false;
    for (const auto& o : outcomes) {
      loaded += o.loaded;
      changed = changed || o.replay_id > 0;
      refused = refused || !o.code.empty();
    }
    for (const auto& f : files) {
      loaded += f.outcome.rows_loaded;
      changed = changed || f.outcome.file_id > 0;
    }
    if (common.json) {
      tell(stdout, "{}\n", json_of(files, outcomes));
    } else {
      for (const auto& f : files) tell(stdout, "{}\n", told(f));
      for (const auto& o : outcomes)
        if (o.replay_id > 0 || !o.code.empty()) print_replay(o);
      if (outcomes.empty() && files.empty())
        tell(stdout, "{}\n", described(filter));
      else if (!changed && !refused && !outcomes.empty())
        tell(stdout, "nothing has changed: every row is still broken in the same way\n");
      if (loaded > 0) tell(stderr, "millrace build brings them to where they are served\n");
    }
    return refused ? 1 : 0;
  });
}

int run_quarantine_discard(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    MR_TRY(const QuarantineFilter filter, filter_of(a));
    if (!a.yes) {
      MR_TRY(const auto counts, ingest::quarantine_counts(runtime.session(), filter));
      std::int64_t rows = 0;
      for (const auto& c : counts) rows += c.rows;
      MR_TRY(const auto files, ingest::refused_files(runtime.session(), filter, 0));
      return Error{
          ErrorKind::invalid_input,
          fmt::format("{}{} would be discarded; nothing was changed", counted(rows, "row"), and_files(files.size())),
          "add --yes; they stay counted as quarantined, and quarantine replay --discarded can bring them back",
          {}};
    }
    MR_TRY(const ingest::Discarded gone, ingest::discard(runtime.session(), filter));
    if (common.json)
      tell(stdout, "{{\"discarded\":{},\"discarded_files\":{}}}\n", gone.rows, gone.files);
    else
      tell(stdout, "{:<8} {}{}\n", "discard", counted(gone.rows, "row"),
           and_files(static_cast<std::size_t>(gone.files)));
    return 0;
  });
}

}  // namespace millrace::app
