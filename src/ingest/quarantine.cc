#include "ingest/quarantine.h"

#include "base/failpoint.h"
#include "base/words.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {
namespace {

using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;
using warehouse::Value;

std::string filter_sql() { return std::string(trimmed(sql::filter_quarantine)); }

std::string state_of(const QuarantineFilter& f) {
  return f.states == QuarantineFilter::States::open        ? "open"
         : f.states == QuarantineFilter::States::discarded ? "discarded"
                                                           : "";
}

std::vector<Value> params_of(const QuarantineFilter& f) {
  return {f.source, f.file, f.code, f.column, f.line, state_of(f)};
}

/// NULL is the empty text.
std::string text_or_empty(const Value& value) {
  return std::holds_alternative<std::monostate>(value) ? std::string() : to_text(value);
}

Result<std::vector<QuarantinedRow>> read_rows(warehouse::Session& session, std::string_view filter,
                                              std::vector<Value> params, std::int64_t most) {
  MR_TRY(const auto got,
         session.query({"ingest/read_quarantine",
                        warehouse::fill(sql::read_quarantine, {{"filter", std::string(trimmed(filter))},
                                                               {"most", most > 0 ? std::to_string(most) : "ALL"}}),
                        std::move(params)}));
  std::vector<QuarantinedRow> out;
  for (const auto& row : got.rows) {
    QuarantinedRow& q = out.emplace_back();
    q.source = to_text(row[0]);
    q.key = to_text(row[1]);
    q.archive_key = to_text(row[2]);
    q.file_id = to_integer(row[3]);
    q.line = to_integer(row[4]);
    q.byte_offset = static_cast<std::uint64_t>(to_integer(row[5]));
    q.byte_length = static_cast<std::uint64_t>(to_integer(row[6]));
    q.code = to_text(row[7]);
    q.column = text_or_empty(row[8]);
    q.reason = to_text(row[9]);
    q.raw = to_text(row[10]);
    q.discarded = std::get<bool>(row[11]);
    q.contract_version = to_text(row[12]);
  }
  return out;
}

}  // namespace

Result<std::vector<QuarantinedRow>> quarantined_rows(warehouse::Session& session, const QuarantineFilter& filter,
                                                     std::int64_t most) {
  return read_rows(session, sql::filter_quarantine, params_of(filter), most);
}

Result<std::vector<QuarantinedRow>> quarantined_behind(warehouse::Session& session, const std::string& source,
                                                       const std::string& hex, std::int64_t file_id, std::int64_t line,
                                                       std::int64_t most) {
  return read_rows(session, sql::filter_traced, {source, hex, file_id, line}, most);
}

Result<std::vector<QuarantineCount>> quarantine_counts(warehouse::Session& session, const QuarantineFilter& filter) {
  MR_TRY(const auto got,
         session.query({"ingest/count_quarantine", warehouse::fill(sql::count_quarantine, {{"filter", filter_sql()}}),
                        params_of(filter)}));
  std::vector<QuarantineCount> out;
  for (const auto& row : got.rows)
    out.push_back({to_text(row[0]), to_text(row[1]), to_text(row[2]), to_integer(row[3]), to_integer(row[4])});
  return out;
}

std::vector<Value> file_params_of(const QuarantineFilter& f) { return {f.source, f.file, f.code, state_of(f)}; }

Result<Discarded> discard(warehouse::Session& session, const QuarantineFilter& filter) {
  MR_FAILPOINT("ingest.discard.before");
  QuarantineFilter open = filter;
  open.states = QuarantineFilter::States::open;
  Discarded discarded;
  Statement s{"ingest/discard_quarantine", warehouse::fill(sql::discard_quarantine, {{"filter", filter_sql()}}),
              params_of(open)};
  s.on_done = [&](const warehouse::Done& done) { discarded.rows = done.affected; };
  warehouse::Batch batch{"discard what is quarantined", {std::move(s)}};
  if (open.takes_files()) {
    Statement files{"ingest/discard_refused",
                    warehouse::fill(sql::discard_refused, {{"filter", std::string(trimmed(sql::filter_refused))}}),
                    file_params_of(open)};
    files.on_done = [&](const warehouse::Done& done) { discarded.files = done.affected; };
    batch.statements.push_back(std::move(files));
  }
  MR_CHECK(session.commit(batch));
  return discarded;
}

}  // namespace millrace::ingest
