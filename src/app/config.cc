#include "app/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/config_csv.h"
#include "app/config_parts.h"
#include "app/config_sensor.h"
#include "base/files.h"
#include "base/words.h"
#include "base/yaml.h"
#include "ingest/key_overlap.h"
#include "ingest/key_pattern.h"

namespace millrace::app {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;

Error waits(const Fields& f, std::string_view key, std::string_view what) {
  Error e = wrong(f, key, fmt::format("{} comes with a later version of millrace", what));
  e.kind = ErrorKind::unsupported;
  return e;
}

template <class Choice>
Result<Choice> choose(Fields& f, std::string_view key, std::string_view path,
                      std::initializer_list<std::pair<std::string_view, Choice>> choices) {
  MR_TRY(const std::string text, f.text(key, default_of(path)));
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) {
    if (name == text) return choice;
    names.emplace_back(name);
  }
  return wrong(f, key, fmt::format("found \"{}\", expected {}", text, join(names, ", ")));
}

Result<unsigned> threads(Fields& f, std::string_view key) {
  MR_TRY(const std::int64_t n, f.integer(key, 0));
  if (n < 0 || n > 256) return wrong(f, key, fmt::format("found {}, expected 0 to 256", n));
  return static_cast<unsigned>(n);
}

/// A path of the project; `scheme` may stand before it.
Result<std::filesystem::path> local_path(Fields& f, std::string_view key, std::string_view path,
                                         std::string_view scheme, const std::filesystem::path& folder) {
  MR_TRY(std::string text, f.text(key, default_of(path)));
  if (text.starts_with(scheme)) {
    text.erase(0, scheme.size());
  } else if (text.find("://") != std::string::npos) {
    return waits(f, key, fmt::format("\"{}\"", text));
  }
  if (text.empty()) return wrong(f, key, "found nothing, expected a path");
  return std::filesystem::absolute(folder / text).lexically_normal();
}

Result<std::optional<double>> percent(Fields& f, std::string_view key) {
  MR_TRY(const std::string text, f.text(key, ""));
  if (text.empty()) return std::optional<double>{};
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)) != "%" ||
      value < 0 || value > 100)
    return wrong(f, key, fmt::format("found \"{}\", expected a percentage such as 5%", text));
  return std::optional<double>(value / 100);
}

Result<SchemaPolicy> read_schema_contract(Fields& source) {
  MR_TRY(Fields f, section(source, "schema_contract"));
  const auto mode = [&](std::string_view key) {
    return choose<SchemaMode>(f, key, fmt::format("sources.<name>.schema_contract.{}", key),
                              {{"freeze", SchemaMode::freeze},
                               {"evolve", SchemaMode::evolve},
                               {"discard_row", SchemaMode::discard_row},
                               {"discard_value", SchemaMode::discard_value}});
  };
  SchemaPolicy policy;
  MR_TRY(policy.columns, mode("columns"));
  MR_TRY(policy.missing_columns, mode("missing_columns"));
  MR_TRY(policy.data_type, mode("data_type"));
  MR_CHECK(f.done());
  return policy;
}

/// Keys that decide which of two rows with one key stays.
Status read_duplicates(Fields& f, SourceConfig& s) {
  MR_TRY(s.on_duplicate_key, choose<ingest::OnDuplicateKey>(f, "on_duplicate_key", "sources.<name>.on_duplicate_key",
                                                            {{"quarantine", ingest::OnDuplicateKey::quarantine},
                                                             {"newest", ingest::OnDuplicateKey::newest},
                                                             {"keep", ingest::OnDuplicateKey::keep}}));
  MR_TRY(s.newest_by, f.text("newest_by", ""));
  if (!s.newest_by.empty() && s.on_duplicate_key != ingest::OnDuplicateKey::newest)
    return wrong(f, "newest_by", "it is only asked with on_duplicate_key: newest", "add that, or take newest_by out");
  return ok();
}

