#include "ingest/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/words.h"
#include "ingest/ledger.h"
#include "ingest/raw_records.h"
#include "ingest/sql.gen.h"
#include "ingest/trace_key.h"
#include "lake/landed.h"
#include "lake/record_fields.h"

namespace millrace::ingest {
namespace {

using warehouse::to_integer;
using warehouse::to_text;
using warehouse::Value;

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return out;
}

/// "007" is the number 7, and "1.5" is none: what the engine casts and rounds is not asked for.
Status check_values(warehouse::Session& session, const std::vector<KeyPart>& key) {
  for (const KeyPart& part : key)
    if (!part.is_value())
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: found \"{}\", expected a value of type {}", part.column().name,
                               printable(part.text()), session.dialect().type(part.column().type)),
                   {},
                   {}};
  return ok();
}

Status read_rows(warehouse::Session& session, const Source& source, const std::vector<KeyPart>& key, Trace& out) {
  const warehouse::Dialect& d = session.dialect();
  std::vector<std::string> same;
  std::vector<Value> params;
  for (const KeyPart& part : key) {
    const std::string name = d.quote(part.column().name);
    if (part.asks_for_null()) {
      const bool text = part.column().type.kind == TypeKind::text;
      same.push_back(text ? fmt::format("coalesce({}, '') = ''", name) : name + " IS NULL");
      continue;
    }
    params.emplace_back(part.text());
    same.push_back(fmt::format("{} = CAST(${} AS {})", name, params.size(), d.type(part.column().type)));
  }
  MR_TRY(const auto got, session.query({"ingest/trace",
                                        warehouse::fill(sql::trace, {{"table", quote(d, source.table)},
                                                                     {"superseded", quote(d, superseded_table(source))},
                                                                     {"same_key", join(same, " AND ")}}),
                                        params}));
  for (const auto& row : got.rows) {
    TracedRow& r = out.rows.emplace_back();
    r.file_id = to_integer(row[0]);
    r.line = to_integer(row[1]);
    r.byte_offset = static_cast<std::uint64_t>(to_integer(row[2]));
    r.byte_length = static_cast<std::uint64_t>(to_integer(row[3]));
    r.key = to_text(row[4]);
    r.archive_key = to_text(row[5]);
    r.contract_version = to_text(row[6]);
    r.loaded_at = to_text(row[7]);
    r.superseded_by = to_integer(row[8]);
  }
  return ok();
}

/// The row's own bytes, out of the file. That they cannot be read is said beside the rest.
Result<std::string> bytes_of(warehouse::Session& session, lake::ObjectStore& store, const Source& source,
                             const TracedRow& row) {
  const Ledger ledger(session);
  MR_TRY(const auto entry, ledger.entry(row.file_id));
  MR_INVARIANT(entry.has_value(), "a row was found by its ledger row");
  MR_TRY(const auto object, ledger.stored(store, *entry));
  const std::vector<lake::TextRange> range{{row.byte_offset, row.byte_length}};
  MR_TRY(const auto raw, read_records(store, object, source, range));
  return raw.at(0);
}

/// How the records of files are laid out, asked for once per file.
class Layouts {
 public:
  Layouts(warehouse::Session& session, lake::ObjectStore& store, const Source& source)
      : ledger_(session), store_(store), source_(source) {}

  /// nullopt: the file's header cannot be read any more.
  const std::optional<lake::RecordFields>& of(std::int64_t file_id) {
    const auto [it, is_new] = by_file_.try_emplace(file_id);
    if (!is_new) return it->second;
    const auto read = [&]() -> Result<lake::RecordFields> {
      MR_TRY(const auto entry, ledger_.entry(file_id));
      MR_INVARIANT(entry.has_value(), "a quarantined row has its file in the ledger");
      MR_TRY(const auto object, ledger_.stored(store_, *entry));
      MR_TRY(auto reader, lake::open_landed(store_, object));
      return lake::RecordFields::of(std::move(reader), source_.file, source_.contract, source_.dialect);
    };
    if (auto layout = read()) it->second = *std::move(layout);
    return it->second;
  }

