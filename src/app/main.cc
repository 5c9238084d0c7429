// The command line: words in, one command out.
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>

#include "app/commands.h"
#include "app/commands/lake_commands.h"
#include "app/commands/model_commands.h"
#include "app/version.gen.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "warehouse/duckdb/database.h"

namespace millrace::app {

std::string version_text() {
  return fmt::format(
      "millrace {}\n  {}\n  DuckDB {}\n  Boost {}, OpenSSL {}, fmt {}, yaml-cpp {}, simdjson {}, CLI11 {}",
      MILLRACE_VERSION, MILLRACE_COMPILER, warehouse::duckdb::library_version(), MILLRACE_BOOST, MILLRACE_OPENSSL,
      MILLRACE_FMT, MILLRACE_YAML_CPP, MILLRACE_SIMDJSON, CLI11_VERSION);
}

namespace {

struct Words {
  CommonOptions common;
  SampleArguments sample;
  ContractInitArguments contract_init;
  ContractVerifyArguments contract_verify;
  ContractDiffArguments contract_diff;
  QuarantineArguments quarantine;
  UnloadArguments unload;
  TraceArguments trace;
  std::string code, listen, folder = ".", log_level = "warn", log_format = "human";
  int parent = 0;
};

void add_common(CLI::App& command, Words& w) {
  command.add_option("-p,--project,--project-dir", w.common.project, "folder of the project")->capture_default_str();
  command.add_flag("--json", w.common.json, "results as JSON on stdout");
}

void add_sample(CLI::App& app, Words& w, std::function<int()>& run) {
  CLI::App* c = app.add_subcommand("sample", "write realistic order files to load, with defects");
  add_common(*c, w);
  c->add_option("--rows", w.sample.rows, "rows in all files together")->capture_default_str();
  c->add_option("--files", w.sample.files, "number of files")->capture_default_str();
  c->add_option("--seed", w.sample.seed, "equal seeds give equal bytes")->capture_default_str();
  c->add_option("--defects", w.sample.defects, "share of rows with a defect, 0 to 1")->capture_default_str();
  c->add_option("--out", w.sample.out, "folder to write to, instead of the project's landing folder");
  c->callback([&] { run = [&] { return run_sample(w.common, w.sample); }; });
}

void add_contract(CLI::App& app, Words& w, std::function<int()>& run) {
  CLI::App* contract = app.add_subcommand("contract", "propose, try and compare contracts");
  contract->require_subcommand(1);
  CLI::App* c = contract->add_subcommand("init", "write a first contract from files");
  c->add_flag("--json", w.common.json, "results as JSON on stdout");
  c->add_option("file", w.contract_init.files, "files of the source")->required();
  c->add_option("--name", w.contract_init.name, "name of the contract, instead of the first file's");
  c->add_option("--out", w.contract_init.out, "a file to write, instead of stdout");
  c->callback([&] { run = [&] { return run_contract_init(w.common, w.contract_init); }; });
  c = contract->add_subcommand("verify", "say what loading files would say, without loading them");
  add_common(*c, w);
  c->add_option("file", w.contract_verify.files, "files, instead of those in the landing folder");
  c->add_option("--source", w.contract_verify.source, "source of the project");
  c->add_option("--contract", w.contract_verify.contract, "another contract than the source's; needs no project");
  c->add_option("--delimiter", w.contract_verify.delimiter, "one character or tab, instead of the source's");
  c->callback([&] { run = [&] { return run_contract_verify(w.common, w.contract_verify); }; });
  c = contract->add_subcommand("diff", "say what a new contract would do to the files of the last days");
  add_common(*c, w);
  c->add_option("contract", w.contract_diff.contract, "the new contract")->required();
  c->add_option("--source", w.contract_diff.source, "source of the project");
  c->add_option("--days", w.contract_diff.days, "how far back")->capture_default_str()->check(CLI::Range(0, 36500));
  c->callback([&] { run = [&] { return run_contract_diff(w.common, w.contract_diff); }; });
}

void add_filter(CLI::App& command, Words& w) {
  add_common(command, w);
  ingest::QuarantineFilter& f = w.quarantine.filter;
  command.add_option("--source", f.source, "rows of this source");
  command.add_option("--file", f.file, "rows of this file: its key, its name or its id");
  command.add_option("--code", f.code, "rows with this code, by name or number: bad_integer, MR0113");
  command.add_option("--column", f.column, "rows broken in this column");
  command.add_option("--line", f.line, "the row that begins in this line");
  command.add_flag("--discarded", w.quarantine.discarded, "the discarded rows, instead of the open ones");
}

void add_quarantine(CLI::App& app, Words& w, std::function<int()>& run) {
  CLI::App* all = app.add_subcommand("quarantine", "look at rows that were set aside, take them back, or give them up");
  add_common(*all, w);
  all->require_subcommand(1);
  const auto add = [&](const char* name, const char* help,
                       int (*function)(const CommonOptions&, const QuarantineArguments&)) {
    CLI::App* c = all->add_subcommand(name, help);
    c->callback([&w, &run, function] { run = [&w, function] { return function(w.common, w.quarantine); }; });
    return c;
  };
  CLI::App* list = add("list", "the rows, and the files that were refused whole; or their counts", run_quarantine_list);
  add_filter(*list, w);
  list->add_flag("--summary", w.quarantine.summary, "counts by file and code");
  list->add_option("--limit", w.quarantine.limit, "most rows; 0: all")->capture_default_str();
  CLI::App* show = add("show", "one row, with its bytes, the reason and what to do", run_quarantine_show);
  add_common(*show, w);
  show->add_option("row", w.quarantine.row, "FILE:LINE, such as a.csv:17, or a FILE that was refused whole")
      ->required();
  CLI::App* out = add("export", "the rows as CSV or NDJSON, with file, line, code and reason", run_quarantine_export);
  add_filter(*out, w);
  out->add_option("--format", w.quarantine.format, "csv or ndjson")
      ->capture_default_str()
      ->check(CLI::IsMember({"csv", "ndjson"}));
  out->add_option("--out", w.quarantine.out, "a file, instead of stdout");
  out->add_flag("--raw", w.quarantine.raw, "CSV cells as they are, without the ' before what a spreadsheet would run");
  add_filter(*add("replay", "check rows and refused files again, and load those that pass now", run_quarantine_replay),
             w);
  CLI::App* discard =
      add("discard", "give rows and refused files up: never loaded, still counted", run_quarantine_discard);
  add_filter(*discard, w);
  discard->add_flag("--yes", w.quarantine.yes, "really");
}

void add_unload_and_trace(CLI::App& app, Words& w, std::function<int()>& run) {
  CLI::App* unload = app.add_subcommand("unload", "take one file's rows out again");
  add_common(*unload, w);
  unload->add_option("file", w.unload.file, "its key, its name or its id")->required();
  unload->add_flag("--undo", w.unload.undo, "load it again");
  unload->callback([&] { run = [&] { return run_unload(w.common, w.unload); }; });
  CLI::App* trace = app.add_subcommand("trace", "where a row comes from: file, line and bytes");
  add_common(*trace, w);
  trace->add_option("source", w.trace.source, "a source, its table, or an endpoint")->required();
  trace->add_option("key", w.trace.key, "the row's key; several values where it has several columns")->required();
  trace->callback([&] { run = [&] { return run_trace(w.common, w.trace); }; });
}

void add_commands(CLI::App& app, Words& w, std::function<int()>& run) {
  CLI::App* init = app.add_subcommand("init", "write a project: the orders example, with contract, models and tests");
  init->add_option("folder", w.folder, "where to")->capture_default_str();
  init->callback([&] { run = [&] { return run_init(w.folder); }; });
  add_sample(app, w, run);
  add_contract(app, w, run);
  const auto simple = [&](const char* name, const char* help, int (*function)(const CommonOptions&)) {
    CLI::App* c = app.add_subcommand(name, help);
    add_common(*c, w);
    c->callback([&w, &run, function] { run = [&w, function] { return function(w.common); }; });
    return c;
  };
  const auto rebuild = [&w](CLI::App* c) {
    c->add_flag("--rebuild", w.common.rebuild,
                "rename the warehouse and load processed/ into a new one; nothing is deleted");
  };
  CLI::App* load = simple("load", "load the files that have landed, each exactly once", run_load);
  load->add_flag("--wait", w.common.wait, "wait until each source has had a file, at most for its sensor's timeout");
  rebuild(load);
  add_model_commands(app, w.common, run);
  simple("doctor", "check machine and project; say what is wrong and what to do", run_doctor);
  const auto serving = [&](const char* name, const char* help,
                           int (*function)(const CommonOptions&, const std::string&)) {
    CLI::App* c = app.add_subcommand(name, help);
    add_common(*c, w);
    c->add_option("--listen", w.listen, "host:port, instead of serve.listen");
    c->callback([&w, &run, function] { run = [&w, function] { return function(w.common, w.listen); }; });
    return c;
  };
  add_quarantine(app, w, run);
  add_unload_and_trace(app, w, run);
  add_lake_commands(app, w.common, run);
  serving("serve", "serve what is published", run_serve);
  rebuild(serving("up", "load, build, test, publish and serve, until Ctrl-C", run_up));
  CLI::App* explain = app.add_subcommand("explain", "what a code means and what to do: explain MR0113");
  explain->add_option("code", w.code, "number or name; without it all codes are listed");
  explain->add_flag("--json", w.common.json, "as JSON");
  explain->callback([&] { run = [&] { return run_explain(w.code, w.common.json); }; });
  CLI::App* parquet = app.add_subcommand("read-parquet", "a Parquet file as text; for millrace itself")->group("");
  parquet->add_option("parent", w.parent, "process id of the millrace that waits for it")->required();
  parquet->callback([&] { run = [&] { return run_read_parquet(w.parent); }; });
  CLI::App* docs = app.add_subcommand("docs", "write reference pages")->group("");
  CLI::App* reference = docs->add_subcommand("reference", "write config.md and reject-codes.md");
  reference->add_option("folder", w.folder, "where to")->required();
  reference->callback([&] { run = [&] { return run_reference(w.folder); }; });
}

/// A first word that is no command is the usual slip: name it, and what was meant.
int refuse_unknown_command(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> known, shown;
  for (const CLI::App* c : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(c->get_name());
    if (!c->get_group().empty()) shown.push_back(c->get_name());
  }
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--log-level" || word == "--log-format") ++i;  // their values are no commands
    if (word.starts_with('-') || i >= argc) continue;
    if (std::find(known.begin(), known.end(), word) != known.end()) return 0;
    const std::string near = nearest(word, shown);
    print_error(stderr, {ErrorKind::invalid_input,
                         fmt::format("\"{}\" is no command of millrace", printable(word)),
                         near.empty() ? "one of: " + join(shown, ", ") : "millrace " + near,
                         {}});
    return 2;
  }
  return 0;
}

log::Level level_of(const std::string& name) {
  return name == "debug"   ? log::Level::debug
         : name == "info"  ? log::Level::info
         : name == "error" ? log::Level::error
                           : log::Level::warn;
}

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is an error of the write, not our end
  CLI::App app{"millrace: from raw order files to a JSON API, checked, loaded once, and traceable", "millrace"};
  Words words;
  std::function<int()> run;
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text);
  app.add_option("--log-level", words.log_level, "debug, info, warn or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  app.add_option("--log-format", words.log_format, "human or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"human", "json"}));
  app.fallthrough();
  add_commands(app, words, run);
  if (const int code = refuse_unknown_command(app, argc, argv); code != 0) return code;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  log::configure(level_of(words.log_level), words.log_format == "json" ? log::Format::json : log::Format::human,
                 system_clock());
  try {
    return run();
  } catch (const std::exception& e) {
    print_error(stderr, {ErrorKind::internal,
                         e.what(),
                         "this is a bug in millrace: please report it with the command and the files",
                         {}});
    return 2;
  }
}

}  // namespace
}  // namespace millrace::app

int main(int argc, char** argv) { return millrace::app::main(argc, argv); }
