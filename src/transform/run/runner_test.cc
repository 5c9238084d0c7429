#include "transform/run/runner.h"

#include <gtest/gtest.h>

#include <map>

#include "base/failpoint.h"
#include "testing/temp_folder.h"
#include "transform/run/node_for_tests.h"

namespace millrace::transform {
namespace {

constexpr const char* kSettings = "name: shop\nversion: '1.0'\nmodel-paths: [models]\nseed-paths: [seeds]\n";

/// A project on disk, run on an engine in memory.
struct RunnerTest : ::testing::Test {
  RunnerTest() {
    write("dbt_project.yml", kSettings);
    target.database = "memory";
    target.schema = "gold";
    target.print_database = false;
    target.dialect = &engine.session->dialect();
    invocation.id = "7e2a";
    invocation.environment = [](std::string_view) { return std::nullopt; };
    request.gate = false;
  }
  ~RunnerTest() override { EXPECT_TRUE(failpoint::configure("")); }

  void write(const std::string& name, const std::string& text) { folder.write("shop/" + name, text); }
  void model(const std::string& name, const std::string& sql) { write("models/" + name + ".sql", sql); }

  Result<RunReport> run() {
    MR_TRY(Project project, read_project((folder.path() / "shop").string(), target, invocation));
    Renderer renderer(project, target, invocation);
    MR_CHECK(renderer.parse());
    MR_TRY(const Graph graph, Graph::of(project));
    request.nodes = graph.order();
    RunParts parts;
    parts.project = &project;
    parts.graph = &graph;
    parts.renderer = &renderer;
    parts.target = &target;
    parts.invocation = &invocation;
    parts.session = engine.session.get();
    parts.clock = &system_clock();
    return millrace::transform::run(parts, request);
  }
  /// "a success, unique_a_id fail": all in the order they ended; an error's message.
  std::string statuses() {
    const auto done = run();
    if (!done) return done.error().message;
    last = *done;
    std::string out;
    for (const NodeResult& r : last.results)
      out += (out.empty() ? "" : ", ") + r.name + " " + std::string(name_of(r.status));
    return out;
  }
  const NodeResult& result(const std::string& name) const {
    for (const NodeResult& r : last.results)
      if (r.name == name) return r;
    ADD_FAILURE() << name << " has no result";
    return last.results.front();
  }
  void orders_with_a_unique_test() {
    model("orders", "{{ config(materialized='table') }} select 1 as id, 'a' as s union all select 1, 'b'");
    model("v_orders", "select * from {{ ref('orders') }}");
    model("other", "select 1 as id");
    write("models/schema.yml",
          "version: 2\nmodels:\n  - name: orders\n    columns:\n      - name: id\n        tests: [unique, not_null]\n");
  }

