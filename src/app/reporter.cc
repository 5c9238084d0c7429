#include "app/reporter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "app/report_json.h"
#include "app/tell.h"
#include "base/words.h"

namespace millrace::app {
namespace {

using ingest::FileOutcome;
using ingest::FileState;
using schedule::BuildReport;

void print(std::FILE* to, const std::string& line) {
  tell_text(to, line + "\n");
  std::fflush(to);
}

/// 1: the data or who delivers it; 2: anything else.
int exit_code_of(const Error& e) {
  return e.kind == ErrorKind::contract_violation || e.kind == ErrorKind::deadline_exceeded ? 1 : 2;
}

std::string seconds(std::chrono::milliseconds ms) { return to_words(ms); }

/// "bad_integer 3, missing_value 1", most frequent first.
std::string by_code(const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::pair<std::int64_t, std::string>> codes;
  for (const auto& [code, n] : counts) codes.emplace_back(-n, code);
  std::sort(codes.begin(), codes.end());
  std::vector<std::string> parts;
  for (const auto& [n, code] : codes) parts.push_back(fmt::format("{} {}", code, with_thousands(-n)));
  return join(parts, ", ");
}

/// All warnings are counted, the first ones are kept with their lines.
std::string kept_of(const FileOutcome& o) {
  std::int64_t told = 0;
  for (const auto& [code, n] : o.warnings_by_code) told += n;
  return o.flags_kept == 0 || o.flags_kept >= told
             ? ""
             : fmt::format("; millrace.flags keeps {} of them", with_thousands(o.flags_kept));
}

/// What happened to the file, in a few words.
std::string verdict_of(const FileOutcome& o) {
  const std::string rows = counted(o.rows_loaded, "row");
  if (o.finished_move)
    return fmt::format("was loaded before (file {}); its move to {} is finished now", o.file_id, o.archive_key);
  switch (o.state) {
    case FileState::empty: return "empty: no rows; kept in " + o.archive_key;
    case FileState::duplicate:
      if (o.replaced_older)
        return fmt::format("recognised: these bytes are loaded already, from {}; the older version's rows are gone",
                           o.duplicate_of);
      return o.duplicate_of == o.key
                 ? "recognised: these bytes are loaded already, nothing changed"
                 : fmt::format("recognised: these bytes are loaded already, from {}; nothing changed", o.duplicate_of);
    case FileState::expired: return "EXPIRED: " + o.reason;
    case FileState::quarantined: return fmt::format("refused, {}: {}", o.code, printable(o.reason, 300));
    default: break;
  }
  std::string text = rows;
  if (o.replaced_older) text += ", replacing the older version's";
  if (o.from_archive) text += ", loaded again from the archive";
  if (o.rows_quarantined > 0)
    text += fmt::format(", {} quarantined ({})", with_thousands(o.rows_quarantined), by_code(o.rejects_by_code));
  if (o.rows_flagged > 0) text += fmt::format(", {} flagged", with_thousands(o.rows_flagged));
  return text + ", " + seconds(o.elapsed);
}

class LineReporter final : public Reporter {
 public:
  LineReporter(std::FILE* out, std::FILE* talk) : out_(out), talk_(talk), terminal_(::isatty(::fileno(talk)) == 1) {}

