#include "transform/run/seed_file.h"

#include <fmt/format.h>

#include <unordered_set>

#include "base/utf8.h"
#include "base/words.h"
#include "lake/csv/record.h"

namespace millrace::transform {
namespace {

namespace csv = lake::csv;

/// Quotes that stand doubled are one.
std::string_view unescaped(const csv::FieldSlice& field, std::string& room) {
  if (!field.has_doubled_quotes) return field.text;
  room.clear();
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    room += field.text[i];
    if (field.text[i] == '"') ++i;
  }
  return room;
}

Error broken(std::string_view where, const csv::Record& record) {
  const bool open = record.broken == RejectCode::unbalanced_quote;
  return {ErrorKind::invalid_input,
          fmt::format("{}:{}: {}, found {}", where, record.line,
                      open ? "a quoted value does not end" : "expected a delimiter or the end of the row after a quote",
                      printable(record.text(), 60)),
          "write a quote inside a quoted value twice: \"\"",
          {}};
}

/// As a spreadsheet names columns: a, b, … z, aa.
std::string letter_name(std::size_t index) {
  std::string out(index / 26 + 1, static_cast<char>('a' + index % 26));
  return out;
}

std::vector<std::string> column_names(const csv::Record& header) {
  std::vector<std::string> names;
  std::unordered_set<std::string> taken;
  std::string room;
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    std::string name(unescaped(header.fields[i], room));
    if (trimmed(name).empty()) name = letter_name(i);
    std::string unique = name;
    for (int n = 2; !taken.insert(to_lower_ascii(unique)).second; ++n) unique = fmt::format("{}_{}", name, n);
    names.push_back(std::move(unique));
  }
  return names;
}

Status check_text(std::string_view text, std::string_view where) {
  const std::size_t bad = utf8::first_bad_byte(text);
  if (bad == std::string_view::npos) return ok();
  return Error{ErrorKind::invalid_input,
               fmt::format("{}:{}: found a byte that is not UTF-8: {}", where,
                           csv::count_line_ends(text.substr(0, bad)) + 1, printable(text.substr(bad, 1))),
               "save the file as UTF-8",
               {}};
}

Status add_row(const csv::Record& record, std::string_view where, TextRows& out, std::string& room, bool strict) {
  if (record.broken != RejectCode::none) return broken(where, record);
  if (record.blank()) {
    if (out.width() == 1) out.add(std::nullopt);
    return ok();
  }
  if (record.fields.size() > out.width())
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}:{}: found {}, expected at most {}: the header has no more columns", where, record.line,
                             counted(static_cast<std::int64_t>(record.fields.size()), "value"), out.width()),
                 "quote values that hold the delimiter, or add the missing name to the header",
                 {}};
  if (strict && record.fields.size() < out.width())
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}:{}: found {}, expected {}", where, record.line,
                             counted(static_cast<std::int64_t>(record.fields.size()), "value"), out.width()),
                 "without --strict short rows are filled up with NULL",
                 {}};
  for (const csv::FieldSlice& field : record.fields) out.add(unescaped(field, room));
  for (std::size_t c = record.fields.size(); c < out.width(); ++c) out.add(std::nullopt);
  return ok();
}

}  // namespace

Result<TextRows> parse_seed(std::string_view text, std::string_view where, char delimiter, bool strict) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  MR_CHECK(check_text(text, where));
  std::string padded(text);
  padded.append(csv::kPadding, '\0');
  csv::Dialect dialect;
  dialect.delimiter = delimiter;
  dialect.max_field_bytes = 256 << 20;
  csv::RecordReader reader(std::string_view(padded).substr(0, text.size()), dialect, 1);
  csv::Record record;
  if (!reader.next(record) || record.blank())
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}:1: found no header, expected the names of the columns in the first line", where),
                 {},
                 {}};
  if (record.broken != RejectCode::none) return broken(where, record);
  TextRows rows(column_names(record));
  std::string room;
  while (reader.next(record)) MR_CHECK(add_row(record, where, rows, room, strict));
  return rows;
}

}  // namespace millrace::transform