  testing::TempFolder folder;
  EngineForTests engine;
  Target target;
  Invocation invocation;
  RunRequest request;
  RunReport last;
};

TEST_F(RunnerTest, node_by_node_a_failing_test_holds_up_what_is_downstream_and_nothing_else) {
  orders_with_a_unique_test();

  EXPECT_EQ(statuses(),
            "orders success, not_null_orders_id pass, unique_orders_id fail, other success, v_orders skipped");

  EXPECT_TRUE(last.committed);
  EXPECT_FALSE(last.ok());
  EXPECT_EQ(last.totals().pass, 3);
  EXPECT_EQ(last.totals().error, 1);
  EXPECT_EQ(last.totals().skip, 1);
  EXPECT_EQ(result("unique_orders_id").message, "Got 1 result, configured to fail if != 0");
  EXPECT_EQ(result("unique_orders_id").about, "gold.orders.id");
  EXPECT_EQ(result("v_orders").message, "because unique_orders_id failed");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM gold.orders"), "2");
}

TEST_F(RunnerTest, node_by_node_a_warning_holds_up_nothing) {
  orders_with_a_unique_test();
  write("models/schema.yml",
        "version: 2\nmodels:\n  - name: orders\n    columns:\n      - name: id\n        tests:\n          - unique:\n"
        "              config: {severity: warn}\n");

  EXPECT_EQ(statuses(), "orders success, unique_orders_id warn, other success, v_orders success");
  EXPECT_TRUE(last.ok());
}

TEST_F(RunnerTest, node_by_node_an_error_skips_what_is_downstream_and_leaves_the_node_as_it_was) {
  model("a", "{{ config(materialized='table', pre_hook='create table gold.hooked as select 1 as x') }} select 1/0 as");
  model("b", "select * from {{ ref('a') }}");
  model("c", "select 1 as id");

  EXPECT_EQ(statuses(), "a error, b skipped, c success");

  EXPECT_NE(result("a").message.find("models/a.sql: Parser Error"), std::string::npos) << result("a").message;
  EXPECT_EQ(engine.rows("SELECT table_name FROM information_schema.tables"), "c");
}

TEST_F(RunnerTest, fail_fast_skips_everything_after_the_first_failure) {
  model("a", "select 1/0 as");
  model("b", "select 1 as id");
  request.fail_fast = true;

  EXPECT_EQ(statuses(), "a error, b skipped");
}

TEST_F(RunnerTest, an_incremental_model_without_a_key_fails_its_unique_test_at_the_second_build) {
  model("orders", "{{ config(materialized='incremental') }} select range as id from range(200)");
  model("v_orders", "select * from {{ ref('orders') }}");
  write("models/schema.yml",
        "version: 2\nmodels:\n  - name: orders\n    columns:\n      - name: id\n        tests: [unique]\n");

  EXPECT_EQ(statuses(), "orders success, unique_orders_id pass, v_orders success");
  EXPECT_EQ(result("orders").rows, 200);
  EXPECT_EQ(statuses(), "orders success, unique_orders_id fail, v_orders skipped");
  EXPECT_EQ(result("unique_orders_id").failures, 200);
  invocation.full_refresh = true;
  EXPECT_EQ(statuses(), "orders success, unique_orders_id pass, v_orders success");
}

TEST_F(RunnerTest, is_incremental_follows_what_this_run_has_built) {
  model("orders",
        "{{ config(materialized='incremental', unique_key='id') }}\n"
        "select 1 as id, {% if is_incremental() %}(select count(*) from {{ this }}){% else %}0{% endif %} as n");
  request.gate = true;

  EXPECT_EQ(statuses(), "orders success");
  EXPECT_EQ(engine.rows("SELECT * FROM gold.orders"), "1|0");
  EXPECT_EQ(statuses(), "orders success");
  EXPECT_EQ(engine.rows("SELECT * FROM gold.orders"), "1|1");
}

TEST_F(RunnerTest, behind_the_gate_models_come_before_tests_and_all_becomes_visible_together) {
  orders_with_a_unique_test();
  model("orders", "{{ config(materialized='table') }} select 1 as id");
  request.gate = true;
  const auto reader = *engine.database->connect();
  request.before_commit = [&](warehouse::Session& session) -> Status {
    EXPECT_EQ(*session.kind_of({"gold", "orders"}), warehouse::RelationKind::table);
    EXPECT_EQ(*reader->kind_of({"gold", "orders"}), warehouse::RelationKind::none);
    return ok();
  };

  EXPECT_EQ(statuses(),
            "orders success, other success, v_orders success, not_null_orders_id pass, unique_orders_id pass");

  EXPECT_TRUE(last.committed);
  EXPECT_EQ(last.refused, "");
  EXPECT_EQ(engine.rows("SELECT * FROM gold.v_orders"), "1");
}

TEST_F(RunnerTest, behind_the_gate_a_failing_test_lets_the_others_run_and_rolls_everything_back) {
  orders_with_a_unique_test();
  request.gate = true;
  bool asked = false;
  request.before_commit = [&](warehouse::Session&) { return asked = true, ok(); };

  EXPECT_EQ(statuses(),
            "orders success, other success, v_orders success, not_null_orders_id pass, unique_orders_id fail");

  EXPECT_FALSE(last.committed);
  EXPECT_FALSE(asked);
  EXPECT_NE(last.refused.find("test unique_orders_id failed: Got 1 result, configured to fail if != 0, for example {"),
            std::string::npos)
      << last.refused;
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'gold'"), "0");
}

TEST_F(RunnerTest, behind_the_gate_an_error_skips_the_rest_and_says_which_node_it_was) {
  model("a", "{{ config(materialized='table') }} select 1 as id");
  model("b", "select * from gold.no_such");
  model("c", "select 1 as id");
  request.gate = true;

  EXPECT_EQ(statuses(), "a success, b error, c skipped");

  EXPECT_FALSE(last.committed);
  EXPECT_NE(last.refused.find("model gold.b failed: models/b.sql: Catalog Error"), std::string::npos) << last.refused;
  EXPECT_EQ(last.refused.find('\n'), std::string::npos);
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables"), "0");
}

TEST_F(RunnerTest, the_last_word_before_the_commit_rolls_back_and_is_the_runs_error) {
  model("a", "{{ config(materialized='table') }} select 1 as id");
  request.gate = true;
  request.before_commit = [](warehouse::Session&) { return Error{ErrorKind::conflict, "somebody was faster", {}, {}}; };

  EXPECT_EQ(statuses(), "somebody was faster");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables"), "0");
}

TEST_F(RunnerTest, a_cancelled_build_changes_nothing) {
  model("a", "{{ config(materialized='table') }} select 1 as id");
  model("b", "{{ config(materialized='table') }} select 1 as id");
  request.gate = true;
  int asked = 0;
  request.cancelled = [&] { return ++asked == 2; };

  const auto done = run();

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables"), "0");
}

TEST_F(RunnerTest, stored_failures_outlive_the_rollback_of_the_gate) {
  orders_with_a_unique_test();
  request.gate = true;
  request.store_failures = true;

  ASSERT_NE(statuses(), "");

  EXPECT_FALSE(last.committed);
  EXPECT_EQ(result("unique_orders_id").stored_in, "gold_dbt_test__audit.unique_orders_id");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM gold_dbt_test__audit.unique_orders_id"), "1");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'gold'"), "0");
}

