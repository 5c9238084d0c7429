#include "lake/record_fields.h"

#include "base/words.h"
#include "lake/csv/column_writer.h"
#include "lake/csv/header.h"
#include "lake/ndjson/json_line.h"
#include "lake/parquet/parquet_source.h"

namespace millrace::lake {
namespace {

/// Whatever the header lacks or has beside, the rest of it is of use.
constexpr SchemaPolicy kLenient{SchemaMode::discard_value, SchemaMode::discard_row, SchemaMode::discard_row};

Result<std::string> head_of(std::unique_ptr<ObjectReader> object, const FileOptions& how, const csv::Dialect& dialect) {
  if (how.format != FileFormat::parquet) {
    MR_TRY(const auto text, open_stream(std::move(object), how.decode));
    return read_head(*text, dialect);
  }
  MR_TRY(auto opened, parquet::open_parquet(std::move(object), how.parquet));
  if (const auto* reject = std::get_if<FileReject>(&opened))
    return Error{ErrorKind::contract_violation, reject->reason, std::string(meaning_of(reject->code).hint), {}};
  return read_head(*std::get<parquet::ParquetText>(opened).stream, dialect);
}

/// Where `part` stands in `whole`, if it does.
std::optional<std::size_t> place_in(std::string_view whole, std::string_view part) {
  const std::less_equal<const char*> before;
  if (part.data() == nullptr || !before(whole.data(), part.data()) ||
      !before(part.data() + part.size(), whole.data() + whole.size()))
    return std::nullopt;
  return static_cast<std::size_t>(part.data() - whole.data());
}

}  // namespace

Result<RecordFields> RecordFields::of(std::unique_ptr<ObjectReader> object, const FileOptions& how,
                                      const Contract& contract, const csv::Dialect& dialect) {
  RecordFields out;
  if (how.format == FileFormat::ndjson) {
    out.json_ = true;
    for (const ColumnContract& c : contract.columns)
      for (const std::string& alias : c.aliases) out.column_of_.emplace(alias, c.name);
    return out;
  }
  out.dialect_ = how.format == FileFormat::parquet ? parquet::canonical(dialect) : dialect;
  MR_TRY(const std::string head, head_of(std::move(object), how, out.dialect_));
  const csv::HeaderOrReject read = csv::read_header(head, true, contract, out.dialect_, kLenient);
  const auto* header = std::get_if<csv::Header>(&read);
  if (header == nullptr)
    return Error{ErrorKind::contract_violation, "the file has no header that names a column of the contract", {}, {}};
  out.fields_ = header->fields;
  for (std::size_t c = 0; c < contract.columns.size(); ++c)
    if (header->field_of_column[c] != csv::Header::kAbsent)
      out.field_of_.emplace(to_lower_ascii(contract.columns[c].name), header->field_of_column[c]);
  for (std::size_t i = 0; i < header->names.size(); ++i)
    out.field_of_.emplace(to_lower_ascii(trimmed(header->names[i])), i);
  return out;
}

std::optional<RecordFields::Found> RecordFields::find(std::string_view raw, std::string_view column) const {
  if (json_) return find_json(raw, column);
  const auto field = field_of_.find(to_lower_ascii(column));
  return field == field_of_.end() ? std::nullopt : find_csv(raw, field->second);
}

std::optional<RecordFields::Found> RecordFields::find_csv(std::string_view raw, std::size_t field) const {
  std::string text(raw);
  text.append(csv::kPadding, '\0');
  csv::RecordReader reader({text.data(), raw.size()}, dialect_, 1);
  csv::Record record;
  if (!reader.next(record) || record.broken != RejectCode::none || record.fields.size() != fields_) return std::nullopt;
  const csv::FieldSlice& slice = record.fields[field];
  Found out;
  out.begin = static_cast<std::size_t>(slice.text.data() - text.data()) - (slice.quoted ? 1 : 0);
  out.end = out.begin + slice.text.size() + (slice.quoted ? 2 : 0);
  out.quoted = slice.quoted;
  csv::Unescaper unescape(dialect_);
  out.text = slice.has_doubled_quotes ? unescape(slice.text) : slice.text;
  return out;
}

std::optional<RecordFields::Found> RecordFields::find_json(std::string_view raw, std::string_view column) const {
  ndjson::JsonLine json;
  if (json.parse(raw)) return std::nullopt;
  for (const ndjson::Member& member : json.members()) {
    const auto alias = column_of_.find(std::string(member.key));
    if (member.key != column && (alias == column_of_.end() || alias->second != column)) continue;
    Found out;
    out.null = member.value.text.data() == nullptr;
    out.text = member.value.text;
    out.quoted = member.value.quoted;
    const std::size_t quotes = member.value.quoted ? 1 : 0;
    if (const auto at = place_in(raw, member.value.text)) {
      out.begin = *at - quotes;
      out.end = *at + member.value.text.size() + quotes;
    } else if (const auto key = place_in(raw, member.key)) {  // the value is null, or written with escapes
      out.begin = *key - 1;
      out.end = *key + member.key.size() + 1;
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace millrace::lake
