#include "contract/time_layout.h"

namespace millrace {
namespace {

constexpr char kDigit = '0';  // of a template

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

bool TimeLayout::date(std::string_view text, std::int32_t& days) const {
  return text.size() == width_ && fits(text.data()) && read_day(text.data(), days);
}

}  // namespace millrace