TEST_F(RunnerTest, ephemeral_models_are_passed_over_and_stand_in_the_sql_of_others) {
  model("e", "{{ config(materialized='ephemeral') }} select 5 as id");
  model("m", "{{ config(materialized='table') }} select * from {{ ref('e') }}");

  EXPECT_EQ(statuses(), "m success");
  EXPECT_EQ(engine.rows("SELECT * FROM gold.m"), "5");
}

TEST_F(RunnerTest, seeds_are_loaded_before_the_models_that_read_them) {
  write("seeds/countries.csv", "code,name\nde,Germany\nfr,France\n");
  model("m", "{{ config(materialized='table') }} select count(*) as n from {{ ref('countries') }}");
  request.gate = true;

  EXPECT_EQ(statuses(), "countries success, m success");
  EXPECT_EQ(result("countries").message, "INSERT 2");
  EXPECT_EQ(result("countries").materialized, "seed");
  EXPECT_EQ(engine.rows("SELECT n FROM gold.m"), "2");
}

TEST_F(RunnerTest, hooks_run_around_the_node_with_this_rendered_at_run_time) {
  engine.rows("CREATE TABLE main.log(n INTEGER, what VARCHAR)");
  model("m",
        "{{ config(materialized='table', pre_hook=[\"insert into main.log values (1, 'before {{ this.name }}'); insert "
        "into main.log values (2, 'again')\"], post_hook={'sql': \"insert into main.log select 3, 'rows ' || count(*) "
        "from {{ this }}\", 'transaction': false}) }} select 1 as id");

  EXPECT_EQ(statuses(), "m success");
  EXPECT_EQ(engine.rows("SELECT what FROM main.log ORDER BY n"), "before m, again, rows 1");
}

TEST_F(RunnerTest, what_a_hook_has_dropped_is_built_as_if_it_had_never_been) {
  model("m", "{{ config(materialized='incremental', pre_hook='drop table if exists {{ this }}') }} select 1 as id");
  request.gate = true;

  EXPECT_EQ(statuses(), "m success");
  EXPECT_EQ(statuses(), "m success");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM gold.m"), "1");
}

TEST_F(RunnerTest, descriptions_become_comments_where_persist_docs_asks_for_them) {
  model("t", "{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }} select 1 as id");
  model("v", "{{ config(persist_docs={'relation': true, 'columns': true}) }} select 1 as id");
  write(
      "models/schema.yml",
      "version: 2\nmodels:\n  - name: t\n    description: it's a table\n    columns:\n      - {name: ID, description: "
      "the "
      "key}\n      - {name: gone, description: not there}\n  - name: v\n    description: a view\n    columns:\n      - "
      "{name: id, description: the key}\n");

  EXPECT_EQ(statuses(), "t success, v success") << result("v").message;
  EXPECT_EQ(engine.rows("SELECT comment FROM duckdb_tables() WHERE table_name = 't'"), "it's a table");
  EXPECT_EQ(engine.rows("SELECT comment FROM duckdb_views() WHERE view_name = 'v'"), "a view");
  EXPECT_EQ(engine.rows("SELECT comment FROM duckdb_columns() WHERE table_name IN ('t', 'v')"), "the key, the key");
}

TEST_F(RunnerTest, a_hook_cannot_end_the_transaction_of_the_build) {
  model("a", "{{ config(materialized='table') }} select 1 as id");
  model("m", "{{ config(materialized='table', post_hook='commit') }} select 1 as id");
  request.gate = true;

  EXPECT_EQ(statuses(), "a success, m error");
  EXPECT_NE(result("m").message.find("models/m.sql (post-hook 1): found COMMIT"), std::string::npos);
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables"), "0");
}