  void on_file(const FileOutcome& o) override {
    clear_progress();
    if (o.state == FileState::quarantined) failed_ = true;
    line("load", fmt::format("{}  {}", printable(o.key), verdict_of(o)));
    for (std::size_t i = 0; i < o.examples.size() && i < 3; ++i) detail(o.examples[i]);
    if (o.rows_quarantined > 3)
      line("", fmt::format("  … all {}: millrace quarantine list --file {}", with_thousands(o.rows_quarantined),
                           printable(o.key)));
    if (!o.warnings_by_code.empty()) line("", "  warnings: " + by_code(o.warnings_by_code) + kept_of(o));
    for (std::size_t i = 0; i < o.flag_examples.size() && i < 3; ++i) detail(o.flag_examples[i]);
    if (o.state == FileState::quarantined && !o.finished_move) line("", "  the file is kept in " + o.archive_key);
  }
  void on_ignored(const lake::Ignored& i) override {
    clear_progress();
    print(talk_, fmt::format("{:<8} {}  {}", "ignored", printable(i.key), i.reason));
  }
  void on_sensed(const ingest::HandedOn& h) override {
    if (h.set.empty()) return;  // the files say it themselves
    clear_progress();
    print(talk_, fmt::format("{:<8} {}  all {} are there", "complete", printable(h.set),
                             counted(static_cast<std::int64_t>(h.objects.size()), "file")));
  }
  void on_held(const ingest::HeldBack& h) override {
    clear_progress();
    print(talk_, fmt::format("{:<8} {}  {}", "held", printable(h.what), h.reason));
  }
  void on_timeout(const Error& e, bool soft) override {
    if (!soft) return on_error(e);
    clear_progress();
    print(talk_, fmt::format("{:<8} {}", "skipped", e.message));
  }
  void on_progress(const std::string& key, std::uint64_t bytes, std::uint64_t of) override {
    if (!terminal_ || of < (16U << 20)) return;
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_progress_ < std::chrono::milliseconds(100)) return;
    last_progress_ = now;
    progress_shown_ = true;
    fmt::print(talk_, "\r{:<8} {}  {:.0f} % of {}\x1b[K", "load", printable(key),
               100.0 * static_cast<double>(bytes) / static_cast<double>(of), bytes_in_words(of));
    std::fflush(talk_);
  }
  void on_build(const BuildReport& r) override {
    clear_progress();
    for (const std::string& w : r.warnings) print(talk_, fmt::format("{:<8} {}", "note", w));
    if (r.up_to_date) return line("build", fmt::format("nothing has changed, generation {} stays", r.generation));
    for (const auto& m : r.run.results) print_model(m);
    print_tests(r);
    if (!r.refused.empty()) {
      failed_ = true;
      print_refusal(r);
    } else if (r.published) {
      line("publish", fmt::format("generation {}, {}", r.generation, seconds(r.elapsed)));
    }
    // dbt's closing line, which other tools look for.
    const transform::Totals t = r.run.totals();
    print(out_, fmt::format("Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP={} TOTAL={}", t.pass, t.warn, t.error, t.skip,
                            t.no_op, t.total()));
  }
  void on_error(const Error& e) override {
    clear_progress();
    print_error(talk_, e);
  }
  void on_blocked(const Error& e) override {
    failed_ = true;
    on_error(e);
  }
  void on_serving(const std::string& address, const std::vector<std::string>& paths) override {
    for (const std::string& path : paths) line("serve", fmt::format("http://{}{}", address, path));
    if (paths.empty()) line("serve", fmt::format("http://{}/", address));
  }
  void say(const std::string& text) override {
    clear_progress();
    print(talk_, text);
  }
  int finish(const Status& status) override {
    clear_progress();
    if (status) return failed_ ? 1 : 0;
    print_error(talk_, status.error());
    return exit_code_of(status.error());
  }

 private:
  void line(std::string_view what, const std::string& text) { print(out_, fmt::format("{:<8} {}", what, text)); }
  void detail(const Reject& r) {
    const std::string where = r.line > 0 ? fmt::format("line {}", r.line) : r.column.empty() ? "file" : r.column;
    line("", fmt::format("  {}, {}: {}", where, name_of(r.code), printable(r.reason, 200)));
  }
  void print_model(const transform::NodeResult& m) {
    using transform::RunStatus;
    if (m.type == transform::ResourceType::test) return;
    const std::string what = m.relation.empty() ? m.name : m.relation;
    const std::string_view verb = m.type == transform::ResourceType::seed ? "seed" : "build";
    if (m.status == RunStatus::success)
      return line(verb, fmt::format("{}  {}{}, {}", what, m.materialized,
                                    m.rows < 0 ? "" : ", " + counted(m.rows, "row"), seconds(m.elapsed())));
    if (m.status == RunStatus::skipped) return line(verb, fmt::format("{}  skipped", what));
    if (m.status == RunStatus::no_op) return line(verb, fmt::format("{}  {}", what, m.message));
    line(verb, fmt::format("{}  {}, ERROR", what, m.materialized));
    print_failure(m);
  }
  /// What went wrong with a node, line by line, and what to do.
  void print_failure(const transform::NodeResult& m) {
    std::string_view rest = m.message;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      line("", "  " + std::string(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!m.hint.empty()) line("", "  try: " + m.hint);
  }
  void print_refusal(const BuildReport& r) {
    const bool gated = !r.run.committed;
    if (!r.serves && gated)
      line("refused", "nothing has changed: what failed rolls everything back (--no-gate keeps what was built)");
    else if (!r.serves)
      return;
    else if (r.generation > 0)
      line("refused", fmt::format("nothing was published; generation {} is still served", r.generation));
    else if (gated)
      line("refused", "nothing was published, and nothing was before");
  }
  void print_tests(const BuildReport& r) {
    using transform::RunStatus;
    const transform::Totals t = quality::test_totals(r.run);
    if (t.total() == 0) return;
    line("test", fmt::format("{} passed, {} warned, {} failed{}", t.pass, t.warn, t.error,
                             t.skip > 0 ? fmt::format(", {} not run", t.skip) : ""));
    for (const auto& run : r.run.results) {
      if (run.type != transform::ResourceType::test) continue;
      if (run.status == RunStatus::error) {
        line("", fmt::format("  error  {}", run.name));
        print_failure(run);
      }
      if (run.status != RunStatus::fail && run.status != RunStatus::warn) continue;
      line("", fmt::format("  {}  {}{}: {}", name_of(run.status), run.name, run.about.empty() ? "" : " on " + run.about,
                           counted(run.failures, "row")));
      for (std::size_t i = 0; i < run.examples.size() && i < 3; ++i)
        line("", "        " + printable(run.examples[i], 300));
      if (!run.stored_in.empty()) line("", "        all of them: select * from " + run.stored_in);
    }
  }
  void clear_progress() {
    const std::lock_guard lock(mutex_);
    if (!progress_shown_) return;
    std::fputs("\r\x1b[K", talk_);
    progress_shown_ = false;
  }

  std::FILE* out_;
  std::FILE* talk_;
  bool terminal_;
  bool failed_ = false;
  std::mutex mutex_;  // guards the two below: progress comes from reading threads
  bool progress_shown_ = false;
  std::chrono::steady_clock::time_point last_progress_{};
};

/// One document at the end, or one line for each event.
class JsonReporter final : public Reporter {
 public:
  JsonReporter(std::FILE* out, std::FILE* talk, bool each_line) : out_(out), talk_(talk), each_line_(each_line) {}

