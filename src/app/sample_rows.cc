#include "app/sample_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>

#include "base/clock.h"
#include "base/random.h"

namespace millrace::app {
namespace {

// Whole numbers only: a compiler may fuse floating-point steps on one machine and not on the
// next, and the files would differ.

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kFirstDay = 16071;  // 2014-01-01
constexpr std::int64_t kDays = 3287;       // to 2022-12-31
constexpr std::int64_t kFirstYear = 2014;
constexpr std::array<std::uint64_t, 9> kYearWeight{160, 90, 125, 200, 110, 165, 30, 85, 35};
constexpr std::array<std::uint64_t, 12> kMonthWeight{130, 115, 80, 80, 105, 120, 95, 75, 95, 120, 105, 80};
constexpr std::array<std::uint64_t, 7> kWeekdayWeight{120, 95, 85, 90, 110, 90, 140};  // from Monday
constexpr std::array<std::uint64_t, 24> kHourWeight{3,  3,  1,  1,  1,  1,  2,  6,  18, 26, 30, 42,
                                                    66, 36, 40, 42, 32, 48, 44, 72, 58, 60, 52, 40};

struct Choice {
  std::uint64_t per_mille;
  std::string_view text;
};
constexpr std::array<Choice, 1> kWebsitesAtFirst{{{1000, "VVNL"}}};
constexpr std::array<Choice, 5> kWebsitesSince2018{
    {{795, "VVNL"}, {165, "VVBE"}, {20, "VVBDBE"}, {12, "VVBDFR"}, {8, "SJSNL"}}};
constexpr std::array<Choice, 5> kWebsitesSince2021{
    {{450, "VVNL"}, {420, "VVBE"}, {90, "VVBDBE"}, {25, "VVBDFR"}, {15, "SJSNL"}}};
constexpr std::array<Choice, 3> kVoucherStatus{{{600, "PAID_TO_SUPPLIER"}, {230, "USED"}, {170, "EXPIRED"}}};
constexpr std::array<Choice, 4> kVoucherStatusOfCanceled{
    {{370, ""}, {360, "INVALID"}, {180, "EXPIRED"}, {90, "PAID_TO_SUPPLIER"}}};
/// Of 1000 orders of a year, how many are for a voucher.
constexpr std::array<std::int64_t, 9> kWithVoucher{1000, 1000, 1000, 940, 830, 220, 500, 315, 300};

/// Seconds from order to payment, at even steps of probability: a third pays at once by the web, most
/// of the others by bank within a week, a few after reminders.
constexpr std::array<std::int64_t, 23> kPaidAfterSeconds{12,     26,     34,     42,     51,     63,     79,     98,
                                                         121,    158,    235,    320,    540,    2'100,  6'400,  48'000,
                                                         91'000, 135000, 162000, 230000, 380000, 560000, 2600000};

std::int64_t drawn(Random& random, std::int64_t bound) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound)));
}

std::string_view pick(std::span<const Choice> choices, Random& random) {
  std::uint64_t per_mille = random.below(1000);
  for (const Choice& c : choices) {
    if (per_mille < c.per_mille) return c.text;
    per_mille -= c.per_mille;
  }
  return choices.back().text;
}

std::span<const Choice> websites_of(std::int64_t year) {
  if (year < 2018) return kWebsitesAtFirst;
  if (year < 2021) return kWebsitesSince2018;
  return kWebsitesSince2021;
}

std::int64_t payment_delay_ms(std::uint64_t draw) {
  constexpr std::uint64_t kSteps = kPaidAfterSeconds.size() - 1;
  const std::size_t step = draw / 1000 % kSteps;
  const auto part = static_cast<std::int64_t>(draw % 1000);
  return kPaidAfterSeconds[step] * 1000 + (kPaidAfterSeconds[step + 1] - kPaidAfterSeconds[step]) * part;
}

/// One order in a hundred comes from a second system, which knows milliseconds but no payments.
void fill_second_system(SampleOrder& o, Random& random) {
  o.source = "avdd";
  o.website = "AVDD-NL";
  o.order_status = random.below(2) == 0 ? "UNKNOWN" : "PAID";
}

void fill_canceled(SampleOrder& o, Random& random) {
  o.order_status = "CANCELED";
  o.voucher_status = pick(kVoucherStatusOfCanceled, random);
  if (!o.voucher_status.empty() && random.below(2) == 0) o.payment_status = "REFUNDED";
}

void fill_paid(SampleOrder& o, bool with_voucher, Random& random) {
  o.order_status = o.payment_status = "PAID";
  if (with_voucher) o.voucher_status = pick(kVoucherStatus, random);
  o.paid_ms = o.ordered_ms + payment_delay_ms(random.next() >> 16);
  o.paid_ms -= o.paid_ms % 1000;
}

std::vector<std::uint64_t> weights_until() {
  std::vector<std::uint64_t> until{0};
  until.reserve(static_cast<std::size_t>(kDays * 24 + 1));
  for (std::int64_t day = kFirstDay; day < kFirstDay + kDays; ++day) {
    const CivilDate d = civil_from_days(day);
    const std::uint64_t weight = kYearWeight[static_cast<std::size_t>(d.year - kFirstYear)] *
                                 kMonthWeight[d.month - 1] * kWeekdayWeight[static_cast<std::size_t>((day + 3) % 7)];
    for (const std::uint64_t hour : kHourWeight) until.push_back(until.back() + weight * hour);
  }
  return until;
}

