#include "contract/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/words.h"
#include "contract/convert.h"

namespace millrace {
namespace {

using enum RejectCode;

/// Formats that are tried, the stricter before the looser one.
std::vector<std::string> time_patterns() {
  std::vector<std::string> out;
  for (const char* day : {"yyyy-MM-dd", "yyyy-M-d", "yyyy/MM/dd", "dd/MM/yyyy", "d/M/yyyy", "MM/dd/yyyy", "M/d/yyyy",
                          "dd.MM.yyyy", "d.M.yyyy", "dd-MM-yyyy"})
    for (const char* time : {"", " HH:mm:ss[.SSSSSS]", "'T'HH:mm:ss[.SSSSSS]", " HH:mm", " H:mm:ss[.SSSSSS]", " H:mm"})
      out.push_back(std::string(day) + time);
  return out;
}

std::optional<std::int64_t> instant_of(const ColumnContract& column, std::string_view text) {
  std::array<Int128, 1> cell{};
  std::uint64_t valid = ~0ULL;
  ColumnBuffer out{cell.data(), &valid, false};
  FlagSet flags;
  if (write_field(column, {text, false}, 0, out, 0, flags) != none) return std::nullopt;
  const auto number = static_cast<std::int64_t>(number_of(column.type, out, 0));
  return column.type.kind == TypeKind::date ? number * kMicrosPerDay : number;
}

/// digits[.digits]
bool is_plain_decimal(std::string_view text) {
  const auto point = text.find('.');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return digits(text.substr(0, point)) && (point == std::string_view::npos || digits(text.substr(point + 1)));
}

/// FNV-1a with a last mixing step; two of a million texts collide once in 10^7 columns.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  h = (h ^ h >> 32) * 0x9e3779b97f4a7c15;
  return (h ^ h >> 29) | 1;  // never 0, which is an empty place
}

}  // namespace

ColumnDraft::ColumnDraft(std::string name, std::int64_t now_us) : name_(std::move(name)), now_us_(now_us) {
  for (const std::string& pattern : time_patterns()) {
    TimeGuess guess;
    guess.column.format = *TimeFormat::compile(pattern);
    guess.column.type.kind = guess.column.format->has_time() ? TypeKind::timestamp : TypeKind::date;
    guess.column.settle();
    times_.push_back(std::move(guess));
  }
  TimeGuess zoned;
  zoned.column.type.kind = TypeKind::timestamptz;
  zoned.column.format = TimeFormat::iso_timestamp();
  zoned.column.settle();
  times_.push_back(std::move(zoned));
}

bool ColumnDraft::looks_like_id() const {
  const std::string lower = to_lower_ascii(name_);
  for (std::string_view end : {"id", "key", "uuid", "number", "code"})
    if (lower == end || lower.ends_with("_" + std::string(end)) || lower.ends_with(" " + std::string(end))) return true;
  return name_.ends_with("Id") || name_.ends_with("ID");
}

void ColumnDraft::add(FieldText field) {
  ++rows_;
  if (field.text.empty()) {
    ++empty_;
    return;
  }
  ++values_;
  look_at_number(field.text);
  look_at_times(field.text);
  remember(field.text);
  const auto boolean = to_boolean(field.text);
  if (boolean) ++booleans_;
  if (looks_shortened(field.text)) ++shortened_;
}

void ColumnDraft::look_at_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool zeros = digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
  if (zeros) ++leading_zeros_;
  if (to_int64(text) && !zeros && text != "-0") ++integers_;
  if (const auto point = digits.find('.'); is_plain_decimal(digits)) {
    ++decimals_;
    whole_digits_ = std::max(whole_digits_, std::min(point, digits.size()));
    if (point != std::string_view::npos) part_digits_ = std::max(part_digits_, digits.size() - point - 1);
  }
  if (to_float64(text)) ++floats_;
}

void ColumnDraft::look_at_times(std::string_view text) {
  std::erase_if(times_, [&](TimeGuess& guess) {
    const auto instant = instant_of(guess.column, text);
    if (!instant) return true;
    if (*instant > latest_now(now_us_)) ++guess.in_future;
    const auto point = text.find('.', 11);  // behind the date
    const auto end = std::min(
        text.size(), text.find_first_not_of("0123456789", point == std::string_view::npos ? point : point + 1));
    if (point != std::string_view::npos) guess.fraction_digits = std::max(guess.fraction_digits, end - point - 1);
    return false;
  });
}

void ColumnDraft::remember(std::string_view text) {
  if (counted_all_) {
    const auto it = counts_.find(text);
    if (it != counts_.end()) {
      ++it->second;
    } else if (counts_.size() < kMostCounted && text.size() <= 200) {
      counts_.emplace(text, 1);
    } else {
      counted_all_ = false;
      counts_.clear();
    }
  }
  if (!all_differ_ || remembered_ == kMostRemembered) return;
  if ((remembered_ + 1) * 2 > seen_.size()) {  // half full: twice the room
    std::vector<std::uint64_t> old =
        std::exchange(seen_, std::vector<std::uint64_t>(std::max<std::size_t>(64, seen_.size() * 2)));
    for (const std::uint64_t h : old) {
      if (h == 0) continue;
      std::size_t at = (h >> 1) % seen_.size();
      while (seen_[at] != 0) at = (at + 1) % seen_.size();
      seen_[at] = h;
    }
  }
  const std::uint64_t h = hash_of(text);
  std::size_t at = (h >> 1) % seen_.size();
  for (; seen_[at] != 0; at = (at + 1) % seen_.size()) {
    if (seen_[at] != h) continue;
    all_differ_ = false;
    seen_ = {};
    return;
  }
  seen_[at] = h;
  ++remembered_;
}

/// nullptr: no format fits all values, or several that read them as other days do.
const ColumnDraft::TimeGuess* ColumnDraft::time() const {
  if (values_ == 0 || times_.empty() || is_integer()) return nullptr;
  const bool day_first = times_.front().column.format->pattern().front() == 'd';
  const bool both = day_first && std::ranges::any_of(times_, [](const TimeGuess& guess) {
                      return guess.column.format->pattern().front() == 'M';
                    });
  return both ? nullptr : &times_.front();
}

std::optional<ColumnDraft::Values> ColumnDraft::accepted() const {
  constexpr std::size_t kMostValues = 20;
  if (!counted_all_ || counts_.empty() || values_ < 20 || static_cast<std::int64_t>(counts_.size()) * 5 > values_)
    return std::nullopt;
  Values out;
  for (const auto& [text, count] : counts_) {
    std::vector<std::string> usual;  // ten times as many
    for (const auto& [other, n] : counts_)
      if (n >= 10 * count) usual.push_back(other);
    const bool slip = text.size() >= 5 && !nearest(text, usual).empty();
    (slip ? out.slips : out.good).push_back(text);
  }
  if (out.good.size() > kMostValues) return std::nullopt;
  return out;
}

ContractDraft::ContractDraft(std::string name, std::string source, const std::vector<std::string>& columns,
                             std::int64_t now_us)
    : name_(std::move(name)), source_(std::move(source)) {
  for (const std::string& column : columns) columns_.emplace_back(column, now_us);
}

/// The first column that looks like an identifier and is one, else the first that could be.
const ColumnDraft* ContractDraft::key() const {
  const ColumnDraft* first = nullptr;
  for (const ColumnDraft& column : columns_) {
    if (!column.fits_a_key()) continue;
    if (column.looks_like_id()) return &column;
    if (first == nullptr) first = &column;
  }
  return first;
}

}  // namespace millrace
