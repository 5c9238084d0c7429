#include "serve/page_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::serve {

Status PageRows::take(std::span<const ColumnView> columns, std::size_t rows) {
  constexpr std::size_t kStep = 64;  // how many wide rows may go over the limit before it is looked at
  const auto number = [&](std::size_t row) { return columns[0].at<std::int64_t>(row); };
  for (std::size_t first = 0; first < rows;) {
    std::size_t last = first + 1;
    while (last < rows && last - first < kStep && number(last) == number(last - 1) + 1) ++last;
    const auto count = static_cast<std::int64_t>(last - first);
    const bool goes_on = !runs_.empty() && runs_.back().first + runs_.back().rows == number(first);
    if (!runs_.empty()) body_ += ',';
    if (goes_on)
      runs_.back().rows += count;
    else
      runs_.push_back({number(first), count, body_.size(), 0});
    json_.append(body_, columns.subspan(1), first, last);
    runs_.back().end = body_.size();
    taken_ += count;
    if (too_large()) return Error{ErrorKind::unsupported, "the page is too large", {}, {}};
    first = last;
  }
  return ok();
}

Status PageRows::finish() {
  if (runs_.size() > 1) put_in_order();
  std::int64_t next = from_;
  for (const Run& run : runs_) {
    if (run.first != next) break;
    next += run.rows;
  }
  if (next == to_ && taken_ == to_ - from_) return ok();
  return Error{
      ErrorKind::internal,
      fmt::format("asked for the rows {} to before {}, got {} and not row {}: the table of the generation is damaged",
                  from_, to_, taken_, next),
      {},
      {}};
}

void PageRows::put_in_order() {
  std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.first < b.first; });
  std::string ordered;
  ordered.reserve(body_.size() - start_);
  for (const Run& run : runs_) {
    if (!ordered.empty()) ordered += ',';
    ordered.append(body_, run.begin, run.end - run.begin);
  }
  body_.replace(start_, std::string::npos, ordered);
}

}  // namespace millrace::serve