Status read_limits(Fields& source, lake::UnpackLimits& limits, std::size_t& most_rejects) {
  MR_TRY(Fields f, section(source, "limits"));
  MR_TRY(const std::string size, f.text("max_unpacked", default_of("sources.<name>.limits.max_unpacked")));
  MR_TRY(const std::string ratio, f.text("max_ratio", default_of("sources.<name>.limits.max_ratio")));
  const std::string_view usual = default_of("sources.<name>.limits.max_rejects");
  std::int64_t rejects = 0;
  std::from_chars(usual.data(), usual.data() + usual.size(), rejects);
  MR_TRY(rejects, f.integer("max_rejects", rejects));
  MR_CHECK(f.done());
  if (rejects < 1 || rejects > 100'000'000)
    return wrong(f, "max_rejects", fmt::format("found {}, expected 1 to 100000000", rejects));
  most_rejects = static_cast<std::size_t>(rejects);
  auto bytes = parse_bytes(size);
  if (!bytes || *bytes == 0)
    return wrong(f, "max_unpacked", bytes ? "found 0, expected a size such as 64GiB" : bytes.error().message);
  limits.max_unpacked = *bytes;
  const auto [end, ec] = std::from_chars(ratio.data(), ratio.data() + ratio.size(), limits.max_ratio);
  if (ec != std::errc{} || end != ratio.data() + ratio.size() || limits.max_ratio == 0)
    return wrong(f, "max_ratio", fmt::format("found \"{}\", expected a whole number above 0", printable(ratio)));
  return ok();
}

/// Are files packed when they are moved away? `inherited` where nothing is said.
Result<bool> read_archive(Fields& parent, std::string_view inherited) {
  MR_TRY(Fields f, section(parent, "archive"));
  MR_TRY(const std::string text, f.text("compress", inherited));
  MR_CHECK(f.done());
  if (text == "none" || text == "zstd") return text == "zstd";
  return wrong(f, "compress", fmt::format("found \"{}\", expected none, zstd", printable(text)));
}

/// Where a source's files may land.
Status check_files(const Fields& f, const std::string& files) {
  const std::string example = "for example landing/orders/*.csv";
  if (auto pattern = ingest::KeyPattern::compile(files); !pattern)
    return wrong(f, "files", pattern.error().message, pattern.error().hint);
  const std::string folder = ingest::literal_folder(files);
  const bool leaves = !files.starts_with("regex:") && files.find("..") != std::string::npos;
  if (folder.empty() || folder.starts_with('/') || folder.find("..") != std::string::npos || leaves)
    return wrong(f, "files", fmt::format("found \"{}\", expected a pattern in a folder of the lake", files), example);
  for (std::string_view own : {"processed", "quarantine", "unloaded", "cold", "frozen", "restored", "expired"})
    if (folder.starts_with(std::string(own) + "/"))
      return wrong(f, "files", fmt::format("{}/ is where millrace keeps what it has taken", own),
                   "let files land elsewhere");
  return ok();
}

Result<SourceConfig> read_source(const std::string& name, const Node& node, const Place& place,
                                 const ingest::SensorOptions& sensor, bool pack_archive) {
  MR_TRY(Fields f, Fields::of(node, place));
  SourceConfig s;
  s.name = name;
  MR_TRY(s.files, f.text("files"));
  MR_CHECK(check_files(f, s.files));
  MR_TRY(s.contract_path, f.text("contract"));
  MR_TRY(s.table, f.text("table"));
  MR_TRY(s.on_reject, choose<ingest::OnReject>(
                          f, "on_reject", "sources.<name>.on_reject",
                          {{"quarantine", ingest::OnReject::quarantine}, {"fail_file", ingest::OnReject::fail_file}}));
  MR_TRY(s.on_new_bytes, choose<ingest::OnNewBytes>(f, "on_new_bytes", "sources.<name>.on_new_bytes",
                                                    {{"replace", ingest::OnNewBytes::replace},
                                                     {"append", ingest::OnNewBytes::append},
                                                     {"refuse", ingest::OnNewBytes::refuse}}));
  MR_TRY(s.reject_limit, percent(f, "reject_limit"));
  MR_TRY(s.on_empty, choose<ingest::OnEmpty>(f, "on_empty", "sources.<name>.on_empty",
                                             {{"load", ingest::OnEmpty::load}, {"refuse", ingest::OnEmpty::refuse}}));
  MR_CHECK(read_duplicates(f, s));
  MR_TRY(s.schema_policy, read_schema_contract(f));
  MR_TRY(const Node* csv, f.mapping("csv"));
  MR_CHECK(read_csv_section(csv, place.member("csv"), s.dialect, s.file.decode.encoding));
  MR_TRY(s.file.format, choose<lake::FileFormat>(f, "format", "sources.<name>.format",
                                                 {{"csv", lake::FileFormat::csv},
                                                  {"ndjson", lake::FileFormat::ndjson},
                                                  {"parquet", lake::FileFormat::parquet}}));
  MR_CHECK(read_limits(f, s.file.decode.limits, s.most_rejects));
  MR_TRY(s.pack_archive, read_archive(f, pack_archive ? "zstd" : "none"));
  MR_TRY(s.sensor, read_source_sensor(f, s.files, sensor));
  MR_CHECK(f.done());
  if (auto table = warehouse::parse_relation(s.table); !table)
    return wrong(f, "table", table.error().message, table.error().hint);
  else if (to_lower_ascii(table->schema) == "millrace")
    return wrong(f, "table", fmt::format("found {}: the schema millrace is for millrace's own tables", s.table),
                 "for example raw." + table->name);
  return s;
}

