#include "ingest/expiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/failpoint.h"
#include "base/json.h"
#include "base/log.h"
#include "base/words.h"
#include "base/yaml.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {
namespace {

using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;

constexpr std::string_view kMemorials = "expired/", kMemorialEnd = ".json";

Statement named(std::string_view name, std::string_view sql, std::vector<warehouse::Value> params = {}) {
  return {"ingest/" + std::string(name), std::string(sql), std::move(params)};
}

/// What the lake remembers: the files whose bytes stood under the key.
struct Memorial {
  struct File {
    std::string source, key, sha256;
    std::int64_t bytes = 0, rows = 0;
  };
  std::string rule, expired_at;
  std::vector<File> files;
};

Result<std::string> memorial_of(warehouse::Session& session, const std::string& archive_key, const std::string& rule,
                                const std::string& now) {
  MR_TRY(const auto got, session.query(named("read_sharers", sql::read_sharers, {archive_key})));
  if (got.rows.empty())
    return Error{
        ErrorKind::not_found, fmt::format("{}: the ledger knows no such file", printable(archive_key, 2000)), {}, {}};
  json::Writer w;
  w.begin_object().member("archive_key", archive_key).member("rule", rule).member("expired_at", now);
  w.key("files").begin_array();
  for (const auto& row : got.rows)
    w.begin_object()
        .member("file_id", to_integer(row[0]))
        .member("source", to_text(row[1]))
        .member("key", to_text(row[2]))
        .member("sha256", to_text(row[3]))
        .member("bytes", to_integer(row[4]))
        .member("state", to_text(row[5]))
        .member("rows", to_integer(row[6]))
        .end_object();
  w.end_array().end_object();
  return w.text() + "\n";
}

/// JSON is YAML as well, and that reader says where a file is wrong.
Result<Memorial> read_memorial(lake::ObjectStore& store, const lake::ObjectInfo& object) {
  MR_TRY(const auto reader, store.open(object));
  MR_TRY(const std::string text, reader->read_range(0, object.size_bytes));
  MR_TRY(const yaml::Node root, yaml::parse(text, object.key));
  MR_TRY(auto f, yaml::Fields::of(root, {object.key, ""}));
  Memorial m;
  MR_TRY(m.rule, f.text("rule"));
  MR_TRY(m.expired_at, f.text("expired_at"));
  MR_TRY(const yaml::Node* files, f.sequence("files"));
  for (const yaml::Node& node : files == nullptr ? std::vector<yaml::Node>{} : files->items) {
    MR_TRY(auto each, yaml::Fields::of(node, f.place().member("files")));
    Memorial::File& file = m.files.emplace_back();
    MR_TRY(file.source, each.text("source"));
    MR_TRY(file.key, each.text("key"));
    MR_TRY(file.sha256, each.text("sha256"));
    MR_TRY(file.bytes, each.integer("bytes", 0));
    MR_TRY(file.rows, each.integer("rows", 0));
  }
  return m;
}

Result<FileOutcome> adopt(warehouse::Session& session, const Ledger& ledger, const Clock& clock,
                          const Memorial::File& file, const Memorial& memorial, const std::string& archive_key) {
  MR_TRY(const std::int64_t fence, ledger.fence());
  FileOutcome o;
  o.source = file.source;
  o.key = file.key;
  o.archive_key = archive_key;
  o.sha256 = file.sha256;
  o.state = FileState::expired;
  o.file_id = fence + 1;
  o.bytes = static_cast<std::uint64_t>(file.bytes);
  o.reason = fmt::format("expired on {} under {}; its {} not in this warehouse", memorial.expired_at.substr(0, 10),
                         memorial.rule, file.rows == 1 ? "row is" : counted(file.rows, "row") + " are");
  Statement move = named("move_fence", sql::move_fence, {fence});
  move.expect_affected = 1;
  const std::string now = to_sql_timestamp(clock.now());
  MR_CHECK(session.commit(
      {"remember " + archive_key,
       {std::move(move),
        named("insert_expired_entry", sql::insert_expired_entry,
              {o.file_id, o.source, o.key, o.sha256, file.bytes, o.reason, archive_key, now}),
        named("insert_expired", sql::insert_expired, {archive_key, memorial.rule, memorial.expired_at})}}));
  log::event("file_expired_before", log::Level::warn,
             {{"source", o.source}, {"key", o.key}, {"archive_key", archive_key}, {"rows", file.rows}});
  return o;
}

}  // namespace

std::string memorial_key(std::string_view archive_key) {
  return fmt::format("{}{}{}", kMemorials, archive_key, kMemorialEnd);
}

Result<std::optional<Expiry>> expiry_of(warehouse::Session& session, const std::string& archive_key) {
  MR_TRY(const auto got, session.query(named("read_expired", sql::read_expired, {archive_key})));
  if (got.rows.empty()) return std::optional<Expiry>{};
  return std::optional(Expiry{to_text(got.rows[0][0]), to_text(got.rows[0][1])});
}

Result<std::vector<std::string>> kept_keys(warehouse::Session& session) {
  MR_TRY(const auto got, session.query(named("read_kept", sql::read_kept)));
  std::vector<std::string> out;
  for (const auto& row : got.rows) out.push_back(to_text(row[0]));
  return out;
}

Status expire(warehouse::Session& session, lake::ObjectStore& store, const Clock& clock, const std::string& archive_key,
              const std::optional<lake::ObjectInfo>& object, const std::string& rule) {
  MR_FAILPOINT("ingest.expire.before");
  const std::string now = to_sql_timestamp(clock.now());
  MR_TRY(const std::string memorial, memorial_of(session, archive_key, rule, now));
  MR_CHECK(store.put(memorial_key(archive_key), memorial));
  MR_FAILPOINT("ingest.expire.before_entry");
  MR_CHECK(session.commit(
      {"expire " + archive_key, {named("insert_expired", sql::insert_expired, {archive_key, rule, now})}}));
  MR_FAILPOINT("ingest.expire.before_remove");
  if (object) MR_CHECK(store.remove(*object));
  log::event("file_expired", log::Level::info, {{"archive_key", archive_key}, {"rule", rule}});
  return ok();
}

Result<std::vector<FileOutcome>> adopt_expired(warehouse::Session& session, lake::ObjectStore& store,
                                               const Clock& clock, const Ledger& ledger, const Source& source) {
  MR_TRY(const auto keys, ledger.archive_keys(source));
  const std::set<std::string> known(keys.begin(), keys.end());
  std::vector<FileOutcome> out;
  MR_TRY(const lake::Listing listing, store.list(kMemorials));
  for (const lake::ObjectInfo& object : listing.objects) {
    if (!object.key.ends_with(kMemorialEnd)) continue;
    const std::string archived =
        object.key.substr(kMemorials.size(), object.key.size() - kMemorials.size() - kMemorialEnd.size());
    if (known.contains(archived) || !ArchiveName::read(kProcessed, source, archived)) continue;
    MR_TRY(const auto still_there, store.head(archived));
    if (still_there) continue;  // deleting it was cut: it is loaded, and deleted again
    MR_TRY(const Memorial memorial, read_memorial(store, object));
    for (const Memorial::File& file : memorial.files) {
      if (file.source != source.name) continue;
      MR_TRY(FileOutcome outcome, adopt(session, ledger, clock, file, memorial, archived));
      out.push_back(std::move(outcome));
    }
  }
  return out;
}

}  // namespace millrace::ingest
