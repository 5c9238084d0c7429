// lake stat: all that is known of one object.
#include <fmt/format.h>

#include "app/commands/lake_commands.h"
#include "app/progress_bar.h"
#include "app/sql.gen.h"
#include "app/tell.h"
#include "app/warehouse_file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/words.h"
#include "lake/landed.h"

namespace millrace::app {
namespace {

using warehouse::to_integer;
using warehouse::to_text;

/// A row of the ledger that names the key.
struct Known {
  std::int64_t file_id = 0, bytes = 0, rows = 0, quarantined = 0, open = 0;
  std::string source, key, sha256, state, loaded_at, archive_key, expired_by, expired_on;
  bool archived = false;
};

struct Stat {
  std::string key, url;
  std::optional<lake::ObjectInfo> object;
  std::string sha256;         ///< of the stored bytes; "" where they cannot be read at once
  std::string landed_sha256;  ///< of a file that was packed for the archive, as it landed
  std::uint64_t landed_bytes = 0;
  std::optional<lake::Provenance> provenance;
  std::vector<Known> known;
  std::string ledger_trouble;  ///< why the ledger was not asked
};

std::string text_or(const warehouse::Value& value) {
  return std::holds_alternative<std::monostate>(value) ? "" : to_text(value);
}

/// While `up` runs it alone has the warehouse: the rest is told all the same.
Result<std::vector<Known>> read_ledger(const Config& config, const std::string& key) {
  MR_TRY(const auto warehouse, open_warehouse_to_read(config));
  MR_TRY(const auto session, warehouse->connect());
  MR_TRY(const auto kind, session->kind_of({"millrace", "expired"}));
  if (kind == warehouse::RelationKind::none) return std::vector<Known>{};
  MR_TRY(const auto got, session->query({"app/stat_key", std::string(sql::stat_key), {key}}));
  std::vector<Known> out;
  for (const auto& row : got.rows) {
    Known& k = out.emplace_back();
    k.file_id = to_integer(row[0]);
    k.source = to_text(row[1]);
    k.key = to_text(row[2]);
    k.sha256 = to_text(row[3]);
    k.bytes = to_integer(row[4]);
    k.state = to_text(row[5]);
    k.rows = to_integer(row[6]);
    k.quarantined = to_integer(row[7]);
    k.loaded_at = to_text(row[8]);
    k.archive_key = to_text(row[9]);
    k.archived = std::get<bool>(row[10]);
    k.expired_by = text_or(row[11]);
    k.expired_on = text_or(row[12]);
    k.open = to_integer(row[13]);
  }
  return out;
}

Result<std::string> digest(lake::ObjectStore& store, const lake::ObjectInfo& object) {
  MR_TRY(const auto reader, store.open(object));
  ProgressBar bar(stderr, "stat " + shown_key(object.key), object.size_bytes);
  std::vector<char> piece(1 << 20);
  Sha256 hash;
  for (std::uint64_t done = 0;;) {
    MR_TRY(const std::size_t n, reader->read(piece));
    hash.update({piece.data(), n});
    bar.at(done += n);
    if (n < piece.size()) return hash.hex_digest();
  }
}

Status read_object(lake::ObjectStore& store, Stat& s) {
  const lake::ObjectInfo& object = *s.object;
  MR_TRY(s.provenance, store.provenance_of(object));
  if (!object.cold_class.empty()) return ok();
  MR_TRY(s.sha256, digest(store, object));
  MR_TRY(const auto packed, lake::packed_facts_of(store, object));
  if (!packed) return ok();
  s.landed_sha256 = packed->provenance.sha256;
  s.landed_bytes = packed->text_bytes;
  if (!s.provenance) s.provenance = packed->provenance;
  return ok();
}

std::string readable(const lake::ObjectInfo& o) {
  if (o.restoring) return "no: it is being restored";
  return o.cold_class.empty() ? "yes" : "no: ask for it with millrace lake restore";
}

std::string json_of(const Stat& s) {
  json::Writer w;
  w.begin_object().member("key", s.key).member("url", s.url).member("exists", s.object.has_value());
  if (s.object) {
    const auto& o = *s.object;
    w.member("bytes", o.size_bytes).member("modified", to_iso8601(o.modified)).member("version", o.version);
    w.member("class", o.storage_class.empty() ? o.cold_class : o.storage_class);
    w.member("readable", o.cold_class.empty()).member("restoring", o.restoring).member("sha256", s.sha256);
    if (!s.landed_sha256.empty()) w.member("landed_sha256", s.landed_sha256).member("landed_bytes", s.landed_bytes);
  }
  if (s.provenance)
    w.key("provenance")
        .begin_object()
        .member("source", s.provenance->source)
        .member("landed_as", s.provenance->landed_as)
        .member("file_id", s.provenance->file_id)
        .member("sha256", s.provenance->sha256)
        .end_object();
  w.key("ledger").begin_array();
  for (const Known& k : s.known)
    w.begin_object()
        .member("file_id", k.file_id)
        .member("source", k.source)
        .member("key", k.key)
        .member("sha256", k.sha256)
        .member("bytes", k.bytes)
        .member("state", k.expired_by.empty() ? k.state : "expired")
        .member("rows_state", k.state)
        .member("rows", k.rows)
        .member("quarantined", k.quarantined)
        .member("loaded_at", k.loaded_at)
        .member("archive_key", k.archive_key)
        .member("archived", k.archived)
        .member("expired_by", k.expired_by)
        .member("expired_on", k.expired_on)
        .end_object();
  w.end_array().member("ledger_trouble", s.ledger_trouble).end_object();
  return w.text();
}

void print_object(const Stat& s) {
  const auto line = [](std::string_view what, const std::string& text) { tell(stdout, "  {:<11} {}\n", what, text); };
  const auto& o = *s.object;
  line("size", fmt::format("{} bytes", with_thousands(static_cast<std::int64_t>(o.size_bytes))));
  line("modified", to_iso8601(o.modified));
  line("class", o.storage_class.empty() ? (o.cold_class.empty() ? "standard" : o.cold_class) : o.storage_class);
  line("readable", readable(o));
  line("version", o.version);
  if (!s.sha256.empty()) line("sha256", s.sha256);
  if (!s.landed_sha256.empty())
    line("as landed", fmt::format("{} bytes, sha256 {}", with_thousands(static_cast<std::int64_t>(s.landed_bytes)),
                                  s.landed_sha256));
  if (s.provenance)
    line("provenance", fmt::format("source {}, landed as {}, file {}", printable(s.provenance->source),
                                   shown_key(s.provenance->landed_as), s.provenance->file_id));
}

void print(const Stat& s) {
  tell(stdout, "{}\n  {:<11} {}\n", shown_key(s.key), "at", shown_key(s.url));
  if (s.object)
    print_object(s);
  else
    tell(stdout, "  {:<11} not in the lake\n", "object");
  for (const Known& k : s.known) {
    tell(stdout, "  {:<11} file {}, {} on {} from {}: {}, {} quarantined\n", "ledger", k.file_id, k.state, k.loaded_at,
         shown_key(k.key), counted(k.rows, "row"), with_thousands(k.quarantined));
    if (!k.expired_by.empty())
      tell(stdout, "  {:<11} expired on {} under {}; its rows stay\n", "", k.expired_on, k.expired_by);
    else
      tell(stdout, "  {:<11} {} {}\n", "", k.archived ? "kept in" : "on its way to", shown_key(k.archive_key));
    if (k.open > 0 && s.object && !s.object->cold_class.empty())
      tell(stdout, "  {:<11} BLOCKED: a replay of {} waits for it\n", "", counted(k.open, "quarantined row"));
  }
  if (!s.ledger_trouble.empty())
    tell(stdout, "  {:<11} not asked: {}\n", "ledger", s.ledger_trouble);
  else if (s.known.empty())
    tell(stdout, "  {:<11} does not know it\n", "ledger");
}

}  // namespace

int run_lake_stat(const CommonOptions& common, const LakeArguments& a) {
  return with_lake(common, [&](const Config& config, lake::ObjectStore& store) -> Result<int> {
    Stat s;
    s.key = a.keys.front();
    s.url = store.url_of(s.key);
    MR_TRY(s.object, store.head(s.key));
    if (s.object) MR_CHECK(read_object(store, s));
    auto known = read_ledger(config, s.key);
    if (known)
      s.known = *std::move(known);
    else
      s.ledger_trouble = known.error().message;
    if (common.json)
      tell(stdout, "{}\n", json_of(s));
    else
      print(s);
    return s.object || !s.known.empty() ? 0 : 1;
  });
}

}  // namespace millrace::app