/// A name stands in paths of the archive and in names of tables.
Status check_source_name(const std::string& name, const Node& node, const Place& place) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (!name.empty() && name.size() <= 100 && name.find_first_not_of(kAllowed) == std::string::npos) return ok();
  return yaml::error_at(place, node,
                        fmt::format("found the source name \"{}\", expected letters, digits, _ and -", name));
}

/// Two sources share no table and no file, or whichever looks first would have it.
Status keep_apart(const SourceConfig& one, const SourceConfig& other, const Node& node, const Place& place) {
  const auto wrong_at = [&](std::string_view key, std::string message, std::string hint) {
    return yaml::error_at(place.member(key), *node.find(key), message, std::move(hint));
  };
  if (to_lower_ascii(one.name) == to_lower_ascii(other.name))
    return yaml::error_at(place, node, fmt::format("the names {} and {} differ in case only", one.name, other.name),
                          "rename one: their tables would have one name");
  if (to_lower_ascii(one.table) == to_lower_ascii(other.table))
    return wrong_at("table", fmt::format("{} and {} load into the same table {}", one.name, other.name, other.table),
                    "give each source a table of its own; a model can bring them together");
  if (const auto key = ingest::key_of_both(one.files, other.files))
    return wrong_at("files",
                    fmt::format("{} and {} would both take {}: \"{}\" and \"{}\" overlap", one.name, other.name,
                                printable(*key), one.files, other.files),
                    "narrow one of the patterns, so that each file belongs to one source");
  return ok();
}

Status read_sources(Fields& root, Config& config) {
  MR_TRY(const Node* sources, root.mapping("sources"));
  if (sources == nullptr || sources->members.empty())
    return wrong(root, "sources", "no sources, expected at least one", "see docs/reference/config.md");
  MR_TRY(const bool pack_archive, read_archive(root, default_of("archive.compress")));
  for (const auto& [name, node] : sources->members) {
    const Place place = root.place().member("sources").member(name);
    MR_CHECK(check_source_name(name, node, place));
    MR_TRY(SourceConfig s, read_source(name, node, place, config.sensor, pack_archive));
    for (const SourceConfig& other : config.sources) MR_CHECK(keep_apart(other, s, node, place));
    config.sources.push_back(std::move(s));
  }
  return ok();
}

Status read_pipelines(Fields& root, Config& config) {
  MR_TRY(const Node* pipelines, root.mapping("pipelines"));
  if (pipelines != nullptr && pipelines->members.size() > 1) return waits(root, "pipelines", "more than one pipeline");
  MR_TRY(Fields all, section(root, "pipelines"));
  const std::string name = pipelines == nullptr || pipelines->members.empty() ? "default" : pipelines->members[0].key;
  MR_TRY(Fields f, section(all, name));
  MR_TRY(const std::string schedule, f.text("schedule", default_of("pipelines.<name>.schedule")));
  if (schedule != "on_arrival") return waits(f, "schedule", fmt::format("schedule \"{}\"", schedule));
  if (f.any("retries") != nullptr) return waits(f, "retries", "retries:");
  MR_TRY(config.sensor, read_default_sensor(f));
  MR_CHECK(f.done());
  return all.done();
}

