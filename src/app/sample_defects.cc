#include "app/sample_defects.h"

#include <algorithm>
#include <utility>

namespace millrace::app {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kDayMs = 86'400 * kSecondMs;
constexpr std::int64_t kFirstDayOf2042 = 26'298;

// Places in a line.
constexpr std::size_t kOrderId = 0, kSource = 1, kCustomerId = 2, kWebsite = 6, kOrderStatus = 7, kOrderDate = 10,
                      kPaymentDate = 11;

using Fields = std::vector<std::string>;

Fields fields_of(const SampleOrder& order) {
  std::string line;
  append_order(line, order);
  Fields fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

void append_fields(std::string& out, const Fields& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) out += ',';
    out += fields[i];
  }
}

template <std::size_t N>
std::string_view one_of(const std::array<std::string_view, N>& texts, Random& random) {
  return texts[random.below(N)];
}

std::int64_t between(std::int64_t least, std::int64_t below, Random& random) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(below - least)));
}

/// The same time of day, on some day of 2042.
std::int64_t in_2042(std::int64_t ms) { return (kFirstDayOf2042 + ms / kDayMs % 365) * kDayMs + ms % kDayMs; }

/// The defects of content: the line parses.
SampleOrder falsified(SampleOrder o, Defect defect, Random& random) {
  switch (defect) {
    case Defect::future_order: o.ordered_ms = in_2042(o.ordered_ms); break;
    case Defect::misspelt_status: o.voucher_status = "EXPRIED"; break;
    default: o.paid_ms = o.ordered_ms - between(60, 10 * 86'400, random) * kSecondMs; break;
  }
  return o;
}

/// 20771583 -> 2.08E+07, as a spreadsheet saves it.
std::string scientific(const std::string& digits) {
  const std::string power = std::to_string(digits.size() - 1);
  return digits.substr(0, 1) + "." + digits.substr(1, 2) + "E+" + (power.size() < 2 ? "0" : "") + power;
}

/// 2019-02-09 10:11:12.000 -> 2019-2-9 10:11:12.000
std::string without_zeros(std::string t) {
  if (t[8] == '0') t.erase(8, 1);
  if (t[5] == '0') t.erase(5, 1);
  return t;
}

/// 2019-02-13 10:11:12.000 -> 13/02/2019 10:11
std::string day_first(const std::string& t) {
  return t.substr(8, 2) + "/" + t.substr(5, 2) + "/" + t.substr(0, 4) + " " + t.substr(11, 5);
}

void break_columns(Fields& f, Defect defect, Random& random) {
  if (defect == Defect::too_few_columns) {
    f.resize(f.size() - static_cast<std::size_t>(between(1, 7, random)));
  } else {
    for (std::int64_t n = between(1, 4, random); n > 0; --n) f.emplace_back(one_of<3>({"EUR", "", "1"}, random));
  }
}

void break_value(Fields& f, Defect defect, Random& random) {
  const std::size_t id = random.below(2) == 0 ? kOrderId : kCustomerId;
  switch (defect) {
    case Defect::letters_in_number: f[id].insert(f[id].size() / 2, one_of<3>({"x", "O", "abc"}, random)); break;
    case Defect::scientific_number: f[id] = scientific(f[id]); break;
    case Defect::impossible_date:
      f[kOrderDate].replace(5, 5, one_of<4>({"02-30", "04-31", "13-05", "00-00"}, random));
      break;
    case Defect::other_date_format: f[kOrderDate] = day_first(f[kOrderDate]); break;
    default: f[kOrderId].clear(); break;
  }
}

void break_bytes(Fields& f, Defect defect, Random& random) {
  const std::size_t text = random.below(2) == 0 ? kWebsite : kOrderStatus;
  switch (defect) {
    case Defect::bad_utf8:  // Latin-1, a sequence cut short, an overlong form
      f[kWebsite].insert(2, one_of<3>({"\xe9", "\xe2\x82", "\xc0\xaf"}, random));
      break;
    case Defect::nul_byte: f[text].insert(2, 1, '\0'); break;
    case Defect::text_after_quote: f[kOrderStatus] = '"' + f[kOrderStatus] + "\"x"; break;
    default: f[random.below(2) == 0 ? kSource : kWebsite].insert(0, 1, '"'); break;
  }
}

}  // namespace