/// A line under way, in room that no order can exceed: 5 ids of 19 digits, 2 dates, short constants.
class Line {
 public:
  void text(std::string_view s) { at_ += s.copy(at_, s.size()); }
  void id(std::int64_t number) {
    if (number != 0) at_ = std::to_chars(at_, at_ + 20, number).ptr;
  }
  void comma() { *at_++ = ','; }
  void timestamp(std::int64_t ms) {
    const CivilDate d = civil_from_days(ms / kDayMs);
    const auto of_day = static_cast<unsigned>(ms % kDayMs);
    digits(static_cast<unsigned>(d.year), 4, '-');
    digits(d.month, 2, '-');
    digits(d.day, 2, ' ');
    digits(of_day / 3'600'000, 2, ':');
    digits(of_day / 60'000 % 60, 2, ':');
    digits(of_day / 1000 % 60, 2, '.');
    digits(of_day % 1000, 3, '\0');
  }
  std::string_view done() const { return {line_.data(), static_cast<std::size_t>(at_ - line_.data())}; }

 private:
  void digits(unsigned number, int width, char after) {
    for (int i = width - 1; i >= 0; --i, number /= 10) at_[i] = static_cast<char>('0' + number % 10);
    at_ += width;
    if (after != '\0') *at_++ = after;
  }
  std::array<char, 320> line_;  // not zeroed: written before read
  char* at_ = line_.data();
};

}  // namespace

void append_order(std::string& out, const SampleOrder& order) {
  Line line;
  line.id(order.order_id);
  line.comma();
  line.text(order.source);
  for (const std::int64_t id : {order.customer_id, order.payment_id, order.voucher_id, order.product_id}) {
    line.comma();
    line.id(id);
  }
  for (const auto text : {order.website, order.order_status, order.voucher_status, order.payment_status}) {
    line.comma();
    line.text(text);
  }
  line.comma();
  line.timestamp(order.ordered_ms);
  line.comma();
  if (order.payment_id != 0) line.timestamp(order.paid_ms);
  out.append(line.done());
}

SampleOrders::SampleOrders(std::int64_t count, std::uint64_t seed)
    : count_(count),
      seed_(Random(seed).next()),
      id_gap_(std::clamp<std::int64_t>(29'000'000 / count, 3, 30'000)),  // the real ids span 29 million
      customer_octaves_(std::max<std::uint64_t>(4, std::bit_width(static_cast<std::uint64_t>(count) / 4))),
      until_(weights_until()) {}

std::int64_t SampleOrders::swapped(std::int64_t place) const {
  const std::int64_t partner = place ^ 1;
  Random pair(seed_ ^ static_cast<std::uint64_t>(place / 2));
  return partner < count_ && pair.below(12) == 0 ? partner : place;
}

std::int64_t SampleOrders::time_ms(std::int64_t slot, std::uint64_t jitter) {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t all = until_.back();
  const auto count = static_cast<std::uint64_t>(count_);
  // The slot's share of all weight, and within it a place that `jitter` (of 2^32) chooses.
  const auto from = static_cast<std::uint64_t>(static_cast<Wide>(slot) * all / count);
  const std::uint64_t at = from + static_cast<std::uint64_t>(static_cast<Wide>(jitter) * (all / count) >> 32);
  while (until_[hour_] > at) --hour_;
  while (until_[hour_ + 1] <= at) ++hour_;
  const std::uint64_t within = (at - until_[hour_]) * kHourMs / (until_[hour_ + 1] - until_[hour_]);
  return kFirstDay * kDayMs + static_cast<std::int64_t>(hour_) * kHourMs + static_cast<std::int64_t>(within);
}

std::int64_t SampleOrders::customer(std::uint64_t octave, std::uint64_t within) const {
  // An octave at random, then a rank in it: rank r is chosen about 1/r as often as the first (Zipf).
  const std::uint64_t rank = (std::uint64_t{1} << octave) + (within & ((std::uint64_t{1} << octave) - 1));
  return static_cast<std::int64_t>(1'683'200 + rank * 7 + rank * 5 % 7);
}

SampleOrder SampleOrders::at(std::int64_t place, Shape shape) {
  const std::int64_t slot = swapped(place);
  Random random(Random(seed_ + static_cast<std::uint64_t>(slot)).next());
  const auto id = [&](std::int64_t first, std::int64_t gap) { return first + slot * gap + drawn(random, gap); };
  SampleOrder o;
  o.order_id = id(8'190'000, id_gap_);
  o.payment_id = id(8'780'000, id_gap_ + id_gap_ / 8);
  o.voucher_id = id(7'650'000, id_gap_ - id_gap_ / 10);
  const std::uint64_t octave = random.below(customer_octaves_);
  o.customer_id = customer(octave, random.next());
  o.ordered_ms = time_ms(slot, random.next() >> 32);
  const std::int64_t day = o.ordered_ms / kDayMs;
  const std::int64_t year = civil_from_days(day).year;
  if (year > kFirstYear) o.product_id = 81'000 + (day - kFirstDay - 365) * 22 + drawn(random, 2600);
  if (shape == Shape::any && drawn(random, 1000) < 10) {
    fill_second_system(o, random);
  } else {
    o.source = "services";
    o.website = pick(websites_of(year), random);
    o.ordered_ms -= o.ordered_ms % 1000;
    if (shape == Shape::any && year >= 2017 && drawn(random, 1000) < 65) {
      fill_canceled(o, random);
    } else {
      const auto of_1000 = kWithVoucher[static_cast<std::size_t>(year - kFirstYear)];
      fill_paid(o, drawn(random, 1000) < of_1000 || shape == Shape::paid_with_voucher, random);
    }
  }
  if (o.voucher_status.empty()) o.voucher_id = 0;
  if (o.paid_ms == 0) o.payment_id = 0;
  return o;
}

}  // namespace millrace::app
