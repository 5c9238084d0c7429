#include "warehouse/statement.h"

#include <gtest/gtest.h>

#include "warehouse/session.h"

namespace millrace::warehouse {
namespace {

TEST(Fill, puts_ready_sql_where_the_names_stand_and_leaves_rows_to_the_adapter) {
  EXPECT_EQ(
      fill("INSERT INTO {table} SELECT {columns}, $1 FROM {rows}", {{"table", "\"a\".\"b\""}, {"columns", "x, y"}}),
      "INSERT INTO \"a\".\"b\" SELECT x, y, $1 FROM {rows}");
}

TEST(Fill, what_is_filled_in_is_never_read_as_a_template) { EXPECT_EQ(fill("{a}", {{"a", "{b}"}, {"b", "!"}}), "{b}"); }

TEST(ParseRelation, takes_schema_and_name_and_nothing_else) {
  EXPECT_EQ(parse_relation("raw.orders")->name, "orders");
  for (const char* text : {"orders", "", ".", "a.", ".b", "a.b.c"}) EXPECT_FALSE(parse_relation(text)) << text;
}

}  // namespace
}  // namespace millrace::warehouse