Status read_serve(Fields& root, Config& config) {
  MR_TRY(Fields f, section(root, "serve"));
  MR_TRY(config.listen, f.text("listen", default_of("serve.listen")));
  MR_TRY(config.serve_threads, threads(f, "threads"));
  MR_TRY(const Node* endpoints, f.mapping("endpoints"));
  MR_CHECK(f.done());
  for (const auto& [path, node] : endpoints == nullptr ? std::vector<yaml::Member>{} : endpoints->members) {
    const Place place = f.place().member("endpoints").member(path);
    MR_TRY(Fields e, Fields::of(node, place));
    serve::Endpoint endpoint;
    endpoint.path = path.ends_with('/') ? path : path + "/";
    MR_TRY(endpoint.relation, e.text("relation"));
    MR_TRY(endpoint.key, e.text("key"));
    MR_CHECK(e.done());
    if (!path.starts_with('/') || path.size() < 2 ||
        path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/") !=
            std::string::npos)
      return yaml::error_at(place, node,
                            fmt::format("found path \"{}\", expected /name/ of letters, digits, _ and -", path));
    if (auto relation = warehouse::parse_relation(endpoint.relation); !relation)
      return wrong(e, "relation", relation.error().message, relation.error().hint);
    config.endpoints.push_back(std::move(endpoint));
  }
  return ok();
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "millrace.yaml";
  auto text = read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::not_found,
                 fmt::format("{} is not there: {} is no millrace project", path.string(),
                             std::filesystem::absolute(folder).lexically_normal().string()),
                 "go to a project, name one with --project DIR, or make one: millrace init DIR",
                 {}};
  if (!text) return std::move(text).error();
  MR_TRY(const Node root, yaml::parse(*text, path.string()));
  MR_TRY(Fields f, Fields::of(root, {path.string(), ""}));
  Config config;
  config.folder = std::filesystem::absolute(folder).lexically_normal();
  MR_TRY(config.name, f.text("name"));
  MR_TRY(config.lake, read_lake(f, folder));
  MR_CHECK(read_pipelines(f, config));
  MR_CHECK(read_sources(f, config));
  MR_TRY(const Node* tiers, f.mapping("tiers"));
  MR_TRY(config.tiers, lake::read_tiers(tiers, f.place().member("tiers")));
  MR_TRY(Fields warehouse, section(f, "warehouse"));
  MR_TRY(config.warehouse, local_path(warehouse, "url", "warehouse.url", "duckdb:", folder));
  MR_TRY(config.threads, threads(warehouse, "threads"));
  MR_TRY(const std::string limit, warehouse.text("memory_limit", ""));
  if (!limit.empty()) {
    auto bytes = parse_bytes(limit);
    if (!bytes) return wrong(warehouse, "memory_limit", bytes.error().message);
    config.memory_limit_bytes = *bytes;
  }
  MR_TRY(const std::string keep_free, warehouse.text("keep_free", default_of("warehouse.keep_free")));
  auto kept = parse_bytes(keep_free);
  if (!kept) return wrong(warehouse, "keep_free", kept.error().message);
  config.keep_free_bytes = *kept;
  MR_CHECK(warehouse.done());
  MR_TRY(config.snowflake, choose<bool>(f, "compat", "compat", {{"none", false}, {"snowflake", true}}));
  MR_CHECK(read_serve(f, config));
  MR_CHECK(f.done());
  return config;
}

namespace {

/// newest needs one key by which rows are compared, and knows the column that it compares.
Status check_newest(const ingest::Source& source) {
  if (source.on_duplicate_key != ingest::OnDuplicateKey::newest) return ok();
  const std::string where = fmt::format("millrace.yaml: sources.{}", source.name);
  const auto keys = source.contract.unique_sets();
  if (keys.size() != 1)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}.on_duplicate_key: newest needs one key, {} has {}", where, source.contract_path,
                             keys.empty() ? "none" : counted(static_cast<std::int64_t>(keys.size()), "key")),
                 "declare one primary key or one unique column in the contract",
                 {}};
  if (source.newest_by.empty()) return ok();
  std::vector<std::string> names;
  for (const ColumnContract& c : source.contract.columns) names.push_back(c.name);
  if (std::find(names.begin(), names.end(), source.newest_by) != names.end()) return ok();
  const std::string near = nearest(source.newest_by, names);
  return Error{ErrorKind::invalid_input,
               fmt::format("{}.newest_by: {} has no column \"{}\"", where, source.contract_path, source.newest_by),
               near.empty() ? "" : fmt::format("did you mean {}?", near),
               {}};
}

}  // namespace

Result<std::vector<ingest::Source>> load_sources(const Config& config) {
  std::vector<ingest::Source> out;
  for (const SourceConfig& s : config.sources) {
    ingest::Source source;
    source.name = s.name;
    source.pattern = s.files;
    MR_TRY(source.contract, load_contract((config.folder / s.contract_path).string()));
    MR_TRY(source.table, warehouse::parse_relation(s.table));
    source.on_reject = s.on_reject;
    source.on_new_bytes = s.on_new_bytes;
    source.reject_limit = s.reject_limit;
    source.most_rejects = s.most_rejects;
    source.contract_path = s.contract_path;
    source.on_empty = s.on_empty;
    source.on_duplicate_key = s.on_duplicate_key;
    source.newest_by = s.newest_by;
    source.schema_policy = s.schema_policy;
    MR_CHECK(check_newest(source));
    source.dialect = s.dialect;
    source.sensor = s.sensor;
    source.file = s.file;
    source.pack_archive = s.pack_archive;
    source.file.parquet.reader = {"/proc/self/exe", "read-parquet"};
    source.file.parquet.scratch = config.folder;
    source.file.parquet.max_text_bytes = s.file.decode.limits.max_unpacked;
    out.push_back(std::move(source));
  }
  return out;
}

}  // namespace millrace::app
