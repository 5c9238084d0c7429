#include "ingest/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "ingest/ledger.h"
#include "ingest/raw_records.h"
#include "ingest/sql.gen.h"

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

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Does the key stand in the record by itself, not inside a longer number or word?
bool holds(std::string_view raw, std::string_view key) {
  for (std::size_t at = raw.find(key); at != std::string_view::npos; at = raw.find(key, at + 1)) {
    const bool before = at == 0 || !is_word(raw[at - 1]);
    const bool behind = at + key.size() == raw.size() || !is_word(raw[at + key.size()]);
    if (before && behind) return true;
  }
  return false;
}

Status check_values(warehouse::Session& session, const Source& source, const std::vector<std::size_t>& columns,
                    const std::vector<std::string>& key) {
  std::vector<std::string> casts;
  std::vector<Value> params;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    casts.push_back(fmt::format("TRY_CAST(${} AS {}) IS NOT NULL", i + 1,
                                session.dialect().type(source.contract.columns[columns[i]].type)));
    params.emplace_back(key[i]);
  }
  MR_TRY(const auto got,
         session.query({"ingest/cast_key", warehouse::fill(sql::cast_key, {{"casts", join(casts, ", ")}}), params}));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnContract& c = source.contract.columns[columns[i]];
    if (!std::get<bool>(got.rows.at(0)[i]))
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: found \"{}\", expected a value of type {}", c.name, printable(key[i]),
                               session.dialect().type(c.type)),
                   {},
                   {}};
  }
  return ok();
}

Status read_rows(warehouse::Session& session, const Source& source, const std::vector<std::size_t>& columns,
                 const std::vector<std::string>& key, Trace& out) {
  const warehouse::Dialect& d = session.dialect();
  std::vector<std::string> same;
  std::vector<Value> params;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnContract& c = source.contract.columns[columns[i]];
    same.push_back(fmt::format("{} = CAST(${} AS {})", d.quote(c.name), i + 1, d.type(c.type)));
    params.emplace_back(key[i]);
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

Status read_quarantine(warehouse::Session& session, const Source& source, const std::vector<std::string>& key,
                       Trace& out) {
  MR_TRY(
      const auto got,
      session.query({"ingest/trace_quarantine", std::string(sql::trace_quarantine), {source.name, hex_of(key.at(0))}}));
  for (const auto& row : got.rows) {
    QuarantineFilter filter;
    filter.source = source.name;
    filter.file = std::to_string(to_integer(row[0]));
    filter.line = to_integer(row[1]);
    filter.states = QuarantineFilter::States::both;
    MR_TRY(const auto rows, quarantined_rows(session, filter, 0));
    for (const QuarantinedRow& q : rows)
      if (q.file_id == to_integer(row[0]) &&
          std::all_of(key.begin(), key.end(), [&](const std::string& k) { return holds(q.raw, k); }))
        out.quarantined.push_back(q);
  }
  return ok();
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
  MR_CHECK(check_values(session, source, columns, key));
  MR_CHECK(read_rows(session, source, columns, key, out));
  for (TracedRow& row : out.rows) {
    auto raw = bytes_of(session, store, source, row);
    if (raw)
      row.raw = *std::move(raw);
    else
      row.trouble = raw.error().message;
  }
  MR_CHECK(read_quarantine(session, source, key, out));
  return out;
}

}  // namespace millrace::ingest
