#include "lake/csv/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/utf8.h"
#include "base/words.h"
#include "lake/csv/foreign.h"

namespace millrace::lake::csv {
namespace {

std::string normal_name(std::string_view text) {
  constexpr std::string_view kNoBreakSpace = "\xc2\xa0";
  text = trimmed(text);
  while (text.starts_with(kNoBreakSpace)) text = trimmed(text.substr(2));
  while (text.ends_with(kNoBreakSpace)) text = trimmed(text.substr(0, text.size() - 2));
  return to_lower_ascii(text);
}

std::vector<std::string> contract_names(const Contract& contract) {
  std::vector<std::string> names;
  for (const ColumnContract& c : contract.columns) names.push_back(c.name);
  return names;
}

FileReject refused(RejectCode code, std::string reason) { return {code, std::move(reason)}; }

/// A header of one field that would be the contract's under another delimiter.
std::optional<FileReject> other_delimiter(std::string_view line, const Contract& contract, const Dialect& dialect) {
  for (const auto& [candidate, name] : {std::pair{';', ";"}, {'\t', "tab"}, {'|', "|"}, {',', ","}}) {
    if (candidate == dialect.delimiter || line.find(candidate) == std::string_view::npos) continue;
    const std::string first = normal_name(line.substr(0, line.find(candidate)));
    for (const ColumnContract& c : contract.columns)
      if (first == to_lower_ascii(c.name) || first == "\"" + to_lower_ascii(c.name) + "\"")
        return refused(RejectCode::wrong_delimiter,
                       fmt::format("found the delimiter {}, expected {}", name, dialect.delimiter));
  }
  return std::nullopt;
}

/// The first line names no column: perhaps one below it does, or it is a hint for a spreadsheet.
FileReject no_header(std::string_view line, std::string_view rest, const Contract& contract, const Dialect& dialect) {
  if (auto other = other_delimiter(line, contract, dialect)) return *std::move(other);
  const std::string found = printable(line, 60);
  if (to_lower_ascii(line).starts_with("sep="))
    return refused(RejectCode::bad_header,
                   fmt::format("the first line is \"{}\", a hint for spreadsheets; set csv.skip_lines: 1", found));
  std::int64_t above = 1;
  for (std::size_t at = 0; above <= 20 && at < rest.size(); ++above) {
    const std::size_t end = std::min(rest.find_first_of("\r\n", at), rest.size());
    const std::string_view candidate = rest.substr(at, end - at);
    const std::string_view first = candidate.substr(0, candidate.find(dialect.delimiter));
    for (const ColumnContract& c : contract.columns)
      if (first.size() < candidate.size() && normal_name(first) == to_lower_ascii(c.name))
        return refused(RejectCode::bad_header,
                       fmt::format("the first line is \"{}\", the header stands {} below; set csv.skip_lines: {}",
                                   found, counted(above, "line"), above));
    at = end + (rest.substr(end).starts_with("\r\n") ? 2 : 1);
  }
  return refused(RejectCode::bad_header,
                 fmt::format("the first line \"{}\" names no column of the contract, expected {}", found,
                             join(contract_names(contract), ",")));
}

using FieldOf = std::map<std::string, std::size_t>;  // normal name: field

/// The field of a column, by its name or an alias; taken out of `field_of`.
std::optional<std::size_t> take_field(const ColumnContract& column, FieldOf& field_of, Header& header) {
  const auto take = [&](const std::string& name) -> std::optional<std::size_t> {
    const auto it = field_of.find(to_lower_ascii(name));
    if (it == field_of.end()) return std::nullopt;
    const std::size_t field = it->second;
    field_of.erase(it);
    return field;
  };
  if (const auto field = take(column.name)) {
    if (header.names[*field] != column.name)
      header.warnings.push_back({RejectCode::header_normalised, column.name,
                                 fmt::format("the header writes \"{}\"", printable(header.names[*field], 60))});
    return field;
  }
  for (const std::string& alias : column.aliases)
    if (const auto field = take(alias)) {
      header.warnings.push_back(
          {RejectCode::renamed_column, column.name, fmt::format("the header calls it \"{}\"", printable(alias, 60))});
      return field;
    }
  return std::nullopt;
}

std::optional<FileReject> settle_missing(const ColumnContract& column, const std::vector<std::string>& others,
                                         const SchemaPolicy& policy, Header& header) {
  const bool may_be_absent = policy.missing_columns == SchemaMode::evolve ||
                             policy.missing_columns == SchemaMode::discard_value ||
                             policy.missing_columns == SchemaMode::discard_row;
  // discard_row: each record lacks the value, so a required column rejects each; the others are NULL.
  if (may_be_absent && (!column.required || policy.missing_columns == SchemaMode::discard_row)) {
    header.warnings.push_back({RejectCode::absent_column, column.name, "the header does not name it"});
    return std::nullopt;
  }
  const std::string near = nearest(column.name, others);
  return refused(RejectCode::missing_column,
                 fmt::format("the header has no column \"{}\"{}", column.name,
                             near.empty() ? "" : fmt::format(", but \"{}\": renamed?", printable(near, 60))));
}

std::optional<FileReject> settle_extra(const FieldOf& extra, const Contract& contract, const SchemaPolicy& policy,
                                       Header& header) {
  std::vector<std::size_t> fields;
  for (const auto& [name, field] : extra) fields.push_back(field);
  std::sort(fields.begin(), fields.end());
  for (const std::size_t field : fields) {
    const std::string& name = header.names[field];
    switch (policy.columns) {
      case SchemaMode::freeze: {
        const std::string near = nearest(name, contract_names(contract));
        return refused(RejectCode::extra_column,
                       fmt::format("the header has column \"{}\", which the contract does not know{}",
                                   printable(name, 60), near.empty() ? "" : fmt::format(" (it knows \"{}\")", near)));
      }
      case SchemaMode::evolve:
        header.new_columns.push_back(normal_name(name));
        header.field_of_new_column.push_back(field);
        header.warnings.push_back({RejectCode::new_column, normal_name(name), "the contract does not know it"});
        break;
      case SchemaMode::discard_row: header.refused_fields.push_back(field); break;
      case SchemaMode::discard_value:
        header.warnings.push_back({RejectCode::discarded_column, printable(name, 60), "the contract does not know it"});
        break;
    }
  }
  return std::nullopt;
}

HeaderOrReject match(Header header, std::string_view line, std::string_view rest, const Contract& contract,
                     const Dialect& dialect, const SchemaPolicy& policy) {
  FieldOf field_of;
  for (std::size_t i = 0; i < header.names.size(); ++i) {
    if (!field_of.emplace(normal_name(header.names[i]), i).second)
      return refused(RejectCode::duplicate_column,
                     fmt::format("the header names column \"{}\" twice", printable(header.names[i], 60)));
  }
  std::vector<const ColumnContract*> missing;
  for (const ColumnContract& c : contract.columns) {
    const auto field = take_field(c, field_of, header);
    header.field_of_column.push_back(field.value_or(Header::kAbsent));
    if (!field) missing.push_back(&c);
  }
  if (missing.size() == contract.columns.size()) return no_header(line, rest, contract, dialect);
  std::vector<std::string> others;
  for (const auto& [name, index] : field_of) others.push_back(header.names[index]);
  for (const ColumnContract* column : missing)
    if (auto reject = settle_missing(*column, others, policy, header)) return *std::move(reject);
  if (auto reject = settle_extra(field_of, contract, policy, header)) return *std::move(reject);
  return header;
}

/// Do the records end in one delimiter more than the header has? They do where the first ones all do.
bool records_have_trailing_delimiter(std::string_view padded, std::size_t names, const Dialect& dialect,
                                     bool whole_file) {
  RecordReader reader(padded, dialect, 1);
  Record record;
  std::size_t seen = 0;
  for (; seen < 1000 && reader.next(record);) {
    if (record.blank()) continue;
    if (record.end == record.text_end && !whole_file) break;  // the head ends inside it
    if (record.fields.size() != names + 1 || !record.fields.back().text.empty() || record.fields.back().quoted)
      return false;
    ++seen;
  }
  return seen > 0;
}

std::string head_in_words(std::size_t bytes) {
  return fmt::format("the first {} bytes", with_thousands(static_cast<std::int64_t>(bytes)));
}

/// Where the header is looked for: behind the lines that are passed over.
std::variant<std::size_t, FileReject> begin_of_header(std::string_view text, bool whole_file, std::int64_t lines) {
  const std::size_t skipped = bytes_of_lines(text, lines);
  if (skipped != std::string_view::npos && (skipped < text.size() || lines == 0)) return skipped;
  if (whole_file && trimmed(text).empty()) return text.size();
  const std::string passed = fmt::format("csv.skip_lines passes over {}", counted(lines, "line"));
  if (!whole_file)
    return refused(RejectCode::bad_header,
                   fmt::format("{}, and {} hold no header behind them", passed, head_in_words(text.size())));
  return refused(RejectCode::bad_header, fmt::format("{}, and the file has none behind them", passed));
}

}  // namespace

HeaderOrReject read_header(std::string_view head, bool whole_file, const Contract& contract, const Dialect& dialect,
                           const SchemaPolicy& policy) {
  if (auto foreign = looks_foreign(head)) return *std::move(foreign);
  Header header;
  if (head.starts_with("\xef\xbb\xbf")) header.bytes = 3;
  std::string padded(head.substr(header.bytes));
  const std::size_t size = padded.size();
  padded.append(kPadding, '\0');
  const std::string_view text(padded.data(), size);
  RecordReader reader(text, dialect, 1);
  Record record;
  auto skipped = begin_of_header(text, whole_file, dialect.skip_lines);
  if (auto* reject = std::get_if<FileReject>(&skipped)) return std::move(*reject);
  reader.seek(text.data() + std::get<std::size_t>(skipped), dialect.skip_lines + 1);
  do {  // blank lines and comments above the header are tolerated, as everywhere
    if (reader.next(record)) continue;
    if (whole_file) return std::monostate{};
    return refused(RejectCode::bad_header,
                   head_in_words(size) + " hold blank lines and comments only, expected a header line");
  } while (record.blank() || record.is_comment(dialect));
  const std::size_t begin = static_cast<std::size_t>(record.begin - text.data());
  const std::size_t end = static_cast<std::size_t>(record.end - text.data());
  if (record.fields.size() > dialect.max_columns)
    return refused(RejectCode::too_many_columns,
                   fmt::format("the first line has {}{} fields, expected up to {}", record.fields.size(),
                               record.end == record.text_end && !whole_file ? " or more" : "", dialect.max_columns));
  if (record.end == record.text_end && !whole_file)
    return refused(RejectCode::not_csv,
                   fmt::format("the first line does not end within {}, expected a header line", head_in_words(size)));
  if (record.broken != RejectCode::none)
    return refused(RejectCode::bad_header, fmt::format("the first line \"{}\": {}", printable(record.text(), 60),
                                                       meaning_of(record.broken).meaning));
  if (utf8::first_bad_byte(record.text()) != std::string_view::npos) {
    const std::string_view start = head.substr(0, 256);
    const bool binary = std::any_of(start.begin(), start.end(),
                                    [](char c) { return c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r'; });
    return refused(binary ? RejectCode::not_csv : RejectCode::wrong_encoding,
                   binary ? "the file begins with binary data, expected CSV in UTF-8"
                          : "the first line is not UTF-8, expected CSV in UTF-8");
  }
  for (const FieldSlice& f : record.fields) header.names.emplace_back(f.text);
  header.fields = header.names.size();
  header.bytes += end;
  header.lines = count_line_ends({padded.data(), end});
  const std::string_view line = text.substr(begin, static_cast<std::size_t>(record.text_end - record.begin));
  const bool own = header.names.size() > 1 && header.names.back().empty();
  if (own) header.names.pop_back();
  // The view keeps its padding: it ends where the padded text does.
  if (!own && records_have_trailing_delimiter(text.substr(end), header.names.size(), dialect, whole_file))
    ++header.fields;
  if (header.fields > header.names.size())
    header.warnings.push_back({RejectCode::trailing_delimiter, "", "every record ends in a delimiter"});
  return match(std::move(header), line, text.substr(end), contract, dialect, policy);
}

}  // namespace millrace::lake::csv
