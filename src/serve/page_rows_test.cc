#include "serve/page_rows.h"

#include <gtest/gtest.h>

namespace millrace::serve {
namespace {

/// The body after batches of row numbers, each row an object of its number; or the error.
std::string page(std::int64_t from, std::int64_t to, const std::vector<std::vector<std::int64_t>>& batches) {
  const std::vector<Column> columns{{"n", {TypeKind::int64}}};
  const JsonRows json(columns);
  std::string body = "[";
  PageRows rows(json, body, from, to);
  for (const auto& batch : batches) {
    const ColumnView number{{TypeKind::int64}, batch.data(), nullptr};
    const std::vector<ColumnView> views{number, number};
    if (const auto taken = rows.take(views, batch.size()); !taken) return taken.error().message;
  }
  const auto done = rows.finish();
  return done ? body + "]" : std::string(name_of(done.error().kind));
}

TEST(PageRows, rows_in_order_are_written_as_they_come) {
  EXPECT_EQ(page(5, 8, {{5, 6, 7}}), R"([{"n":5},{"n":6},{"n":7}])");
  EXPECT_EQ(page(5, 8, {{5}, {6, 7}}), R"([{"n":5},{"n":6},{"n":7}])");
}

TEST(PageRows, rows_in_any_order_are_put_in_order) {
  EXPECT_EQ(page(5, 9, {{7, 8}, {5, 6}}), R"([{"n":5},{"n":6},{"n":7},{"n":8}])");
  EXPECT_EQ(page(5, 9, {{8, 6, 7, 5}}), R"([{"n":5},{"n":6},{"n":7},{"n":8}])");
}

TEST(PageRows, long_runs_equal_short_ones) {
  std::vector<std::int64_t> straight, late, early;
  for (std::int64_t i = 0; i < 1000; ++i) {
    straight.push_back(i);
    (i < 300 ? late : early).push_back(i);
  }

  EXPECT_EQ(page(0, 1000, {early, late}), page(0, 1000, {straight}));
}

TEST(PageRows, a_missing_doubled_or_foreign_row_is_an_error) {
  for (const auto& numbers : std::vector<std::vector<std::int64_t>>{
           {5, 6}, {6, 7}, {5, 7}, {5, 6, 6}, {5, 6, 7, 7}, {5, 6, 7, 8}, {4, 5, 6, 7}, {7, 6}})
    EXPECT_EQ(page(5, 8, {numbers}), "internal");
  EXPECT_EQ(page(5, 8, {}), "internal");
}

}  // namespace
}  // namespace millrace::serve
