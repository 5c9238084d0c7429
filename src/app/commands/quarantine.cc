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
  std::string out = f.states == QuarantineFilter::States::discarded ? "no discarded rows" : "no rows are quarantined";
  for (const auto& [name, value] : {std::pair{"source", f.source},
                                    {"file", f.file},
                                    {"code", f.code},
                                    {"column", f.column},
                                    {"line", f.line > 0 ? std::to_string(f.line) : ""}})
    if (!value.empty()) out += fmt::format(", {} {}", name, printable(value));
  return out;
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
  w.end_array();
  if (as_json)
    tell(stdout, "{}\n", w.text());
  else
    tell(stderr, "{}\n", rows == 0 ? described(filter) : counted(rows, "row") + " in all");
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

std::string json_of(const std::vector<ingest::ReplayOutcome>& outcomes) {
  json::Writer w;
  w.begin_array();
  for (const auto& o : outcomes) {
    w.begin_object().member("source", o.source).member("key", o.key).member("file_id", o.file_id);
    w.member("replay_id", o.replay_id).member("checked", o.checked).member("loaded", o.loaded);
    w.member("code", o.code).member("reason", o.reason).key("rejects_by_code").begin_object();
    for (const auto& [code, n] : o.rejects_by_code) w.member(code, n);
    w.end_object().end_object();
  }
  w.end_array();
  return w.text();
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
    if (common.json) {
      std::string text;
      for (std::size_t i = 0; i < shown; ++i) text += (i > 0 ? "," : "") + json_of(rows[i]);
      tell(stdout, "[{}]\n", text);
      return 0;
    }
    for (std::size_t i = 0; i < shown; ++i)
      tell(stdout, "{}:{}  {}  {}\n", printable(rows[i].key), rows[i].line, rows[i].code,
           printable(rows[i].reason, 200));
    if (rows.empty()) tell(stderr, "{}\n", described(filter));
    if (shown < rows.size()) tell(stderr, "… more than {}: --limit 0 shows all, --summary counts them\n", shown);
    if (!rows.empty()) tell(stderr, "millrace quarantine show FILE:LINE shows one with its bytes and what to do\n");
    return 0;
  });
}

int run_quarantine_show(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    QuarantineFilter filter;
    MR_CHECK(split_row(a.row, filter));
    filter.states = QuarantineFilter::States::both;
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
    return write_export(rows, a);
  });
}

int run_quarantine_replay(const CommonOptions& common, const QuarantineArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    MR_TRY(const QuarantineFilter filter, filter_of(a));
    ingest::Replayer replayer(runtime.session(), runtime.store(), system_clock());
    MR_TRY(const auto outcomes, replayer.run(runtime.pipeline().sources(), filter));
    std::int64_t loaded = 0;
    bool changed = false, refused = false;
    for (const auto& o : outcomes) {
      loaded += o.loaded;
      changed = changed || o.replay_id > 0;
      refused = refused || !o.code.empty();
    }
    if (common.json) {
      tell(stdout, "{}\n", json_of(outcomes));
    } else {
      for (const auto& o : outcomes)
        if (o.replay_id > 0 || !o.code.empty()) print_replay(o);
      if (outcomes.empty())
        tell(stdout, "{}\n", described(filter));
      else if (!changed && !refused)
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
      return Error{ErrorKind::invalid_input,
                   fmt::format("{} would be discarded; nothing was changed", counted(rows, "row")),
                   "add --yes; they stay counted as quarantined, and quarantine replay --discarded can bring them back",
                   {}};
    }
    MR_TRY(const std::int64_t rows, ingest::discard(runtime.session(), filter));
    if (common.json)
      tell(stdout, "{{\"discarded\":{}}}\n", rows);
    else
      tell(stdout, "{:<8} {}\n", "discard", counted(rows, "row"));
    return 0;
  });
}

}  // namespace millrace::app
