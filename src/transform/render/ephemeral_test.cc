#include "transform/render/ephemeral.h"

#include <gtest/gtest.h>

namespace millrace::transform {
namespace {

const std::vector<Cte> kOne{{"e", "select 1"}};

TEST(Ephemeral, a_query_without_ctes_gets_a_with) {
  EXPECT_EQ(with_ctes("select * from e", kOne), "with e as (\nselect 1\n) select * from e");
  EXPECT_EQ(with_ctes("select 1", {}), "select 1");
}
TEST(Ephemeral, comments_stay_in_front) {
  EXPECT_EQ(with_ctes("/* with */ -- with\nselect 1", kOne), "/* with */ -- with\nwith e as (\nselect 1\n) select 1");
}
TEST(Ephemeral, ctes_come_before_the_querys_own) {
  EXPECT_EQ(with_ctes("WITH a as (select 2) select 1", kOne), "WITH e as (\nselect 1\n), a as (select 2) select 1");
  EXPECT_EQ(with_ctes("with recursive a as (select 2) select 1", kOne),
            "with recursive e as (\nselect 1\n), a as (select 2) select 1");
}
TEST(Ephemeral, a_name_that_begins_with_with_is_no_with) {
  EXPECT_EQ(with_ctes("withdrawals", kOne), "with e as (\nselect 1\n) withdrawals");
}

}  // namespace
}  // namespace millrace::transform