TEST_F(RunnerTest, hooks_of_a_run_belong_to_the_gate) {
  write("dbt_project.yml", std::string(kSettings) +
                               "on-run-start: ['create table if not exists main.s as select 1 as x']\n"
                               "on-run-end: 'create table main.e as select 1 as x'\n");
  model("m", "select x from main.s");
  request.gate = true;
  EXPECT_EQ(statuses(), "m success");
  EXPECT_EQ(engine.rows("SELECT table_name FROM information_schema.tables ORDER BY 1"), "e, m, s");

  EXPECT_EQ(statuses(), "m success");  // on-run-end finds its table
  EXPECT_FALSE(last.committed);
  EXPECT_NE(last.refused.find("shop: on-run-end 1: Catalog Error"), std::string::npos) << last.refused;
}

TEST_F(RunnerTest, what_hooks_of_a_run_cannot_have_yet_is_said) {
  write("dbt_project.yml", std::string(kSettings) + "on-run-end: ['{% for r in results %}select 1;{% endfor %}']\n");
  model("m", "select 1 as id");

  EXPECT_EQ(statuses(), "m success");
  EXPECT_EQ(last.refused, "shop: on-run-end 1: 'results' is not supported in hooks of a run yet");
  EXPECT_FALSE(last.ok());
}

TEST_F(RunnerTest, compiled_and_run_files_lie_where_dbt_puts_them) {
  orders_with_a_unique_test();
  model("orders", "{{ config(materialized='table') }} select 1 as id");
  request.written_to = (folder.path() / "target").string();

  statuses();

  EXPECT_NE(folder.read("target/compiled/shop/models/v_orders.sql").find("\"gold\".\"orders\""), std::string::npos);
  EXPECT_NE(folder.read("target/run/shop/models/v_orders.sql").find("CREATE OR REPLACE VIEW"), std::string::npos);
  EXPECT_NE(folder.read("target/run/shop/models/orders.sql").find("CREATE OR REPLACE TABLE"), std::string::npos);
  EXPECT_NE(folder.read("target/compiled/shop/models/schema.yml/unique_orders_id.sql"), "");
  EXPECT_NE(folder.read("target/run/shop/models/schema.yml/unique_orders_id.sql").find("dbt_internal_test"),
            std::string::npos);
}

TEST_F(RunnerTest, compile_renders_everything_and_changes_nothing) {
  orders_with_a_unique_test();
  model("e", "{{ config(materialized='ephemeral') }} select 5 as id");
  request.compile_only = true;
  request.gate = true;
  request.written_to = (folder.path() / "target").string();

  EXPECT_EQ(statuses(),
            "e success, orders success, not_null_orders_id success, unique_orders_id success, other success, v_orders "
            "success");

  EXPECT_NE(folder.read("target/compiled/shop/models/orders.sql"), "");
  EXPECT_EQ(folder.read("target/run/shop/models/orders.sql"), "");
  EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'gold'"), "0");
}

TEST_F(RunnerTest, an_error_at_any_point_inside_the_gate_changes_nothing) {
  orders_with_a_unique_test();
  model("orders", "{{ config(materialized='table') }} select 1 as id");
  request.gate = true;
  request.written_to = (folder.path() / "target").string();
  for (const char* point : {"transform.node.before", "transform.node.after", "transform.write.before",
                            "warehouse.statement.before@5", "warehouse.commit.before"}) {
    const std::string name(point);
    const std::size_t at = name.find('@');
    ASSERT_TRUE(failpoint::configure(name.substr(0, at) + "=error" + (at == std::string::npos ? "" : name.substr(at))));
    const auto done = run();
    ASSERT_FALSE(done) << point;
    EXPECT_EQ(done.error().kind, ErrorKind::unavailable) << point;
    ASSERT_TRUE(failpoint::configure(""));
    EXPECT_EQ(engine.rows("SELECT count(*) FROM information_schema.tables"), "0") << point;
  }
  ASSERT_TRUE(failpoint::configure("warehouse.commit.after=error"));
  EXPECT_EQ(run().error().kind, ErrorKind::commit_unknown);
}

TEST_F(RunnerTest, progress_is_told_with_a_place_in_the_whole) {
  model("a", "select 1 as id");
  model("b", "select 1 as id");
  std::string told;
  request.on_start = [&](const NodeResult& r, std::size_t i, std::size_t n) {
    told += "<" + r.name + std::to_string(i) + "/" + std::to_string(n);
  };
  request.on_done = [&](const NodeResult& r, std::size_t i, std::size_t) { told += ">" + r.name + std::to_string(i); };

  statuses();

  EXPECT_EQ(told, "<a1/2>a1<b2/2>b2");
}

}  // namespace
}  // namespace millrace::transform
