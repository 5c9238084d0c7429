#include "transform/run/materialize.h"

#include <gtest/gtest.h>

#include "transform/run/incremental.h"
#include "transform/run/node_for_tests.h"

namespace millrace::transform {
namespace {

struct MaterializeTest : ::testing::Test {
  Result<Built> build(const Node& node, bool full_refresh = false) {
    auto on = engine.on(node);
    return build_model(on, full_refresh);
  }
  Node orders(const std::string& sql) {
    Node node = model_for_tests("orders", "incremental", sql);
    if (!strategy.empty()) node.config.set("incremental_strategy", strategy);
    if (!key.empty()) node.config.set("unique_key", key);
    if (!on_change.empty()) node.config.set("on_schema_change", on_change);
    return node;
  }
  std::string table() { return engine.rows("SELECT * FROM main.orders ORDER BY ALL"); }
  std::string strategy, key, on_change;
  EngineForTests engine;
};

TEST_F(MaterializeTest, a_table_says_how_many_rows_it_has_and_a_view_does_not) {
  EXPECT_EQ(build(model_for_tests("t", "table", "select 1 as id union all select 2 -- the end"))->rows, 2);
  EXPECT_EQ(build(model_for_tests("v", "view", "select * from main.t"))->rows, -1);
  EXPECT_EQ(engine.rows("SELECT count(*) FROM main.v"), "2");
}

TEST_F(MaterializeTest, a_model_changes_between_view_and_table_and_may_read_what_it_was) {
  ASSERT_TRUE(build(model_for_tests("m", "view", "select 1 as id")));
  ASSERT_TRUE(build(model_for_tests("dependant", "view", "select id from main.m")));
  ASSERT_TRUE(build(model_for_tests("m", "table", "select id + 1 as id from main.m")));
  EXPECT_EQ(engine.rows("SELECT table_type FROM information_schema.tables WHERE table_name = 'm'"), "BASE TABLE");
  EXPECT_EQ(engine.rows("SELECT id FROM main.dependant"), "2");

  ASSERT_TRUE(build(model_for_tests("m", "view", "select 7 as id")));
  EXPECT_EQ(engine.rows("SELECT id FROM main.dependant"), "7");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables"), "2");
}

TEST_F(MaterializeTest, a_table_is_replaced_while_a_view_reads_it) {
  ASSERT_TRUE(build(model_for_tests("m", "table", "select 1 as id")));
  ASSERT_TRUE(build(model_for_tests("dependant", "view", "select id from main.m")));
  ASSERT_TRUE(build(model_for_tests("m", "table", "select id + 1 as id from main.m")));
  EXPECT_EQ(engine.rows("SELECT id FROM main.dependant"), "2");
}

TEST_F(MaterializeTest, without_a_key_an_incremental_model_appends) {
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s")));
  EXPECT_EQ(build(orders("select 1 as id, 'a' as s"))->rows, 1);
  EXPECT_EQ(table(), "1|a, 1|a");

  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s"), true));
  EXPECT_EQ(table(), "1|a");
}

TEST_F(MaterializeTest, a_view_that_stands_there_is_built_anew_as_a_table) {
  ASSERT_TRUE(build(model_for_tests("orders", "view", "select 1 as id")));
  ASSERT_TRUE(build(orders("select 2 as id")));
  EXPECT_EQ(table(), "2");
}

TEST_F(MaterializeTest, with_a_key_rows_are_deleted_and_inserted) {
  key = jinja::Value("id").text();
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s union all select 2, 'b'")));
  ASSERT_TRUE(build(orders("select 2 as id, 'c' as s union all select 3, 'd'")));
  EXPECT_EQ(table(), "1|a, 2|c, 3|d");
}

TEST_F(MaterializeTest, a_key_of_several_columns_means_all_of_them) {
  Node node = model_for_tests("orders", "incremental", "select 1 as a, 1 as b, 'x' as s union all select 1, 2, 'y'");
  node.config.set("unique_key", jinja::Value::list({"a", "b"}));
  ASSERT_TRUE(build(node));
  node.compiled_code = "select 1 as a, 2 as b, 'z' as s";
  ASSERT_TRUE(build(node));
  EXPECT_EQ(table(), "1|1|x, 1|2|z");
}

TEST_F(MaterializeTest, predicates_narrow_what_is_deleted) {
  Node node = model_for_tests("orders", "incremental", "select 1 as id, 1 as day");
  node.config.set("unique_key", "id");
  node.config.set("incremental_predicates", jinja::Value::list({"DBT_INTERNAL_DEST.day > 1"}));
  ASSERT_TRUE(build(node));
  node.compiled_code = "select 1 as id, 2 as day";
  ASSERT_TRUE(build(node));
  ASSERT_TRUE(build(node));
  EXPECT_EQ(table(), "1|1, 1|2");
}

TEST_F(MaterializeTest, merge_updates_what_matches_and_inserts_the_rest) {
  strategy = "merge", key = "id";
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s, 1 as n")));
  const auto merged = build(orders("select 1 as id, 'b' as s, 2 as n union all select 2, 'c', 3"));
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(table(), "1|b|2, 2|c|3");

  Node node = orders("select 1 as id, 'z' as s, 9 as n");
  node.config.set("merge_update_columns", jinja::Value::list({"n"}));
  ASSERT_TRUE(build(node));
  EXPECT_EQ(table(), "1|b|9, 2|c|3");
}

TEST_F(MaterializeTest, merge_without_a_key_only_inserts) {
  strategy = "merge";
  ASSERT_TRUE(build(orders("select 1 as id")));
  ASSERT_TRUE(build(orders("select 1 as id")));
  EXPECT_EQ(table(), "1, 1");
}

TEST_F(MaterializeTest, columns_are_found_by_name_and_new_ones_are_ignored_by_default) {
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s")));
  ASSERT_TRUE(build(orders("select 'b' as s, 5 as extra, 2 as id")));
  EXPECT_EQ(table(), "1|a, 2|b");
  const auto missing = build(orders("select 3 as id"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("\"s\""), std::string::npos) << missing.error().message;
}

TEST_F(MaterializeTest, on_schema_change_fail_says_what_has_changed) {
  on_change = "fail";
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s")));
  EXPECT_TRUE(build(orders("select 2 as id, 'b' as s")));
  const auto changed = build(orders("select 'x' as id, 5 as extra"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(
      changed.error().message,
      "models/orders.sql: on_schema_change: fail: the columns of main.orders have changed: new in the SQL: extra; "
      "no longer in the SQL: s; id is now VARCHAR");
}

TEST_F(MaterializeTest, on_schema_change_append_adds_columns_and_leaves_the_old_ones_empty) {
  on_change = "append_new_columns";
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s")));
  const auto built = build(orders("select 2 as id, 5 as extra"));
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(table(), "1|a|NULL, 2|NULL|5");
}

TEST_F(MaterializeTest, on_schema_change_sync_adds_drops_and_retypes) {
  on_change = "sync_all_columns";
  ASSERT_TRUE(build(orders("select 1 as id, 'a' as s")));
  const auto built = engine.session->transact("as a build does", [&]() -> Status {
    auto done = build(orders("select 'two' as id, 5 as extra"));
    return done ? ok() : Status(done.error());
  });
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(table(), "1|NULL, two|5");
}

TEST_F(MaterializeTest, an_unknown_on_schema_change_is_ignore) {
  on_change = "sink_all_columns";
  ASSERT_TRUE(build(orders("select 1 as id")));
  EXPECT_TRUE(build(orders("select 2 as id, 3 as extra")));
}

TEST_F(MaterializeTest, what_is_not_there_yet_is_refused_by_name) {
  EXPECT_EQ(build(model_for_tests("m", "custom_incremental", "select 1")).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(build(model_for_tests("m", "tabel", "select 1")).error().hint, "did you mean table?");
  strategy = "microbatch";
  EXPECT_EQ(build(orders("select 1")).error().message,
            "models/orders.sql: incremental_strategy: microbatch is not supported");
  strategy = "merg";
  EXPECT_EQ(build(orders("select 1")).error().hint, "did you mean merge?");
  Node contract = model_for_tests("m", "table", "select 1 as id");
  jinja::Dict enforced;
  enforced.set("enforced", true);
  contract.config.set("contract", jinja::Value::dict(std::move(enforced)));
  EXPECT_EQ(build(contract).error().kind, ErrorKind::unsupported);
}

TEST_F(MaterializeTest, an_engine_error_names_file_line_and_place_in_the_compiled_sql) {
  engine.rows("CREATE TABLE main.payments(id INTEGER)");
  const auto built = build(model_for_tests("m", "table", "select 1 as id\nfrom main.paymets"));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(built.error().message,
            "models/m.sql: Catalog Error: Table with name paymets does not exist!\nDid you mean \"payments\"?\n"
            "line 2 of the compiled SQL:\n  from main.paymets\n       ^");
  EXPECT_EQ(built.error().hint, "the compiled SQL lies in target/compiled/models/m.sql");
}

TEST_F(MaterializeTest, indexes_are_made_and_a_unique_one_is_kept_to) {
  Node node = model_for_tests("m", "table", "select 1 as id union all select 1");
  jinja::Dict index;
  index.set("columns", jinja::Value::list({"id"}));
  index.set("unique", true);
  node.config.set("indexes", jinja::Value::list({jinja::Value::dict(std::move(index))}));
  EXPECT_EQ(build(node).error().kind, ErrorKind::contract_violation);
  node.compiled_code = "select 1 as id";
  EXPECT_TRUE(build(node));
}

}  // namespace
}  // namespace millrace::transform
