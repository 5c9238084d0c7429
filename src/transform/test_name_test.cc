#include "transform/test_name.h"

#include <gtest/gtest.h>

namespace millrace::transform {
namespace {

TEST(TestName, is_the_one_dbt_gives) {
  EXPECT_EQ(name_test("not_null", "orders", {{"column_name", {"order_id"}}}).name, "not_null_orders_order_id");
  EXPECT_EQ(name_test("relationships", "orders",
                      {{"column_name", {"customer_id"}}, {"field", {"customer_id"}}, {"to", {"ref('customers')"}}})
                .name,
            "relationships_orders_customer_id__customer_id__ref_customers_");
  EXPECT_EQ(name_test("source_not_null", "raw_orders", {{"column_name", {"id"}}}).name,
            "source_not_null_raw_orders_id");
}

TEST(TestName, of_64_characters_and_more_is_cut_and_hashed) {
  // dbt 1.11: accepted_values of five statuses on jaffle_shop's orders.
  const auto got = name_test(
      "accepted_values", "orders",
      {{"column_name", {"status"}}, {"values", {"placed", "shipped", "completed", "return_pending", "returned"}}});

  EXPECT_EQ(got.name, "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758");
}

TEST(TestName, namesakes_differ_in_their_suffix) {
  const auto a = name_test("unique", "orders", {{"column_name", {"a b"}}});
  const auto b = name_test("unique", "orders", {{"column_name", {"a_b"}}});

  EXPECT_EQ(a.name, b.name);
  EXPECT_NE(a.suffix, b.suffix);
}

}  // namespace
}  // namespace millrace::transform
