#include "ingest/trace_key.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "base/words.h"
#include "contract/field_rules.h"
#include "contract/field_text.h"
#include "contract/normal_form.h"

namespace millrace::ingest {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_integer(TypeKind kind) {
  return kind == TypeKind::int8 || kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

bool holds(std::string_view raw, std::string_view text) {
  for (std::size_t at = raw.find(text); at != std::string_view::npos; at = raw.find(text, at + 1)) {
    const bool before = at == 0 || !is_word(raw[at - 1]);
    const bool behind = at + text.size() == raw.size() || !is_word(raw[at + text.size()]);
    if (before && behind) return true;
  }
  return false;
}

ColumnContract without_rules(ColumnContract column) {
  column.required = column.flag_nulls = column.identifies = false;
  column.accepted.reset();
  column.limits.reset();
  column.length.reset();
  column.patterns.clear();
  column.not_in_future.reset();
  column.settle();
  return column;
}

ColumnContract plain_of(const ColumnContract& column) {
  ColumnContract out;
  out.name = column.name;
  out.type = column.type;
  out.trim = true;
  out.default_zone = column.default_zone;
  out.dst_policy = column.dst_policy;
  if (column.format)
    out.format = column.type.kind == TypeKind::date ? TimeFormat::iso_date() : TimeFormat::iso_timestamp();
  out.settle();
  return out;
}

}  // namespace

KeyPart::KeyPart(const ColumnContract& column, std::string text)
    : column_(without_rules(column)), plain_(plain_of(column)), text_(std::move(text)) {
  if (column.composed)
    if (auto text_in_form = composed(text_)) text_ = *std::move(text_in_form);
  if (column.type.kind == TypeKind::text || text_.empty()) return;
  number_ = number_in(plain_, text_);
  if (!number_) number_ = number_in(column_, text_);
}

bool KeyPart::is_value() const { return text_.empty() || column_.type.kind == TypeKind::text || number_.has_value(); }

std::optional<Int128> KeyPart::number_in(const ColumnContract& column, std::string_view text) const {
  alignas(16) std::array<std::byte, 16> memory{};
  std::uint64_t valid = ~std::uint64_t{0};
  ColumnBuffer cell{memory.data(), &valid, false};
  FlagSet flags;
  if (write_field(column, {text, false}, 0, cell, 0, flags) != RejectCode::none || cell.has_nulls) return std::nullopt;
  return number_of(column.type, cell, 0);
}

bool KeyPart::matches(const lake::RecordFields::Found& field) const {
  const bool trims = column_.trim && !field.quoted;
  const std::string_view text = trims ? trimmed(field.text) : std::string_view(field.text);
  const bool null = field.null || means_null(column_, {text, field.quoted});
  if (null || text_.empty()) return text_.empty() && (null || text.empty());
  if (column_.composed) return composed(text).value_or(std::string(text)) == text_;
  if (column_.type.kind == TypeKind::text || !number_) return text == text_;
  return number_in(column_, text) == number_;
}

bool KeyPart::stands_in(std::string_view raw) const {
  if (text_.empty() || holds(raw, text_)) return true;
  if (!is_integer(column_.type.kind)) return false;
  for (std::size_t at = 0; at < raw.size();) {  // 007 is 7
    const std::size_t end = static_cast<std::size_t>(
        std::find_if_not(raw.begin() + static_cast<std::ptrdiff_t>(at), raw.end(), is_word) - raw.begin());
    if (end > at && number_in(plain_, raw.substr(at, end - at)) == number_) return true;
    at = end + 1;
  }
  return false;
}

std::string KeyPart::needle() const {
  if (is_integer(column_.type.kind) && number_ && !column_.marks) {
    const auto first = text_.find_first_of("123456789");
    return first == std::string::npos ? "0" : std::string(trimmed(std::string_view(text_).substr(first)));
  }
  if (column_.type.kind != TypeKind::text) return "";
  std::string_view best;  // the longest piece that is written as it is, whatever the quotes
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = static_cast<std::size_t>(
        std::find_if_not(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.end(), is_word) - text_.begin());
    if (end - at > best.size()) best = std::string_view(text_).substr(at, end - at);
    at = end + 1;
  }
  return std::string(best);
}

}  // namespace millrace::ingest