  void on_file(const FileOutcome& o) override {
    failed_ = failed_ || o.state == FileState::quarantined;
    add("file", files_, json_of(o));
  }
  void on_ignored(const lake::Ignored& i) override { add("ignored", ignored_, json_of(i)); }
  void on_sensed(const ingest::HandedOn& h) override { add("sensed", sensed_, json_of(h)); }
  void on_held(const ingest::HeldBack& h) override { add("held", held_, json_of(h)); }
  void on_timeout(const Error& e, bool soft) override {
    if (!soft) return on_error(e);
    add("skipped", skipped_, json_of(e));
  }
  void on_build(const BuildReport& r) override {
    failed_ = failed_ || !r.refused.empty();
    build_ = json_of(r);
    if (each_line_) event("build", build_);
  }
  void on_error(const Error& e) override { add("error", errors_, json_of(e)); }
  void on_blocked(const Error& e) override {
    failed_ = true;
    on_error(e);
  }
  void on_serving(const std::string& address, const std::vector<std::string>& paths) override {
    if (each_line_) event("serving", json_of_serving(address, paths));
  }
  void say(const std::string& text) override { print(talk_, text); }
  int finish(const Status& status) override {
    if (!status) on_error(status.error());
    const int code = status ? (failed_ ? 1 : 0) : exit_code_of(status.error());
    if (!each_line_)
      print(out_,
            fmt::format(R"({{"sensed":[{}],"files":[{}],"ignored":[{}],"held":[{}],"skipped":[{}],"build":{},)"
                        R"("errors":[{}],"exit_code":{}}})",
                        sensed_, files_, ignored_, held_, skipped_, build_.empty() ? "null" : build_, errors_, code));
    return code;
  }

 private:
  void event(std::string_view name, const std::string& json) {
    print(out_, fmt::format(R"({{"event":"{}","{}":{}}})", name, name, json));
  }
  void add(std::string_view name, std::string& list, const std::string& json) {
    if (each_line_) return event(name, json);
    if (!list.empty()) list += ',';
    list += json;
  }
  std::FILE* out_;
  std::FILE* talk_;
  bool each_line_, failed_ = false;
  std::string sensed_, files_, ignored_, held_, skipped_, build_, errors_;
};

}  // namespace

std::unique_ptr<Reporter> make_reporter(Output output, std::FILE* out, std::FILE* talk) {
  if (output == Output::lines) return std::make_unique<LineReporter>(out, talk);
  return std::make_unique<JsonReporter>(out, talk, output == Output::json_lines);
}

void print_error(std::FILE* talk, const Error& error) {
  print(talk, "error: " + error.message);
  for (const std::string& step : error.trail) print(talk, "  in " + step);
  if (!error.hint.empty()) print(talk, "  try: " + error.hint);
}

}  // namespace millrace::app
