#include "schedule/pipeline.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/failpoint.h"
#include "base/files.h"
#include "lake/local/local_store.h"
#include "schedule/watch.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"
#include "warehouse/duckdb/database.h"

namespace millrace::schedule {
namespace {

constexpr std::string_view kContract =
    "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1.0.0\nstatus: active\nschema:\n  - name: o\n    "
    "properties:\n"
    "      - {name: id, logicalType: integer, unique: true, required: true}\n      - {name: n, logicalType: integer}\n";

struct Told final : Observer {
  void on_file(const ingest::FileOutcome& o) override { files.push_back(o); }
  void on_build(const BuildReport& r) override { builds.push_back(r); }
  void on_error(const Error& e) override { errors.push_back(e); }
  std::vector<ingest::FileOutcome> files;
  std::vector<BuildReport> builds;
  std::vector<Error> errors;
};

struct PipelineTest : ::testing::Test {
  PipelineTest() {
    folder.write("project/dbt_project.yml", "name: p\n");
    folder.write("project/models/sources.yml", "version: 2\nsources:\n  - name: raw\n    tables: [{name: o}]\n");
    folder.write("project/models/g.sql",
                 "{{ config(materialized='table') }} select id, n from {{ source('raw', 'o') }}");
    folder.write("project/tests/n_is_small.sql", "select * from {{ ref('g') }} where n > 100");
    std::filesystem::create_directories(folder.path() / "lake/landing/o");
    store = *lake::open_local_store(folder.path() / "lake");
    parts.session = session.get();
    parts.store = store.get();
    parts.clock = &clock;
    parts.observer = &told;
    ingest::Source source;
    source.name = "o";
    source.pattern = "landing/o/*.csv";
    source.contract = *parse_contract(kContract, "c.yaml");
    source.table = {"raw", "o"};
    source.sensor.stable_for = std::chrono::milliseconds(0);
    parts.sources.push_back(std::move(source));
    parts.project_folder = (folder.path() / "project").string();
    pipeline.emplace(parts);
    EXPECT_TRUE(pipeline->prepare());
  }
  ~PipelineTest() override { EXPECT_TRUE(failpoint::configure("")); }
  void drop(const std::string& name, const std::string& rows) {
    folder.write("lake/landing/o/" + name, "id,n\n" + rows);
    EXPECT_EQ(*pipeline->load(true), 1);
  }
  Result<BuildReport> build(bool only_if_changed) {
    BuildRequest request;
    request.only_if_changed = only_if_changed;
    return pipeline->build(request);
  }
  std::string one(const std::string& sql) {
    const auto got = session->query({"test", sql});
    return got ? (got->rows.empty() ? "(no rows)" : warehouse::to_text(got->rows[0][0])) : got.error().message;
  }
  testing::TempFolder folder;
  testing::FakeClock clock;
  Told told;
  std::unique_ptr<lake::ObjectStore> store;
  std::unique_ptr<warehouse::Warehouse> db = *warehouse::duckdb::open({":memory:"});
  std::unique_ptr<warehouse::Session> session = *db->connect();
  PipelineParts parts;
  std::optional<Pipeline> pipeline;
};

TEST_F(PipelineTest, each_publish_is_a_new_generation_and_nothing_new_is_none) {
  drop("a.csv", "1,1\n");
  EXPECT_EQ(build(true)->generation, 1);
  EXPECT_TRUE(build(true)->up_to_date);
  drop("b.csv", "2,2\n");
  EXPECT_EQ(build(true)->generation, 2);
  EXPECT_EQ(build(false)->generation, 3);
  folder.write("project/models/g.sql",
               "{{ config(materialized='table') }} select id, n, 1 as new from {{ source('raw', 'o') }}");
  EXPECT_EQ(build(true)->generation, 4) << "the project has changed";
}

TEST_F(PipelineTest, a_failing_test_leaves_the_old_generation_and_says_which_rows) {
  drop("a.csv", "1,1\n");
  ASSERT_TRUE(build(true)->published);
  drop("b.csv", "2,101\n3,102\n");

  const auto got = build(true);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_FALSE(got->published);
  EXPECT_EQ(got->generation, 1);
  EXPECT_EQ(got->refused.substr(0, 45), "test n_is_small failed: 2 rows, for example {");
  EXPECT_EQ(one("SELECT count(*) FROM main.g"), "1") << "I7: yesterday's table stays";
  EXPECT_EQ(one("SELECT count(*) FROM raw.o"), "3") << "the load itself stands";
  EXPECT_EQ(pipeline->generation()->number, 1);
}

TEST_F(PipelineTest, sql_that_does_not_run_is_an_error_that_names_the_model_and_changes_nothing) {
  drop("a.csv", "1,1\n");
  ASSERT_TRUE(build(true)->published);
  folder.write("project/models/h.sql", "select no_such_column from {{ ref('g') }}");

  const auto got = build(true);

  ASSERT_TRUE(got) << got.error().message;
  ASSERT_TRUE(got->error);
  EXPECT_EQ(got->error->kind, ErrorKind::invalid_input);
  EXPECT_NE(got->error->message.find("model main.h: "), std::string::npos) << got->error->message;
  EXPECT_NE(got->error->message.find("Binder Error"), std::string::npos) << got->error->message;
  EXPECT_FALSE(got->published);
  EXPECT_EQ(one("SELECT count(*) FROM main.g"), "1");
}

TEST_F(PipelineTest, a_lost_answer_to_a_publish_is_settled_by_asking) {
  drop("a.csv", "1,1\n");
  ASSERT_TRUE(failpoint::configure("warehouse.commit.after=error@1"));

  const auto got = build(true);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->published);
  EXPECT_EQ(one("SELECT count(*) FROM millrace.generations"), "1");
}

TEST_F(PipelineTest, the_publish_hook_belongs_to_the_transaction) {
  parts.at_publish = [](std::int64_t g) {
    return std::vector<warehouse::Statement>{
        {"served", "CREATE TABLE main.served_" + std::to_string(g) + " AS SELECT * FROM main.g"},
        {"fails", "SELECT * FROM nowhere"}};
  };
  pipeline.emplace(parts);
  drop("a.csv", "1,1\n");

  EXPECT_FALSE(build(true));
  EXPECT_EQ(*session->kind_of({"main", "served_1"}), warehouse::RelationKind::none);
  EXPECT_EQ(*session->kind_of({"main", "g"}), warehouse::RelationKind::none);
}

/// A hint that never waits, and stops the loop after some looks.
struct CountingHint final : lake::ChangeHint {
  CountingHint(std::stop_source& s, int n) : stop(s), left(n) {}
  bool wait(std::chrono::milliseconds most) override {
    pauses.push_back(most);
    if (at_wait) at_wait();
    if (--left <= 0) stop.request_stop();
    return true;
  }
  void wake() override {}
  std::stop_source& stop;
  int left;
  std::vector<std::chrono::milliseconds> pauses;
  std::function<void()> at_wait;
};

TEST_F(PipelineTest, the_watch_publishes_what_lands_and_tells_the_server_each_time) {
  std::stop_source stop;
  CountingHint hint(stop, 4);
  int wait = 0;
  hint.at_wait = [&] {
    if (++wait == 1) folder.write("lake/landing/o/a.csv", "id,n\n1,1\n");
  };
  std::vector<std::int64_t> published;
  WatchOptions options;
  options.on_published = [&](std::int64_t g) {
    published.push_back(g);
    return ok();
  };

  ASSERT_TRUE(watch(*pipeline, hint, told, options, stop.get_token()));

  EXPECT_EQ(published, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(told.files.size(), 1U);
}

TEST_F(PipelineTest, what_was_committed_before_an_error_is_told_and_published_all_the_same) {
  ASSERT_TRUE(build(true)->published);
  folder.write("lake/landing/o/a.csv", "id,n\n1,1\n");
  ASSERT_TRUE(failpoint::configure("ingest.mark.before=error@1"));
  std::stop_source stop;
  CountingHint hint(stop, 3);
  std::vector<std::int64_t> published;
  WatchOptions options;
  options.on_published = [&](std::int64_t g) -> Status {
    published.push_back(g);
    if (published.size() == 1) return Error{ErrorKind::unavailable, "the server is busy", {}, {}};
    return ok();
  };

  ASSERT_TRUE(watch(*pipeline, hint, told, options, stop.get_token()));

  EXPECT_EQ(told.files.size(), 1U);
  EXPECT_EQ(told.errors.size(), 2U) << "the injected one, and the server's";
  EXPECT_EQ(published, (std::vector<std::int64_t>{2, 2})) << "asked again after its error";
}

TEST_F(PipelineTest, a_file_that_never_settles_does_not_hold_up_the_others) {
  folder.write("lake/landing/o/slow.csv", "id,n\n");
  const Fd writer(::open((folder.path() / "lake/landing/o/slow.csv").c_str(), O_WRONLY));
  folder.write("lake/landing/o/a.csv", "id,n\n1,1\n");
  std::stop_source stop;
  CountingHint hint(stop, 30);
  std::vector<std::int64_t> published;
  WatchOptions options;
  options.on_published = [&](std::int64_t g) {
    published.push_back(g);
    return ok();
  };

  ASSERT_TRUE(watch(*pipeline, hint, told, options, stop.get_token()));

  EXPECT_EQ(published, std::vector<std::int64_t>{1});
  EXPECT_EQ(one("SELECT count(*) FROM main.g"), "1");
}

TEST_F(PipelineTest, the_watch_tells_a_lasting_problem_once_and_pauses_longer_each_time) {
  folder.write("project/models/h.sql", "select no_such_column from {{ ref('g') }}");
  std::stop_source stop;
  CountingHint hint(stop, 4);

  ASSERT_TRUE(watch(*pipeline, hint, told, {}, stop.get_token()));

  EXPECT_EQ(told.errors.size(), 1U);
  using std::chrono::milliseconds;
  EXPECT_EQ(hint.pauses, (std::vector<milliseconds>{milliseconds(1000), milliseconds(2000), milliseconds(4000),
                                                    milliseconds(8000)}));
}

}  // namespace
}  // namespace millrace::schedule