 private:
  Ledger ledger_;
  lake::ObjectStore& store_;
  const Source& source_;
  std::map<std::int64_t, std::optional<lake::RecordFields>> by_file_;
};

bool has_key(const QuarantinedRow& row, const std::vector<KeyPart>& key,
             const std::optional<lake::RecordFields>& layout) {
  std::vector<std::optional<lake::RecordFields::Found>> fields;
  for (const KeyPart& part : key) fields.push_back(layout ? layout->find(row.raw, part.column().name) : std::nullopt);
  if (std::all_of(fields.begin(), fields.end(), [](const auto& f) { return f.has_value(); }))
    return std::equal(key.begin(), key.end(), fields.begin(),
                      [](const KeyPart& p, const auto& f) { return p.matches(*f); });
  const bool any = std::any_of(key.begin(), key.end(), [](const KeyPart& p) { return !p.asks_for_null(); });
  return any && std::all_of(key.begin(), key.end(), [&](const KeyPart& p) { return p.stands_in(row.raw); });
}

/// All quarantined rows of the source that may hold the key, page by page.
Status read_quarantine(warehouse::Session& session, lake::ObjectStore& store, const Source& source,
                       const std::vector<KeyPart>& key, Trace& out) {
  constexpr std::int64_t kPage = 5'000;
  Layouts layouts(session, store, source);
  std::string needle;
  if (source.file.format == lake::FileFormat::csv)  // JSON may write any character in another way
    for (const KeyPart& part : key)
      if (std::string piece = part.needle(); piece.size() > needle.size()) needle = std::move(piece);
  for (std::int64_t file_id = 0, line = 0;;) {
    MR_TRY(const auto rows, quarantined_behind(session, source.name, hex_of(needle), file_id, line, kPage));
    for (const QuarantinedRow& row : rows) {
      if (!has_key(row, key, layouts.of(row.file_id))) continue;
      if (out.quarantined.size() == Trace::kMostQuarantined) {
        out.more_quarantined = true;
        return ok();
      }
      out.quarantined.push_back(row);
    }
    if (static_cast<std::int64_t>(rows.size()) < kPage) return ok();
    file_id = rows.back().file_id;
    line = rows.back().line;
  }
}

}  // namespace

Result<std::vector<std::size_t>> tracing_key(const Source& source) {
  if (!source.contract.primary_key.empty()) return source.contract.primary_key;
  const auto sets = source.contract.unique_sets();
  if (!sets.empty()) return sets.front();
  return Error{ErrorKind::unsupported,
               fmt::format("{} declares no primary key and no unique column, so that its rows have no name",
                           source.contract_path),
               "declare one: primaryKey: true",
               {}};
}

Result<Trace> trace(warehouse::Session& session, lake::ObjectStore& store, const Source& source,
                    const std::vector<std::string>& key) {
  MR_TRY(const auto columns, tracing_key(source));
  Trace out;
  out.source = source.name;
  out.table = source.table.text();
  for (const std::size_t i : columns) out.columns.push_back(source.contract.columns[i].name);
  if (key.size() != columns.size())
    return Error{ErrorKind::invalid_input,
                 fmt::format("found {}, expected one for each of {}",
                             counted(static_cast<std::int64_t>(key.size()), "value"), join(out.columns, ", ")),
                 {},
                 {}};
  std::vector<KeyPart> parts;
  for (std::size_t i = 0; i < columns.size(); ++i) parts.emplace_back(source.contract.columns[columns[i]], key[i]);
  MR_CHECK(check_values(session, parts));
  MR_CHECK(read_rows(session, source, parts, out));
  for (TracedRow& row : out.rows) {
    auto raw = bytes_of(session, store, source, row);
    if (raw)
      row.raw = *std::move(raw);
    else
      row.trouble = raw.error().message;
  }
  MR_CHECK(read_quarantine(session, store, source, parts, out));
  return out;
}

}  // namespace millrace::ingest
