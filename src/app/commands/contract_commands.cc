// contract verify, contract diff.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "app/commands.h"
#include "app/config.h"
#include "app/dry_run.h"
#include "app/lake_store.h"
#include "app/report_json.h"
#include "app/tell.h"
#include "app/warehouse_file.h"
#include "base/json.h"
#include "base/words.h"
#include "contract/changes.h"
#include "ingest/key_pattern.h"
#include "ingest/ledger.h"

namespace millrace::app {
namespace {

using ingest::FileOutcome;
using ingest::Source;

constexpr std::size_t kExamplesShown = 3;

/// The source that is meant; `name` may be empty where there is one only.
Result<Source> source_of(const Config& config, const std::string& name) {
  MR_TRY(std::vector<Source> sources, load_sources(config));
  std::vector<std::string> names;
  for (Source& source : sources) {
    if (source.name == name || (name.empty() && sources.size() == 1)) return std::move(source);
    names.push_back(source.name);
  }
  if (name.empty())
    return Error{ErrorKind::invalid_input,
                 fmt::format("the project has {} sources", names.size()),
                 "name one with --source: " + join(names, ", "),
                 {}};
  const std::string near = nearest(name, names);
  return Error{ErrorKind::not_found,
               fmt::format("the project has no source \"{}\"", printable(name)),
               near.empty() ? "one of: " + join(names, ", ") : "--source " + near,
               {}};
}

/// What files are checked by, without a project: the contract alone.
Result<Source> source_without_project(const ContractVerifyArguments& a) {
  Source source;
  MR_TRY(source.contract, load_contract(a.contract));
  source.name = source.contract.name;
  source.table = {"raw", "rows"};
  return source;
}

Result<Source> source_to_verify(const CommonOptions& common, const ContractVerifyArguments& a) {
  const bool alone = !a.contract.empty() && a.source.empty();
  Source source;
  if (alone) {
    MR_TRY(source, source_without_project(a));
  } else {
    MR_TRY(const Config config, load_config(common.project));
    MR_TRY(source, source_of(config, a.source));
    if (!a.contract.empty()) {
      MR_TRY(source.contract, load_contract(a.contract));
    }
  }
  if (!a.delimiter.empty()) {
    if (a.delimiter != "tab" && a.delimiter.size() != 1)
      return Error{ErrorKind::invalid_input,
                   fmt::format("found --delimiter \"{}\", expected one character or tab", printable(a.delimiter)),
                   {},
                   {}};
    source.dialect.delimiter = a.delimiter == "tab" ? '\t' : a.delimiter[0];
  }
  return source;
}

std::string by_code(const std::map<std::string, std::int64_t>& codes) {
  std::vector<std::string> parts;
  for (const auto& [code, n] : codes) parts.push_back(fmt::format("{} {}", code, with_thousands(n)));
  return join(parts, ", ");
}

bool is_refused(const FileOutcome& o) { return o.state == ingest::FileState::quarantined; }
bool is_good(const FileOutcome& o) { return !is_refused(o) && o.rows_quarantined == 0; }

void print_examples(const std::string& key, const std::vector<Reject>& examples) {
  for (std::size_t i = 0; i < std::min(examples.size(), kExamplesShown); ++i)
    tell(stdout, "{:<8}   {}:{}: {}: {}\n", "", printable(key), examples[i].line, name_of(examples[i].code),
         printable(examples[i].reason, 200));
}

std::string in_words(const FileOutcome& o) {
  if (is_refused(o)) return fmt::format("refused, {}: {}", o.code, printable(o.reason, 300));
  std::string text = fmt::format("{}: {} good", counted(o.records, "record"), with_thousands(o.rows_loaded));
  if (o.rows_quarantined > 0)
    text += fmt::format(", {} rejected ({})", with_thousands(o.rows_quarantined), by_code(o.rejects_by_code));
  if (!o.warnings_by_code.empty())
    text += fmt::format(", {} flagged ({})", with_thousands(o.rows_flagged), by_code(o.warnings_by_code));
  return text;
}

/// An object of the project's lake by its address.
Result<NamedFile> open_named_object(const CommonOptions& common, const std::string& address) {
  MR_TRY(const Config config, load_config(common.project));
  if (!address.starts_with(config.lake.url))
    return Error{ErrorKind::invalid_input,
                 fmt::format("{} is not in the project's lake, {}", printable(address), config.lake.url),
                 "name an object of the lake, or a file of this machine",
                 {}};
  NamedFile out;
  MR_TRY(OpenedLake opened, open_lake(config, system_clock()));
  out.store = std::move(opened.store);
  MR_TRY(const auto object, out.store->head(address.substr(config.lake.url.size())));
  if (!object) return Error{ErrorKind::not_found, fmt::format("{} is not there", printable(address)), {}, {}};
  out.object = *object;
  return out;
}

/// The files to look at: those named, or those that wait in the landing folder.
Result<std::vector<NamedFile>> files_to_verify(const CommonOptions& common, const ContractVerifyArguments& a,
                                               const Source& source) {
  std::vector<NamedFile> out;
  for (const std::string& path : a.files) {
    MR_TRY(NamedFile file, path.starts_with("s3://") ? open_named_object(common, path) : open_named_file(path));
    out.push_back(std::move(file));
  }
  if (!a.files.empty() || source.pattern.empty()) return out;
  MR_TRY(const Config config, load_config(common.project));
  MR_TRY(OpenedLake opened, open_lake(config, system_clock()));
  const std::shared_ptr<lake::ObjectStore> store = std::move(opened.store);
  MR_TRY(const auto keys, ingest::KeyPattern::compile(source.pattern));
  MR_TRY(const lake::Listing listing, store->list(source.folder()));
  for (const lake::ObjectInfo& object : listing.objects)
    if (keys.matches(object.key)) out.push_back({store, object});
  return out;
}

Result<bool> verify(const CommonOptions& common, const ContractVerifyArguments& a) {
  MR_TRY(const Source source, source_to_verify(common, a));
  MR_TRY(const std::vector<NamedFile> files, files_to_verify(common, a, source));
  if (files.empty())
    return Error{
        ErrorKind::invalid_input, "there is no file to verify", "name files: millrace contract verify FILE...", {}};
  bool good = true;
  std::string json;
  for (const NamedFile& file : files) {
    MR_TRY(const DryRun run, dry_run(source, *file.store, file.object));
    good = good && is_good(run.outcome);
    if (common.json) {
      json += (json.empty() ? "" : ",") + json_of(run.outcome);
      continue;
    }
    tell(stdout, "{:<8} {}  {}\n", is_good(run.outcome) ? "good" : "broken", printable(run.outcome.key),
         in_words(run.outcome));
    print_examples(run.outcome.key, run.outcome.examples);
    print_examples(run.outcome.key, run.outcome.flag_examples);
  }
  if (common.json)
    tell(stdout, "{{\"source\":{},\"good\":{},\"files\":[{}],\"exit_code\":{}}}\n", quoted_json(source.name), good,
         json, good ? 0 : 1);
  return good;
}

/// One file under two contracts.
struct Compared {
  std::string key;
  FileOutcome before, after;
  std::vector<Reject> lost, gained;  ///< rows that the new contract rejects, or takes, and the old one did not
  std::int64_t rows_lost = 0, rows_gained = 0;
};

std::vector<Reject> without(const std::vector<Reject>& rejects, const std::vector<Reject>& others) {
  std::set<std::int64_t> lines;
  for (const Reject& r : others) lines.insert(r.line);
  std::vector<Reject> out;
  for (const Reject& r : rejects)
    if (!lines.contains(r.line)) out.push_back(r);
  return out;
}

Result<Compared> compare(const Source& before, const Source& after, lake::ObjectStore& store,
                         const lake::ObjectInfo& object, const std::string& key) {
  Compared out;
  MR_TRY(DryRun old, dry_run(before, store, object));
  MR_TRY(DryRun now, dry_run(after, store, object));
  out.key = old.outcome.key = now.outcome.key = key;
  if (is_refused(old.outcome) || is_refused(now.outcome)) {
    out.rows_lost = is_refused(now.outcome) ? old.outcome.rows_loaded : 0;
    out.rows_gained = is_refused(old.outcome) ? now.outcome.rows_loaded : 0;
  } else {
    out.lost = without(now.rejects, old.rejects);
    out.gained = without(old.rejects, now.rejects);
    out.rows_lost = static_cast<std::int64_t>(out.lost.size());
    out.rows_gained = static_cast<std::int64_t>(out.gained.size());
  }
  out.before = std::move(old.outcome);
  out.after = std::move(now.outcome);
  return out;
}

struct Difference {
  std::vector<ContractChange> changes;
  std::vector<Compared> files;
  std::vector<std::string> missing;  ///< archive keys whose bytes are gone
  std::int64_t rows_lost = 0, rows_gained = 0;
};

Result<std::vector<ingest::Entry>> files_since(const Config& config, const Source& source, int days) {
  if (!std::filesystem::exists(config.warehouse)) return std::vector<ingest::Entry>{};  // nothing was loaded yet
  MR_TRY(const auto warehouse, open_warehouse_to_read(config));
  MR_TRY(const auto session, warehouse->connect());
  MR_TRY(const auto kind, session->kind_of({"millrace", "ledger"}));
  if (kind == warehouse::RelationKind::none) return std::vector<ingest::Entry>{};
  const WallTime since = system_clock().now() - std::chrono::hours(24) * days;
  return ingest::Ledger(*session).taken_since(source, to_sql_timestamp(since));
}

Result<Difference> difference(const CommonOptions& common, const ContractDiffArguments& a) {
  MR_TRY(const Config config, load_config(common.project));
  MR_TRY(const Source before, source_of(config, a.source));
  Source after = before;
  MR_TRY(after.contract, load_contract(a.contract));
  Difference out;
  out.changes = changes_between(before.contract, after.contract);
  MR_TRY(const auto entries, files_since(config, before, a.days));
  MR_TRY(const OpenedLake opened, open_lake(config, system_clock()));
  lake::ObjectStore* const store = opened.store.get();
  for (const ingest::Entry& e : entries) {
    MR_TRY(const auto object, store->head(e.archive_key));
    if (!object) {
      out.missing.push_back(e.archive_key);
      continue;
    }
    MR_TRY(Compared file, compare(before, after, *store, *object, e.key));
    out.rows_lost += file.rows_lost;
    out.rows_gained += file.rows_gained;
    out.files.push_back(std::move(file));
  }
  return out;
}

/// "bad_integer 3, missing_value 0 (was 2)": what each contract rejects, where they do not agree.
std::string codes_in_words(const Compared& file) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> codes;
  for (const auto& [code, n] : file.before.rejects_by_code) codes[code].first = n;
  for (const auto& [code, n] : file.after.rejects_by_code) codes[code].second = n;
  std::vector<std::string> parts;
  for (const auto& [code, n] : codes)
    if (n.first != n.second)
      parts.push_back(fmt::format("{} {} (was {})", code, with_thousands(n.second), with_thousands(n.first)));
  return parts.empty() ? "" : "; " + join(parts, ", ");
}

void print_difference(const Difference& d, int days) {
  for (const ContractChange& change : d.changes) tell(stdout, "{:<8} {}\n", "change", printable(change.text(), 400));
  if (d.changes.empty()) tell(stdout, "{:<8} none: both contracts mean the same\n", "change");
  for (const Compared& file : d.files) {
    tell(stdout, "{:<8} {}  now: {}\n", "file", printable(file.key), in_words(file.before));
    tell(stdout, "{:<8}   new: {}{}\n", "", in_words(file.after), codes_in_words(file));
    if (!file.lost.empty()) tell(stdout, "{:<8}   lost:\n", "");
    print_examples(file.key, file.lost);
    if (!file.gained.empty()) tell(stdout, "{:<8}   gained, until now:\n", "");
    print_examples(file.key, file.gained);
  }
  for (const std::string& key : d.missing) tell(stderr, "{:<8} {} is gone from the lake\n", "missing", key);
  tell(stdout, "{} of the last {}: {} lost, {} gained\n", counted(static_cast<std::int64_t>(d.files.size()), "file"),
       counted(days, "day"), counted(d.rows_lost, "row"), counted(d.rows_gained, "row"));
}

void write_examples(json::Writer& w, std::string_view name, const std::vector<Reject>& rejects) {
  w.key(name).begin_array();
  for (std::size_t i = 0; i < std::min<std::size_t>(rejects.size(), 5); ++i)
    w.begin_object()
        .member("line", rejects[i].line)
        .member("code", name_of(rejects[i].code))
        .member("reason", rejects[i].reason)
        .end_object();
  w.end_array();
}

std::string json_of_difference(const Difference& d) {
  json::Writer changes;
  changes.begin_array();
  for (const ContractChange& c : d.changes)
    changes.begin_object()
        .member("subject", c.subject)
        .member("aspect", c.aspect)
        .member("before", c.before)
        .member("after", c.after)
        .end_object();
  changes.end_array();
  std::string files;
  for (const Compared& file : d.files) {
    json::Writer examples;
    examples.begin_object();
    write_examples(examples, "lost", file.lost);
    write_examples(examples, "gained", file.gained);
    examples.end_object();
    files += fmt::format(R"({}{{"key":{},"rows_lost":{},"rows_gained":{},"examples":{},"before":{},"after":{}}})",
                         files.empty() ? "" : ",", quoted_json(file.key), file.rows_lost, file.rows_gained,
                         examples.text(), json_of(file.before), json_of(file.after));
  }
  json::Writer missing;
  missing.begin_array();
  for (const std::string& key : d.missing) missing.value(key);
  missing.end_array();
  return fmt::format(R"({{"changes":{},"files":[{}],"missing":{},"rows_lost":{},"rows_gained":{},"exit_code":{}}})",
                     changes.text(), files, missing.text(), d.rows_lost, d.rows_gained, d.rows_lost > 0 ? 1 : 0);
}

}  // namespace

int finish_with(const CommonOptions& common, const Error& error) {
  const int code = error.kind == ErrorKind::contract_violation ? 1 : 2;
  if (common.json)
    tell(stdout, "{{\"errors\":[{}],\"exit_code\":{}}}\n", json_of(error), code);
  else
    print_error(stderr, error);
  return code;
}

int run_contract_verify(const CommonOptions& common, const ContractVerifyArguments& arguments) {
  const auto good = verify(common, arguments);
  if (!good) return finish_with(common, good.error());
  return *good ? 0 : 1;
}

int run_contract_diff(const CommonOptions& common, const ContractDiffArguments& arguments) {
  const auto d = difference(common, arguments);
  if (!d) return finish_with(common, d.error());
  if (common.json)
    tell(stdout, "{}\n", json_of_difference(*d));
  else
    print_difference(*d, arguments.days);
  return d->rows_lost > 0 ? 1 : 0;
}

}  // namespace millrace::app
