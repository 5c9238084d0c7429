#include "contract/time_layout.h"

#include "contract/swar.h"

namespace millrace {
namespace {

constexpr char kDigit = '0';  // of a template

unsigned two(const char* p) { return static_cast<unsigned>((p[0] - '0') * 10 + (p[1] - '0')); }

}  // namespace

bool TimeLayout::literal(char c) {
  if (width_ == kMost || (c >= '0' && c <= '9')) return false;
  template_[width_++] = c;
  return true;
}

bool TimeLayout::unit(char letter, unsigned digits) {
  if (width_ + digits > kMost) return false;
  std::uint8_t& at = letter == 'y'   ? year_
                     : letter == 'M' ? month_
                     : letter == 'd' ? day_
                     : letter == 'H' ? hour_
                     : letter == 'm' ? minute_
                                     : second_;
  if (at != kAbsent) return false;
  at = width_;
  for (unsigned i = 0; i < digits; ++i) template_[width_++] = kDigit;
  return true;
}

void TimeLayout::fraction(char mark, unsigned most, bool optional) {
  fraction_mark_ = mark;
  fraction_digits_ = static_cast<std::uint8_t>(most);
  fraction_optional_ = optional;
}

bool TimeLayout::finish() {
  const bool time = hour_ != kAbsent && minute_ != kAbsent && second_ != kAbsent;
  const bool no_time = hour_ == kAbsent && minute_ == kAbsent && second_ == kAbsent;
  if (width_ < kLeast || year_ == kAbsent || month_ == kAbsent || day_ == kAbsent || !(time || no_time)) return false;
  for (unsigned at = 0; words_ < word_at_.size(); at += 8) {  // what is left over repeats the last word
    const auto from = static_cast<std::uint8_t>(at + 8 <= width_ ? at : width_ - 8U);  // the last word overlaps
    word_at_[words_] = from;
    want_[words_] = swar::load8(template_.data() + from);
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint64_t slack = template_[from + i] == kDigit ? 0x76 : 0x7f;
      slack_[words_] |= slack << (8 * i);
    }
    ++words_;
  }
  return true;
}

bool TimeLayout::fits(const char* p) const {
  const auto wrong = [&](unsigned i) {
    const std::uint64_t differs = swar::load8(p + word_at_[i]) ^ want_[i];
    return (differs + slack_[i]) | differs;
  };
  return ((wrong(0) | wrong(1) | wrong(2)) & swar::kHighBits) == 0;
}

bool TimeLayout::read_fraction(std::string_view text, std::int64_t& micros) const {
  if (text.empty()) return fraction_digits_ == 0 || fraction_optional_;
  const std::size_t digits = text.size() - 1;
  if (text[0] != fraction_mark_ || digits == 0 || digits > fraction_digits_) return false;
  std::uint64_t value = 0;
  if (!swar::digits(text.data() + 1, digits, value)) return false;
  static constexpr std::array<std::int64_t, 7> kUnit{0, 100'000, 10'000, 1'000, 100, 10, 1};
  micros += static_cast<std::int64_t>(value) * kUnit[digits];
  return true;
}

bool TimeLayout::read_day(const char* p, std::int32_t& days) const {
  const unsigned year = two(p + year_) * 100 + two(p + year_ + 2), month = two(p + month_), day = two(p + day_);
  if (!is_civil_day(year, month, day)) return false;
  days = civil_days(year, month, day);
  return true;
}

bool TimeLayout::timestamp(std::string_view text, std::int64_t& micros) const {
  const char* p = text.data();
  std::int32_t days = 0;
  if (text.size() < width_ || !fits(p) || !read_day(p, days)) return false;
  std::int64_t time = 0;
  if (hour_ != kAbsent) {
    const unsigned hour = two(p + hour_), minute = two(p + minute_), second = two(p + second_);
    if (hour > 23 || minute > 59 || second > 59) return false;
    time = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond;
  }
  if (!read_fraction(text.substr(width_), time)) return false;
  micros = days * kMicrosPerDay + time;
  return true;
}

bool TimeLayout::date(std::string_view text, std::int32_t& days) const {
  return text.size() == width_ && fits(text.data()) && read_day(text.data(), days);
}

}  // namespace millrace
