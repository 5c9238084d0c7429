#include "contract/time_format.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace {

struct TimeFormat::Parts {
  unsigned year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t micros = 0;
};

namespace {

/// `count` digits at the front, taken off; false where they are not all digits.
bool take_digits(std::string_view& text, std::size_t count, unsigned& out) {
  if (text.size() < count) return false;
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  text.remove_prefix(count);
  out = value;
  return true;
}

/// One or two digits where the pattern has a single letter, else two.
bool take_unit(std::string_view& text, unsigned digits, unsigned& out) {
  const bool two = text.size() > 1 && text[1] >= '0' && text[1] <= '9';
  return take_digits(text, digits == 1 && !two ? 1 : 2, out);
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, std::size_t most, std::int64_t& micros) {
  std::size_t digits = 0;
  std::int64_t value = 0;
  while (digits < most && digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + (text[digits++] - '0');
  if (digits == 0) return false;
  text.remove_prefix(digits);
  for (; digits < 6; ++digits) value *= 10;
  micros = value;
  return true;
}

}  // namespace

std::optional<std::int32_t> days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  if (year < 1 || year > 9999 || !is_civil_day(static_cast<unsigned>(year), month, day)) return std::nullopt;
  return civil_days(static_cast<unsigned>(year), month, day);
}

/// Reads a pattern piece by piece: a piece is a run of one character, or a quoted literal.
class TimeFormat::Compiler {
 public:
  explicit Compiler(std::string_view pattern) : pattern_(pattern) { out_.pattern_ = pattern; }

  Result<TimeFormat> compile() {
    while (at_ < pattern_.size()) {
      std::size_t n = 1;
      while (at_ + n < pattern_.size() && pattern_[at_ + n] == pattern_[at_]) ++n;
      if (pattern_[at_] == '\'') n = quoted_length();
      const std::string_view piece = pattern_.substr(at_, n);
      if (n == 0 || out_.has_zone_ || !add(piece)) return refused(n == 0 ? pattern_.substr(at_) : piece);
      at_ += n;
    }
    if (open_) return refused("[");
    if (!has_year_ || !has_month_ || !has_day_) return refused(pattern_);
    out_.add_layout(out_.steps_);
    return std::move(out_);
  }

 private:
  using What = Step::What;

  /// With both quotes; 0: it is not closed, or empty.
  std::size_t quoted_length() const {
    const std::size_t end = pattern_.find('\'', at_ + 1);
    return end == std::string_view::npos || end == at_ + 1 ? 0 : end + 1 - at_;
  }

  bool add(std::string_view piece) {
    const char c = piece.front();
    const std::size_t n = piece.size();
    if (c == '\'') return add_literals(piece.substr(1, n - 2));
    if (piece == "yyyy" || piece == "uuuu") return has_year_ = true, add_step(What::year, 4);
    if (c == 'M' && n <= 2) return has_month_ = true, add_step(What::month, n);
    if (c == 'd' && n <= 2) return has_day_ = true, add_step(What::day, n);
    if (c == 'S' && n <= 6) return add_step(What::fraction, n);
    for (const auto& [letter, what] : {std::pair{'H', What::hour}, {'m', What::minute}, {'s', What::second}})
      if (c == letter && n <= 2) return out_.has_time_ = true, add_step(what, n);
    const bool at_end = at_ + n == pattern_.size();
    if ((((c == 'X' || c == 'x') && n <= 3) || piece == "Z") && at_end && !open_) return out_.has_zone_ = true;
    if (piece == "[" && !open_) return open_ = true, add_step(What::option, 0);
    if (piece == "]" && open_) return open_ = false, closed_ = true;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if ((letter && c != 'T') || c == '[' || c == ']') return false;
    return add_literals(piece);
  }
  bool add_step(What what, std::size_t digits) {
    if (closed_) return false;  // an optional part stands at the end
    out_.steps_.push_back({what, 0, static_cast<std::uint8_t>(digits)});
    return true;
  }
  bool add_literals(std::string_view text) {
    if (closed_) return false;
    for (char c : text) out_.steps_.push_back({What::literal, c});
    return true;
  }
  Error refused(std::string_view piece) const {
    return {ErrorKind::invalid_input,
            fmt::format("format \"{}\": \"{}\" is not understood, expected yyyy MM dd HH mm ss S X and literals",
                        pattern_, piece),
            "for example yyyy-MM-dd HH:mm:ss[.SSS], dd/MM/yyyy, or yyyy-MM-dd'T'HH:mm:ssX",
            {}};
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  bool has_year_ = false, has_month_ = false, has_day_ = false, open_ = false, closed_ = false;
  TimeFormat out_;
};

Result<TimeFormat> TimeFormat::compile(std::string_view pattern) { return Compiler(pattern).compile(); }

/// Keeps the steps as a layout where their characters stand at fixed places. Single letters are taken
/// for two digits, which they mostly are.
void TimeFormat::add_layout(const std::vector<Step>& steps) {
  using What = Step::What;
  static constexpr std::array<char, 6> kLetters{'y', 'M', 'd', 'H', 'm', 's'};
  TimeLayout layout;
  bool optional = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const bool before_fraction = i + 2 == steps.size() && steps[i + 1].what == What::fraction;
    if (step.what == What::option) {
      optional = true;
    } else if (step.what == What::literal && before_fraction) {
      layout.fraction(step.literal, steps[i + 1].digits, optional);
      break;
    } else if (optional || step.what == What::fraction) {
      return;
    } else if (step.what == What::literal ? !layout.literal(step.literal)
                                          : !layout.unit(kLetters.at(static_cast<std::size_t>(step.what)),
                                                         std::max<unsigned>(2, step.digits))) {
      return;
    }
  }
  if (layout.finish()) layout_.at(layouts_++) = layout;
}

