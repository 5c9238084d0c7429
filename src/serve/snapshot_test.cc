#include "serve/snapshot.h"

#include <gtest/gtest.h>

#include "warehouse/duckdb/database.h"

namespace millrace::serve {
namespace {

struct SnapshotTest : ::testing::Test {
  SnapshotTest() {
    run("CREATE SCHEMA gold");
    run("CREATE VIEW gold.v AS SELECT * FROM (VALUES (3, [1, 2], 'c'), (1, [], 'a'), (2, NULL, 'b')) t(id, list, "
        "name)");
  }
  void run(const std::string& sql) {
    const auto done = session->commit({"test", {{"test", sql}}});
    ASSERT_TRUE(done) << done.error().message;
  }
  Status publish(std::int64_t generation) {
    return session->commit({"publish", snapshot_statements(session->dialect(), endpoints, generation)});
  }
  std::string one(const std::string& sql) {
    const auto got = session->query({"test", sql});
    return got ? warehouse::to_text(got->rows.at(0).at(0)) : got.error().message;
  }
  std::unique_ptr<warehouse::Warehouse> db = *warehouse::duckdb::open({":memory:"});
  std::unique_ptr<warehouse::Session> session = *db->connect();
  std::vector<Endpoint> endpoints{{"/v/", "gold.v", "id"}};
};

TEST_F(SnapshotTest, a_generation_is_a_copy_in_key_order_that_later_changes_do_not_reach) {
  ASSERT_TRUE(publish(1));
  run("CREATE OR REPLACE VIEW gold.v AS SELECT 9 AS id");

  const auto got = read_published(*session, endpoints, 1, {});

  ASSERT_TRUE(got) << got.error().message;
  const PublishedEndpoint& p = (*got)->endpoints.at(0);
  EXPECT_EQ(p.count, 3);
  EXPECT_EQ(p.columns.size(), 3U);
  EXPECT_EQ(p.columns[p.key_index].name, "id");
  EXPECT_EQ(p.columns[1].type.kind, TypeKind::text) << "a list is served as text";
  EXPECT_EQ(one("SELECT string_agg(_mr_row || '=' || id, ' ' ORDER BY _mr_row) FROM " + p.table), "0=1 1=2 2=3");
}

TEST_F(SnapshotTest, a_key_that_stands_twice_or_is_missing_refuses_the_publish) {
  run("CREATE OR REPLACE VIEW gold.v AS SELECT 1 AS id UNION ALL SELECT 1");
  auto done = publish(1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::contract_violation);
  EXPECT_NE(done.error().message.find("endpoint /v/: key id of gold.v"), std::string::npos) << done.error().message;

  run("CREATE OR REPLACE VIEW gold.v AS SELECT NULL::INTEGER AS id");
  EXPECT_EQ(publish(1).error().kind, ErrorKind::contract_violation);

  run("CREATE OR REPLACE VIEW gold.v AS SELECT 1 AS idd");
  done = publish(1);
  EXPECT_EQ(done.error().message, "endpoint /v/: gold.v has no column \"id\"");
  EXPECT_EQ(done.error().hint, "did you mean key: idd?");
  EXPECT_EQ(one("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'millrace_serve'"), "0");
}

TEST_F(SnapshotTest, older_generations_are_dropped_and_the_rest_is_kept) {
  for (std::int64_t g : {1, 2, 10}) ASSERT_TRUE(publish(g));

  ASSERT_TRUE(drop_older(*session, 2));

  EXPECT_EQ(one("SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM information_schema.tables WHERE "
                "table_schema = 'millrace_serve'"),
            "g10_sv_s g2_sv_s");
}

TEST_F(SnapshotTest, an_endpoint_that_was_declared_after_the_publish_is_not_served_yet) {
  ASSERT_TRUE(publish(1));
  endpoints.push_back({"/new/", "gold.v", "id"});

  EXPECT_EQ((*read_published(*session, endpoints, 1, {}))->endpoints.size(), 1U);
}

}  // namespace
}  // namespace millrace::serve
