#include "transform/graph/lineage.h"

#include <gtest/gtest.h>

#include "warehouse/duckdb/database.h"

namespace millrace::transform {
namespace {

struct Lineage : ::testing::Test {
  std::string of(const std::string& sql) {
    const auto rows =
        session->query({"parse", "SELECT CAST(json_serialize_sql(CAST($1 AS VARCHAR)) AS VARCHAR)", {sql}});
    if (!rows) return rows.error().message;
    const ColumnsOf known{{"raw.o", {"id", "amount", "shop"}}, {"raw.s", {"shop", "city"}}};
    const auto got = lineage_of_statement(warehouse::to_text(rows->rows[0][0]), known);
    if (!got) return got.error().message;
    std::string out;
    for (const ColumnLineage& c : *got) {
      out += c.column + "<-";
      for (const ColumnOrigin& o : c.from) out += o.relation + "." + o.column + " ";
      out += c.unknown + ";";
    }
    return out;
  }
  std::unique_ptr<warehouse::Warehouse> db = *warehouse::duckdb::open({":memory:"});
  std::unique_ptr<warehouse::Session> session = *db->connect();
};

TEST_F(Lineage, a_column_an_expression_and_a_constant) {
  EXPECT_EQ(of("select id, amount * 2 as twice, 1 as one from raw.o"), "id<-raw.o.id ;twice<-raw.o.amount ;one<-;");
}
TEST_F(Lineage, a_star_is_every_column) {
  EXPECT_EQ(of("select * from raw.s"), "shop<-raw.s.shop ;city<-raw.s.city ;");
  EXPECT_EQ(of("select * exclude (shop) from raw.s"), "city<-raw.s.city ;");
}
TEST_F(Lineage, through_joins_aliases_and_ctes) {
  EXPECT_EQ(of("with c as (select shop, sum(amount) as total from raw.o group by shop) "
               "select s.city, c.total from c join raw.s s on s.shop = c.shop"),
            "city<-raw.s.city ;total<-raw.o.amount ;");
}
TEST_F(Lineage, through_subqueries_and_unions) {
  EXPECT_EQ(of("select x from (select id as x from raw.o union all select shop from raw.s) t"),
            "x<-raw.o.id raw.s.shop ;");
}
TEST_F(Lineage, windows_and_cases_take_all_they_read) {
  EXPECT_EQ(of("select case when id > 1 then amount else 0 end as a, row_number() over (partition by shop order by id) "
               "as r from raw.o"),
            "a<-raw.o.amount raw.o.id ;r<-raw.o.id raw.o.shop ;");
}
TEST_F(Lineage, nothing_is_claimed_where_names_or_places_cannot_be_trusted) {
  EXPECT_EQ(of("select * replace (1 as city) from raw.s").find("raw."), std::string::npos);
  EXPECT_EQ(of("select * from raw.o join raw.s using (shop)").find("raw."), std::string::npos);
  EXPECT_EQ(of("select id, shop from raw.o union all by name select city as shop, 1 as id from raw.s").find("raw."),
            std::string::npos);
  EXPECT_NE(of("select (select max(x) from raw.nobody) as m from raw.o").find("may read columns"), std::string::npos);
}
TEST_F(Lineage, a_cte_may_rename_its_columns_and_hide_a_table) {
  EXPECT_EQ(of("with c(x) as (select id from raw.o) select x from c"), "x<-raw.o.id ;");
}
TEST_F(Lineage, what_cannot_be_told_is_said) {
  EXPECT_EQ(of("select * from raw.nobody"), "*<-the columns of raw.nobody are not known;");
  EXPECT_EQ(of("select n.x from raw.nobody n"), "x<-raw.nobody.x ;") << "the qualifier tells";
  EXPECT_EQ(of("select x from raw.nobody, raw.other"), "x<-x cannot be told apart;");
}

}  // namespace
}  // namespace millrace::transform