std::string_view name_of(Defect defect) {
  static constexpr std::array<std::string_view, kDefects> kNames{
      "future_order",    "misspelt_status",   "payment_before_order", "one_digit_date",
      "too_few_columns", "too_many_columns",  "letters_in_number",    "scientific_number",
      "impossible_date", "other_date_format", "missing_order_id",     "duplicate_order_id",
      "bad_utf8",        "nul_byte",          "text_after_quote",     "unbalanced_quote",
      "repeated_header", "total_line"};
  return kNames[static_cast<std::size_t>(defect)];
}

const std::array<Defect, kDefects>& all_defects() {
  static constexpr auto kAll = [] {
    std::array<Defect, kDefects> all{};
    for (std::size_t i = 0; i < kDefects; ++i) all[i] = static_cast<Defect>(i);
    return all;
  }();
  return kAll;
}

DefectPlan::DefectPlan(std::int64_t records, double rate, std::uint64_t seed)
    : records_(records), rate_(rate), random_(seed) {
  if (rate > 0 && records >= 100) {
    future_at_ = between(0, records, random_);
    misspelt_at_ = (future_at_ + between(1, records, random_)) % records;
  }
  schedule();
}

void DefectPlan::schedule() {
  due_ = records_;
  if (!(rate_ > 0)) return;
  const double first = static_cast<double>(stretch_) / rate_;  // one rounding each: equal on all machines
  const double end = static_cast<double>(stretch_ + 1) / rate_;
  ++stretch_;
  if (!(first < static_cast<double>(records_))) return;
  const auto from = static_cast<std::int64_t>(first);
  const auto to = end < 0x1p62 ? static_cast<std::int64_t>(end) : std::int64_t{1} << 62;
  due_ = std::max(record_, between(from, std::max(from + 1, to), random_));
}

Defect DefectPlan::deal(bool earlier_order) {
  if (deck_.empty()) {
    deck_.assign(all_defects().begin(), all_defects().end());
    for (std::size_t i = deck_.size(); i > 1; --i) std::swap(deck_[i - 1], deck_[random_.below(i)]);
  }
  // A duplicate must wait for its original. It never waits as the last card: by then the deck's
  // defects of content are written, and their lines keep their ids.
  if (deck_.back() == Defect::duplicate_order_id && !earlier_order && deck_.size() > 1) {
    std::swap(deck_.back(), deck_.front());
  }
  const Defect dealt = deck_.back();
  deck_.pop_back();
  return dealt;
}

std::optional<Defect> DefectPlan::next(bool earlier_order) {
  const std::int64_t record = record_++;
  std::optional<Defect> defect;
  const bool due = record == due_;
  if (record == future_at_) {
    defect = Defect::future_order;
  } else if (record == misspelt_at_) {
    defect = Defect::misspelt_status;
  } else if (due) {
    defect = deal(earlier_order);
  }
  if (due) schedule();
  return defect;
}

void append_broken(std::string& out, Defect defect, SampleOrders& orders, std::int64_t place, std::int64_t earlier_id,
                   Random& random) {
  if (defect == Defect::repeated_header) {
    out += kSampleHeader;
    return;
  }
  if (defect == Defect::total_line) {
    out += "TOTAL";
    return;
  }
  if (defect == Defect::one_digit_date) {
    SampleOrder order = orders.at(place, SampleOrders::Shape::paid_with_voucher);
    // Paid in the first days of a month, so that there is a zero to leave out.
    Fields fields = fields_of(order);
    while (fields[kPaymentDate][8] != '0') {
      order.paid_ms += kDayMs;
      fields = fields_of(order);
    }
    fields[kPaymentDate] = without_zeros(fields[kPaymentDate]);
    append_fields(out, fields);
    return;
  }
  if (defect <= Defect::payment_before_order) {
    append_order(out, falsified(orders.at(place, SampleOrders::Shape::paid_with_voucher), defect, random));
    return;
  }
  SampleOrder order = orders.at(place);
  if (defect == Defect::duplicate_order_id) order.order_id = earlier_id;
  Fields fields = fields_of(order);
  if (defect == Defect::too_few_columns || defect == Defect::too_many_columns) {
    break_columns(fields, defect, random);
  } else if (defect >= Defect::bad_utf8) {
    break_bytes(fields, defect, random);
  } else if (defect != Defect::duplicate_order_id) {
    break_value(fields, defect, random);
  }
  append_fields(out, fields);
}

}  // namespace millrace::app
