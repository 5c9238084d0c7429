#include "contract/field_text.h"

#include <algorithm>

namespace millrace {
namespace {

/// Groups of three digits, one to three in the first; or no group at all.
bool append_whole(std::string_view whole, std::string_view group, NumberScratch& scratch, std::size_t& used) {
  const bool grouped = !group.empty() && whole.find(group) != std::string_view::npos;
  for (bool first = true; !whole.empty() || first; first = false) {
    const std::size_t end = grouped ? std::min(whole.find(group), whole.size()) : whole.size();
    const std::string_view digits = whole.substr(0, end);
    if (digits.empty() || (grouped && (first ? digits.size() > 3 : digits.size() != 3))) return false;
    for (char c : digits) {
      if (c < '0' || c > '9') return false;
      scratch.at(used++) = c;
    }
    if (end < whole.size() && end + group.size() == whole.size()) return false;  // nothing follows the mark
    whole.remove_prefix(std::min(whole.size(), end + (grouped ? group.size() : 0)));
  }
  return true;
}

/// "1.0" is 1 where the column says so.
std::string_view without_zero_fraction(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return text;
  return text.find_first_not_of('0', point + 1) == std::string_view::npos ? text.substr(0, point) : text;
}

}  // namespace

bool means_null(const ColumnContract& column, FieldText field) {
  // "" in quotes is a text; of any other type it is as empty as nothing.
  if (field.quoted && !(field.text.empty() && column.type.kind != TypeKind::text)) return false;
  return std::ranges::find(column.null_values, field.text) != column.null_values.end();
}

std::optional<std::string_view> plain_number(const ColumnContract& column, std::string_view text,
                                             NumberScratch& scratch) {
  std::size_t used = 0;
  if (column.marks) {
    if (text.size() > scratch.size()) return std::nullopt;
    const auto& [decimal, group] = *column.marks;
    if (text.starts_with('-')) {
      scratch.at(used++) = '-';
      text.remove_prefix(1);
    }
    const auto point = text.find(decimal);
    if (!append_whole(text.substr(0, point), group, scratch, used)) return std::nullopt;
    if (point != std::string_view::npos) {
      const std::string_view part = text.substr(point + decimal.size());
      if (part.find('.') != std::string_view::npos) return std::nullopt;
      scratch.at(used++) = '.';
      used = static_cast<std::size_t>(std::ranges::copy(part, scratch.begin() + static_cast<std::ptrdiff_t>(used)).out -
                                      scratch.begin());
    }
    text = {scratch.data(), used};
  }
  return column.integral_decimals ? without_zero_fraction(text) : text;
}

std::size_t code_points_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool looks_shortened(std::string_view text) {
  if (text.size() < 4 || text.front() < '0' || text.front() > '9') return false;
  const auto mark = text.find("E+");
  if (mark == std::string_view::npos) return false;
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::string_view front = text.substr(0, mark);
  return digits(text.substr(mark + 2)) && digits(front.substr(0, 1)) &&
         (front.size() == 1 || ((front[1] == '.' || front[1] == ',') && digits(front.substr(2))));
}

}  // namespace millrace
