#include "transform/project.h"

#include <gtest/gtest.h>

#include "testing/temp_folder.h"
#include "transform/materialize.h"
#include "warehouse/duckdb/database.h"

namespace millrace::transform {
namespace {

struct ProjectTest : ::testing::Test {
  ProjectTest() {
    folder.write("dbt_project.yml",
                 "name: shop\nversion: 1.0.0\nprofile: shop\nmodels:\n  shop:\n    gold:\n      +schema: gold\n");
    folder.write("models/sources.yml", "version: 2\nsources:\n  - name: raw\n    tables: [{name: orders}]\n");
    folder.write("models/silver/orders.sql",
                 "{{ config(materialized='table') }}\nselect * from {{ source('raw', 'orders') }}\n");
    folder.write("models/gold/v_orders.sql", "select * from {{ ref('orders') }} -- {{ this }}\n");
    target.dialect = &session->dialect();
  }
  Result<Project> load() { return load_project(folder.path().string(), target); }
  std::string message() {
    const auto got = load();
    return got ? "loaded" : got.error().message + (got.error().hint.empty() ? "" : " | " + got.error().hint);
  }
  testing::TempFolder folder;
  std::unique_ptr<warehouse::Warehouse> db = *warehouse::duckdb::open({":memory:"});
  std::unique_ptr<warehouse::Session> session = *db->connect();
  Target target;
};

TEST_F(ProjectTest, models_are_ordered_named_and_compiled) {
  auto project = load();
  ASSERT_TRUE(project) << project.error().message;
  ASSERT_TRUE(compile(*project, target));

  EXPECT_EQ(project->order, (std::vector<std::string>{"model.shop.orders", "model.shop.v_orders"}));
  EXPECT_EQ(project->model_named("orders")->compiled_sql, "select * from \"raw\".\"orders\"");
  EXPECT_EQ(project->model_named("orders")->relation.text(), "main.orders");
  EXPECT_EQ(project->model_named("v_orders")->relation.text(), "main_gold.v_orders") << "dbt's rule for custom schemas";
  EXPECT_EQ(project->model_named("v_orders")->compiled_sql,
            "select * from \"main\".\"orders\" -- \"main_gold\".\"v_orders\"");
}

TEST_F(ProjectTest, generate_schema_name_of_the_project_decides) {
  folder.write("macros/names.sql",
               "{% macro generate_schema_name(custom_schema_name, node) -%}\n  {%- if custom_schema_name is none -%} "
               "{{ target.schema }}\n"
               "  {%- else -%} {{ custom_schema_name | trim }} {%- endif -%}\n{%- endmacro %}\n");

  EXPECT_EQ(load()->model_named("v_orders")->relation.text(), "gold.v_orders");
}

TEST_F(ProjectTest, macros_and_vars_are_seen_by_models) {
  folder.write("dbt_project.yml", "name: shop\nvars: {cut: '2020-01-01'}\n");
  folder.write("macros/cents.sql", "{% macro euros(column) %}({{ column }} / 100){% endmacro %}");
  folder.write("models/m.sql", "select {{ euros('price') }} from {{ ref('orders') }} where d > '{{ var(\"cut\") }}'");
  auto project = load();
  ASSERT_TRUE(project) << project.error().message;
  ASSERT_TRUE(compile(*project, target));

  EXPECT_EQ(project->model_named("m")->compiled_sql,
            "select (price / 100) from \"main\".\"orders\" where d > '2020-01-01'");
}

TEST_F(ProjectTest, mistakes_name_file_line_and_what_was_meant) {
  folder.write("models/gold/v_orders.sql", "select *\nfrom {{ ref('order') }}\n");
  EXPECT_EQ(message(),
            "models/gold/v_orders.sql:2:9: ref('order') names no model of this project | did you mean ref('orders')?");

  folder.write("models/gold/v_orders.sql", "select * from {{ source('raw', 'order') }}\n");
  EXPECT_NE(message().find("did you mean source('raw', 'orders')?"), std::string::npos) << message();

  folder.write("models/gold/v_orders.sql", "select * from {{ ref('v_orders') }}");
  EXPECT_EQ(message(), "models depend on each other in a circle: v_orders -> v_orders | remove one of the refs");

  folder.write("models/gold/v_orders.sql", "{{ config(materialized='incremental') }} select 1");
  EXPECT_NE(message().find("materialized: incremental comes with a later version"), std::string::npos) << message();
}

TEST_F(ProjectTest, two_models_of_one_name_or_one_relation_are_refused) {
  folder.write("models/gold/orders.sql", "select 1");
  EXPECT_NE(message().find("model \"orders\" stands in models/gold/orders.sql already"), std::string::npos)
      << message();
}

TEST_F(ProjectTest, a_model_never_overwrites_a_source) {
  folder.write("models/silver/orders.sql", "{{ config(schema='x', alias='orders') }} select 1");
  folder.write("macros/names.sql", "{% macro generate_schema_name(s, node) %}raw{% endmacro %}");

  EXPECT_NE(message().find("the model would overwrite source raw.orders"), std::string::npos) << message();
}

TEST_F(ProjectTest, parts_of_dbt_that_wait_for_a_later_version_are_told_and_not_skipped) {
  folder.write("seeds/a.csv", "a\n1\n");
  EXPECT_NE(message().find("seeds/a.csv: seeds come with a later version"), std::string::npos) << message();
}

TEST_F(ProjectTest, tests_are_read_from_columns_and_files) {
  folder.write("models/schema.yml", R"yaml(
version: 2
models:
  - name: orders
    columns:
      - name: id
        data_tests:
          - not_null
          - unique: {config: {severity: warn, where: "id > 3"}}
      - name: status
        tests:
          - accepted_values: {values: [A, "it's"]}
          - relationships: {arguments: {to: ref('v_orders'), field: status}}
)yaml");
  folder.write("tests/future.sql",
               "{{ config(severity='warn') }} select * from {{ ref('orders') }} where d > now();\n");
  auto project = load();
  ASSERT_TRUE(project) << project.error().message;
  ASSERT_TRUE(compile(*project, target));

  std::map<std::string, const DataTest*> by_name;
  for (const DataTest& t : project->tests) by_name[t.name] = &t;
  EXPECT_EQ(by_name.size(), 5U);
  EXPECT_EQ(by_name.at("not_null_orders_id")->compiled_sql, "select * from \"main\".\"orders\" where id is null\n");
  EXPECT_NE(by_name.at("unique_orders_id")
                ->compiled_sql.find("from (select * from \"main\".\"orders\" where id > 3) dbt_subquery"),
            std::string::npos);
  EXPECT_TRUE(by_name.at("unique_orders_id")->warns_only());
  EXPECT_NE(by_name.at("accepted_values_orders_status__A__it_s")->compiled_sql.find("not in ('A', 'it''s')"),
            std::string::npos);
  EXPECT_NE(by_name.at("relationships_orders_status__status__ref_v_orders_")
                ->compiled_sql.find("from \"main_gold\".\"v_orders\")"),
            std::string::npos);
  EXPECT_TRUE(by_name.at("future")->warns_only());
  EXPECT_EQ(by_name.at("future")->compiled_sql, "select * from \"main\".\"orders\" where d > now()");
}

TEST_F(ProjectTest, an_unknown_test_or_argument_is_an_error_at_its_line) {
  folder.write("models/schema.yml",
               "version: 2\nmodels:\n  - name: orders\n    columns:\n      - name: id\n        tests: "
               "[dbt_utils.at_least_one]\n");
  EXPECT_NE(message().find("models/schema.yml:6:"), std::string::npos) << message();
  EXPECT_NE(message().find("test dbt_utils.at_least_one comes with a later version"), std::string::npos) << message();
}

TEST_F(ProjectTest, built_models_change_kind_without_leaving_the_old_one_in_the_way) {
  ASSERT_TRUE(
      session->commit({"raw", {{"s", "CREATE SCHEMA raw"}, {"t", "CREATE TABLE raw.orders AS SELECT 1 AS id"}}}));
  for (const char* kind : {"table", "view", "table"}) {
    folder.write("models/silver/orders.sql",
                 "{{ config(materialized='" + std::string(kind) + "') }} select * from {{ source('raw', 'orders') }}");
    auto project = load();
    ASSERT_TRUE(project);
    ASSERT_TRUE(compile(*project, target));
    std::vector<ModelRun> runs;
    auto statements = build_statements(*project, *session, runs);
    ASSERT_TRUE(statements);

    const auto done = session->commit({"build", *statements});

    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(runs[0].done, true);
    EXPECT_EQ(runs[0].rows, std::string(kind) == "table" ? 1 : -1);
  }
}

}  // namespace
}  // namespace millrace::transform
