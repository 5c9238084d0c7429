#include "jinja/sorting.h"

#include <numeric>

#include "jinja/compare.h"

namespace millrace::jinja {
namespace {

// std::stable_sort is not for comparisons that may fail or contradict themselves, so the merge is our own.
struct Merge {
  const std::vector<Value>& keys;
  bool reverse;
  Meter& meter;

  Status run(std::vector<std::size_t>& from, std::vector<std::size_t>& to, std::size_t width) const {
    for (std::size_t start = 0; start < from.size(); start += 2 * width) {
      const std::size_t middle = std::min(start + width, from.size()), end = std::min(start + 2 * width, from.size());
      std::size_t left = start, right = middle;
      for (std::size_t at = start; at < end; ++at) {
        bool take_right = left == middle;
        if (!take_right && right < end) {
          MR_TRY(const Order o, order(keys[from[right]], keys[from[left]], meter));
          take_right = o == (reverse ? Order::greater : Order::less);
        }
        to[at] = take_right ? from[right++] : from[left++];
      }
    }
    return ok();
  }
};

}  // namespace

Result<std::vector<Value>> sorted(const std::vector<Value>& items, const std::vector<Value>& keys, bool reverse,
                                  Meter& meter) {
  std::vector<std::size_t> order_now(items.size()), order_next(items.size());
  std::iota(order_now.begin(), order_now.end(), std::size_t{0});
  for (std::size_t width = 1; width < items.size(); width *= 2) {
    MR_CHECK(Merge{keys, reverse, meter}.run(order_now, order_next, width));
    order_now.swap(order_next);
  }
  std::vector<Value> out;
  out.reserve(items.size());
  for (const std::size_t i : order_now) out.push_back(items[i]);
  return out;
}

}  // namespace millrace::jinja