TimeFormat TimeFormat::iso_timestamp() {
  TimeFormat f;
  for (const char* pattern : {"yyyy-MM-dd HH:mm:ss[.SSSSSS]", "yyyy-MM-ddTHH:mm:ss[.SSSSSS]"})
    f.add_layout(compile(pattern)->steps_);
  f.pattern_ = "yyyy-MM-dd HH:mm:ss[.SSS]";
  f.has_time_ = true;
  return f;
}

TimeFormat TimeFormat::iso_date() {
  TimeFormat f;
  f.pattern_ = "yyyy-MM-dd";
  f.add_layout(compile(f.pattern_)->steps_);
  return f;
}

bool TimeFormat::match_step(const Step& step, std::string_view& text, Parts& p) {
  using What = Step::What;
  switch (step.what) {
    case What::year: return take_digits(text, 4, p.year);
    case What::month: return take_unit(text, step.digits, p.month);
    case What::day: return take_unit(text, step.digits, p.day);
    case What::hour: return take_unit(text, step.digits, p.hour);
    case What::minute: return take_unit(text, step.digits, p.minute);
    case What::second: return take_unit(text, step.digits, p.second);
    case What::fraction: return take_fraction(text, step.digits, p.micros);
    case What::literal: return take(text, step.literal);
    case What::option: return true;
  }
  return false;
}

bool TimeFormat::match(std::string_view& text, Parts& p) const {
  bool optional = false;
  std::string_view before_option;
  Parts parts_before;
  for (const Step& step : steps_) {
    if (step.what == Step::What::option) {
      optional = true;
      before_option = text;
      parts_before = p;
    } else if (!match_step(step, text, p)) {
      if (!optional) return false;
      text = before_option;
      p = parts_before;
      return true;
    }
  }
  return true;
}

bool TimeFormat::match_iso(std::string_view& text, Parts& p) {
  if (!take_digits(text, 4, p.year) || !take(text, '-') || !take_digits(text, 2, p.month) || !take(text, '-') ||
      !take_digits(text, 2, p.day))
    return false;
  if (!take(text, ' ') && !take(text, 'T')) return text.empty();
  if (!take_digits(text, 2, p.hour) || !take(text, ':') || !take_digits(text, 2, p.minute)) return false;
  if (!take(text, ':')) return true;
  return take_digits(text, 2, p.second) && (!take(text, '.') || take_fraction(text, 6, p.micros));
}

std::optional<std::int64_t> TimeFormat::instant_of(const Parts& p) const {
  // 24:00 and leap seconds name no instant of a zone-less timestamp (catalogue case 61).
  const bool next_day = hour24_ && p.hour == 24 && p.minute == 0 && p.second == 0 && p.micros == 0;
  if (!is_civil_day(p.year, p.month, p.day) || (p.hour > 23 && !next_day) || p.minute > 59 || p.second > 59)
    return std::nullopt;
  const std::int64_t seconds = (p.hour * 60 + p.minute) * 60LL + p.second;
  const std::int64_t instant =
      civil_days(p.year, p.month, p.day) * kMicrosPerDay + seconds * kMicrosPerSecond + p.micros;
  static constexpr std::int64_t kEnd = 2'932'897 * kMicrosPerDay;  // of the year 9999
  return instant < kEnd ? std::optional(instant) : std::nullopt;
}

std::optional<TimeFormat::Local> TimeFormat::local(std::string_view text) const {
  Parts p;
  if (!(is_iso() ? match_iso(text, p) : match(text, p))) return std::nullopt;
  const auto instant = instant_of(p);
  if (!instant) return std::nullopt;
  return Local{*instant, text};
}

std::optional<std::int32_t> TimeFormat::date(std::string_view text) const {
  std::int32_t days = 0;
  if (layouts_ > 0 && layout_[0].date(text, days)) return days;
  Parts p;
  const bool matches = is_iso() ? text.size() == 10 && match_iso(text, p) : match(text, p) && text.empty();
  return matches ? days_from_civil(p.year, p.month, p.day) : std::nullopt;
}

}  // namespace millrace
