// What a draft has seen, as an ODCS document with comments.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/words.h"
#include "contract/draft.h"

namespace millrace {
namespace {

/// Plain where YAML reads it as that very text, else in quotes (a JSON string is a YAML string).
std::string scalar(std::string_view text) {
  static const std::vector<std::string> kWords{"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  const bool plain = !text.empty() && text.size() <= 60 && (std::isalpha(static_cast<unsigned char>(text[0])) != 0) &&
                     std::ranges::all_of(text, [](char c) {
                       return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
                     });
  if (plain && std::ranges::find(kWords, to_lower_ascii(text)) == kWords.end()) return std::string(text);
  std::string out;
  json::append_string(out, text);
  return out;
}

std::string list(const std::vector<std::string>& values) {
  std::vector<std::string> parts;
  for (const std::string& v : values) parts.push_back(scalar(v));
  return join(parts, ", ");
}

/// One line of comment at the depth of a column's keys. Data in it is made harmless.
std::string comment(const std::string& text) { return fmt::format("        # {}\n", printable(text, 300)); }

std::string option(std::string_view text) { return fmt::format("        logicalTypeOptions: {{{}}}\n", text); }

}  // namespace

std::string ColumnDraft::time_lines(const TimeGuess& guess) const {
  const TypeKind kind = guess.column.type.kind;
  std::string pattern = guess.column.format->pattern(), out;
  if (kind == TypeKind::date) {
    out = "        logicalType: date\n" + option("format: " + scalar(pattern));
  } else if (kind == TypeKind::timestamptz) {
    out = "        logicalType: timestamp\n" + option("timezone: true");
  } else {
    if (const auto at = pattern.find("[.SSSSSS]"); at != std::string::npos)
      pattern.replace(at, 9, guess.fraction_digits == 0 ? "" : guess.fraction_digits > 3 ? "[.SSSSSS]" : "[.SSS]");
    out = "        logicalType: timestamp\n" + option("format: " + scalar(pattern));
  }
  if (guess.in_future * 10 > values_)
    return out + comment(fmt::format("{} of {} lie in the future: that seems to be usual here", guess.in_future,
                                     counted(values_, "value")));
  if (guess.in_future > 0)
    out += comment(fmt::format("{} of {} {} in the future: loaded, counted and flagged", guess.in_future,
                               counted(values_, "value"), guess.in_future == 1 ? "lies" : "lie"));
  return out +
         "        quality:\n"
         "          - {type: custom, engine: millrace, implementation: not_in_future, severity: warning}\n";
}

std::string ColumnDraft::number_lines() const {
  if (is_integer()) return "        logicalType: integer\n";
  if (decimals_ == values_ && whole_digits_ + part_digits_ <= 38) {
    const std::size_t seen = whole_digits_ + part_digits_;
    return fmt::format("        logicalType: number\n        physicalType: decimal({},{})\n", seen <= 18 ? 18 : 38,
                       part_digits_) +
           comment(fmt::format("seen: up to {} before the point and {} behind it",
                               counted(static_cast<std::int64_t>(whole_digits_), "digit"), part_digits_));
  }
  return "        logicalType: number\n";
}

std::string ColumnDraft::text_lines() const {
  std::string out = "        logicalType: string\n";
  if (values_ == 0) return out + comment("no value was seen: the type is a guess");
  if (leading_zeros_ > 0 && decimals_ == values_)
    out += comment(
        fmt::format("digits, but {} with leading zeros, which a number would lose", counted(leading_zeros_, "value")));
  if (!times_.empty())
    out += comment(fmt::format("every value fits {} and others: declare date or timestamp with the right format",
                               times_.front().column.format->pattern()));
  if (shortened_ > 0)
    out += comment(fmt::format("{} like 1.23E+15: shortened by a spreadsheet, what they were is lost",
                               counted(shortened_, "value")));
  const auto values = accepted();
  if (!values) return out;
  for (const std::string& slip : values->slips)
    out += comment(fmt::format("left out: {} ({}), it looks like a slip of {}", slip,
                               with_thousands(counts_.find(slip)->second), nearest(slip, values->good)));
  out += fmt::format(
      "        quality:\n"
      "          - metric: invalidValues\n"
      "            arguments: {{validValues: [{}]}}\n"
      "            mustBe: 0\n"
      "            severity: warning\n",
      list(values->good));
  return out;
}

std::string ColumnDraft::type_lines() const {
  if (values_ > 0 && booleans_ == values_) return "        logicalType: boolean\n";
  if (const TimeGuess* guess = time()) return time_lines(*guess);
  const bool long_id = looks_like_id() && !is_integer() && part_digits_ == 0;  // nobody calculates with those
  const bool number = is_number() && !long_id && (leading_zeros_ == 0 || part_digits_ > 0);
  return number ? number_lines() : text_lines();
}

std::string ColumnDraft::yaml(bool key) const {
  std::string out = fmt::format("      - name: {}\n", scalar(name_));
  if (key) {
    out += "        primaryKey: true\n        unique: true\n";
    out += comment(remembered_ < kMostRemembered
                       ? fmt::format("all {} differ", counted(values_, "value"))
                       : fmt::format("the first {} differ; behind them nobody has looked", counted(values_, "value")));
  } else {
    if (never_empty()) out += "        required: true\n";
    if (fits_a_key() && looks_like_id())
      out += comment("every value differs: add unique: true, if that is a promise");
    else if (rows_ > 0 && empty_ == rows_)
      out += comment("always empty so far");
    else if (empty_ > 0)
      out += comment(fmt::format("empty in {} of {}", with_thousands(empty_), counted(rows_, "row")));
  }
  return out + type_lines();
}

std::string ContractDraft::yaml() const {
  const ColumnDraft* primary = key();
  std::string out = fmt::format(
      "# Proposed by `millrace contract init` from {}: {}.\n"
      "# Types are those that all values have. Rules of severity warning load a row and flag it.\n"
      "# Read it, correct it, keep it: from now on it is the promise.\n"
      "apiVersion: v3.1.0\nkind: DataContract\nid: {}\nversion: 0.1.0\nstatus: draft\nschema:\n  - name: {}\n"
      "    properties:\n",
      printable(source_, 300), counted(columns_.empty() ? 0 : columns_.front().rows(), "row"), scalar(name_),
      scalar(name_));
  for (const ColumnDraft& column : columns_) out += column.yaml(&column == primary);
  return out;
}

}  // namespace millrace
