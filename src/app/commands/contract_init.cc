// contract init: a first contract, written from data.
#include <fmt/format.h>

#include <filesystem>

#include "app/commands.h"
#include "app/draft_files.h"
#include "app/report_json.h"
#include "app/tell.h"
#include "base/files.h"
#include "base/json.h"
#include "base/words.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

/// "orders_2026.csv.gz" -> "orders_2026"
std::string name_from(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

Status put(const std::string& path, const std::string& text) {
  if (fs::exists(path))
    return Error{ErrorKind::conflict, fmt::format("{} is there already", path), "name another file with --out", {}};
  return write_file_atomically(path, text);
}

void print_json(const DraftReport& report, const std::string& out) {
  json::Writer w;
  w.begin_object()
      .member("contract", report.yaml)
      .member("out", out)
      .member("delimiter", std::string(1, report.delimiter))
      .member("records", report.records)
      .member("unreadable", report.unreadable)
      .member("first_unreadable", report.first_unreadable)
      .end_object();
  tell(stdout, "{}\n", w.text());
}

void print_talk(const DraftReport& report, const std::string& out) {
  tell(stderr, "{:<8} {} read{}\n", "contract", counted(report.records, "record"),
       out.empty() ? "" : "; written to " + out);
  if (report.delimiter != ',')
    tell(stderr, "{:<8} the delimiter is {}: declare it at the source\n", "note",
         report.delimiter == '\t' ? std::string("tab") : std::string(1, report.delimiter));
  if (report.unreadable > 0)
    tell(stderr, "{:<8} {} could not be read and says nothing; the first: {}\n", "note",
         counted(report.unreadable, "record"), printable(report.first_unreadable, 300));
}

Status draft(const ContractInitArguments& a, bool as_json) {
  const std::vector<fs::path> files(a.files.begin(), a.files.end());
  MR_TRY(const DraftReport report,
         draft_files(a.name.empty() ? name_from(files.front()) : a.name, files, system_clock().now()));
  if (!a.out.empty()) MR_CHECK(put(a.out, report.yaml));
  if (as_json) {
    print_json(report, a.out);
    return ok();
  }
  if (a.out.empty()) fmt::print("{}", report.yaml);
  std::fflush(stdout);
  print_talk(report, a.out);
  return ok();
}

}  // namespace

int run_contract_init(const CommonOptions& common, const ContractInitArguments& arguments) {
  const Status done = draft(arguments, common.json);
  return done ? 0 : finish_with(common, done.error());
}

}  // namespace millrace::app
