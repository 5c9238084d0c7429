#include "app/config_csv.h"

#include <fmt/format.h>

#include "app/config.h"
#include "base/words.h"

namespace millrace::app {
namespace {

using yaml::Fields;

Error wrong(const Fields& f, std::string_view key, std::string_view message) {
  const yaml::Node* node = f.node().find(key);
  return yaml::error_at(f.place().member(key), node == nullptr ? f.node() : *node, message);
}

std::string_view otherwise(std::string_view key) { return default_of(fmt::format("sources.<name>.csv.{}", key)); }

/// One character; "tab", and "none" where there may be none.
Result<char> character(Fields& f, std::string_view key, bool may_be_none) {
  MR_TRY(const std::string text, f.text(key, otherwise(key)));
  if (text == "tab") return '\t';
  if (text == "none" && may_be_none) return '\0';
  const bool fits = text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && text != "\n" && text != "\r";
  if (fits) return text[0];
  return wrong(f, key,
               fmt::format("found \"{}\", expected one ASCII character or tab{}", printable(text),
                           may_be_none ? " or none" : ""));
}

Result<std::size_t> bytes(Fields& f, std::string_view key, std::uint64_t least, std::uint64_t most) {
  MR_TRY(const std::string text, f.text(key, otherwise(key)));
  const auto value = parse_bytes(text);
  if (!value) return wrong(f, key, value.error().message);
  if (*value >= least && *value <= most) return *value;
  return wrong(f, key, fmt::format("found {}, expected {} to {} bytes", text, least, most));
}

Result<std::int64_t> number(Fields& f, std::string_view key, std::int64_t least, std::int64_t most) {
  const std::string text(otherwise(key));
  MR_TRY(const std::int64_t value, f.integer(key, std::stoll(text)));
  if (value >= least && value <= most) return value;
  return wrong(f, key, fmt::format("found {}, expected {} to {}", value, least, most));
}

Result<lake::Encoding> read_encoding(Fields& f) {
  using enum lake::Encoding;
  MR_TRY(const std::string text, f.text("encoding", otherwise("encoding")));
  std::string expected;
  for (const lake::Encoding e : {utf8, latin1, cp1252, utf16, utf16le, utf16be}) {
    if (text == name_of(e)) return e;
    expected += (expected.empty() ? "" : ", ") + std::string(name_of(e));
  }
  return wrong(f, "encoding", fmt::format("found \"{}\", expected {}", printable(text), expected));
}

}  // namespace

Status read_csv_section(const yaml::Node* node, const yaml::Place& place, lake::csv::Dialect& d,
                        lake::Encoding& encoding) {
  yaml::Node empty;
  empty.kind = yaml::Node::Kind::mapping;
  MR_TRY(Fields f, Fields::of(node == nullptr ? empty : *node, place));
  MR_TRY(d.delimiter, character(f, "delimiter", false));
  MR_TRY(d.quote, character(f, "quote", false));
  MR_TRY(d.escape, character(f, "escape", true));
  MR_TRY(d.comment, character(f, "comment", true));
  MR_TRY(d.skip_lines, number(f, "skip_lines", 0, 1000));
  MR_TRY(const std::string stray, f.text("stray_quotes", otherwise("stray_quotes")));
  if (stray != "keep" && stray != "reject")
    return wrong(f, "stray_quotes", fmt::format("found \"{}\", expected keep, reject", stray));
  d.stray_quotes = stray == "keep";
  MR_TRY(d.max_field_bytes, bytes(f, "max_field", 1, 1 << 30));
  MR_TRY(d.max_record_bytes, bytes(f, "max_record", 64 << 10, 1 << 30));
  MR_TRY(const std::int64_t columns, number(f, "max_columns", 1, 1'000'000));
  d.max_columns = static_cast<std::size_t>(columns);
  MR_TRY(encoding, read_encoding(f));
  MR_CHECK(f.done());
  if (d.delimiter == d.quote || d.delimiter == d.escape || d.delimiter == d.comment || d.quote == d.escape ||
      d.quote == d.comment)
    return wrong(f, "delimiter", "delimiter, quote, escape and comment must be different characters");
  return ok();
}

}  // namespace millrace::app
