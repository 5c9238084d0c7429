#pragma once
/// \file app/sample_rows.h
/// The orders that `millrace sample` invents: a voucher shop's nine years, seen through
/// twelve columns. Frequencies follow the real sample of 200 orders, its rows are not used.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::app {

/// The first line of every file, without its line end.
inline constexpr std::string_view kSampleHeader =
    R"("order_id","source","customer_id","payment_id","voucher_id","product_id",)"
    R"("website","order_status","voucher_status","payment_status","order_date","payment_date")";

/// One order. The texts point at constants.
struct SampleOrder {
  std::int64_t order_id = 0;
  std::string_view source;
  std::int64_t customer_id = 0;
  std::int64_t payment_id = 0;  ///< 0: empty, and so is the payment date
  std::int64_t voucher_id = 0;  ///< 0: empty, and so is voucher_status
  std::int64_t product_id = 0;  ///< 0: empty; the shop began to record products in 2015
  std::string_view website;
  std::string_view order_status;
  std::string_view voucher_status;
  std::string_view payment_status;
  std::int64_t ordered_ms = 0;  ///< since 1970-01-01, in the shop's own clock
  std::int64_t paid_ms = 0;     ///< means nothing where payment_id is 0
};

/// The line of `order` without a line end, appended to `out`. No field needs quotes, none has them.
void append_order(std::string& out, const SampleOrder& order);

/// All orders of one data set, by their place in it. An order depends on the seed, the number
/// of orders and its place only, so what else is written changes none of them.
/// Threads: one thread at a time.
class SampleOrders {
 public:
  /// Requires: count > 0.
  SampleOrders(std::int64_t count, std::uint64_t seed);

  enum class Shape {
    any,
    paid_with_voucher,  ///< for a defect that needs both
  };
  /// Ids and dates grow with `place`, but for neighbours that changed places. No two orders share an id.
  /// Requires: 0 <= place < count. Cost: constant for places in sequence.
  SampleOrder at(std::int64_t place, Shape shape = Shape::any);

 private:
  std::int64_t swapped(std::int64_t place) const;
  std::int64_t time_ms(std::int64_t slot, std::uint64_t jitter);
  std::int64_t customer(std::uint64_t octave, std::uint64_t within) const;

  std::int64_t count_;
  std::uint64_t seed_;
  std::int64_t id_gap_;               ///< order ids per order; at least 3
  std::uint64_t customer_octaves_;    ///< customers are 2 to this power, less one
  std::vector<std::uint64_t> until_;  ///< sum of the weights of all hours before hour i; one more at the end
  std::size_t hour_ = 0;              ///< where the last look-up ended; the next is near
};

}  // namespace millrace::app
