#include "warehouse/session.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/failpoint.h"
#include "warehouse/duckdb/database.h"

namespace millrace::warehouse::duckdb {
namespace {

/// `rows` rows (n, text of n) with every seventh text missing, from as many cursors as are asked for.
class Numbers final : public RowSource {
 public:
  explicit Numbers(std::int64_t rows, std::int64_t fail_at = -1) : rows_(rows), fail_at_(fail_at) {}
  std::span<const Column> columns() const override { return columns_; }
  std::size_t most_cursors() const override { return 2; }
  Result<std::unique_ptr<RowCursor>> open() override {
    return std::unique_ptr<RowCursor>(std::make_unique<Cursor>(*this));
  }

 private:
  struct Cursor final : RowCursor {
    explicit Cursor(Numbers& n) : numbers(n) {}
    Result<std::size_t> next(std::span<ColumnBuffer> out) override {
      texts.clear();
      texts.reserve(kBatchRows);
      std::size_t n = 0;
      for (; n < kBatchRows; ++n) {
        const std::int64_t value = numbers.next_++;
        if (value >= numbers.rows_) break;
        if (value == numbers.fail_at_)
          return Error{ErrorKind::contract_violation, "row " + std::to_string(value) + " is bad", {}, {}};
        out[0].set(n, value);
        texts.push_back("the number " + std::to_string(value));
        if (value % 7 == 0)
          out[1].set_null(n);
        else
          out[1].set(n, StringCell::of(texts.back()));
      }
      return n;
    }
    Numbers& numbers;
    std::vector<std::string> texts;
  };
  std::atomic<std::int64_t> next_{0};
  std::int64_t rows_, fail_at_;
  std::vector<Column> columns_{{"n", {TypeKind::int64}}, {"t", {TypeKind::text}}};
};

struct SessionTest : ::testing::Test {
  SessionTest() : db(*open({":memory:", 2, {}})), session(*db->connect()) {
    EXPECT_TRUE(session->commit({"setup", {{"create", "CREATE TABLE t(n BIGINT, t VARCHAR)"}}}));
  }
  ~SessionTest() override { EXPECT_TRUE(failpoint::configure("")); }
  std::string one(const std::string& sql) {
    const auto got = session->query({"test", sql});
    return got ? to_text(got->rows.at(0).at(0)) : got.error().message;
  }
  std::unique_ptr<Warehouse> db;
  std::unique_ptr<Session> session;
};

TEST_F(SessionTest, rows_of_a_source_arrive_whole_from_several_threads) {
  Numbers numbers(100'000);
  std::int64_t affected = 0;
  Statement insert{"insert", "INSERT INTO t SELECT * FROM {rows}"};
  insert.source = &numbers;
  insert.on_done = [&](const Done& d) { affected = d.affected; };

  ASSERT_TRUE(session->commit({"load", {insert}}));

  EXPECT_EQ(affected, 100'000);
  EXPECT_EQ(one("SELECT count(*) || ' ' || count(t) || ' ' || sum(n) FROM t"), "100000 85714 4999950000");
  EXPECT_EQ(one("SELECT count(*) FROM t WHERE t IS NOT NULL AND t <> 'the number ' || n"), "0");
}

TEST_F(SessionTest, an_error_of_a_source_keeps_its_kind_and_leaves_nothing_behind) {
  Numbers numbers(100'000, 50'000);
  Statement insert{"insert", "INSERT INTO t SELECT * FROM {rows}"};
  insert.source = &numbers;

  const auto got = session->commit({"load", {{"first", "INSERT INTO t VALUES (1, 'x')"}, insert}});

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::contract_violation);
  EXPECT_EQ(got.error().message, "row 50000 is bad");
  EXPECT_EQ(one("SELECT count(*) FROM t"), "0");
}

TEST_F(SessionTest, a_batch_is_all_or_nothing_and_ddl_belongs_to_it) {
  const auto got =
      session->commit({"b", {{"a", "CREATE TABLE u AS SELECT 1 AS x"}, {"b", "SELECT * FROM no_such_table"}}});

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(got.error().trail, std::vector<std::string>{"b"});
  EXPECT_EQ(*session->kind_of({"main", "u"}), RelationKind::none);
}

TEST_F(SessionTest, the_last_word_before_the_commit_can_be_no) {
  Batch batch{"b", {{"i", "INSERT INTO t VALUES (1, 'x')"}}};
  batch.before_commit = [] { return Error{ErrorKind::contract_violation, "gate", {}, {}}; };

  EXPECT_EQ(session->commit(batch).error().message, "gate");
  EXPECT_EQ(one("SELECT count(*) FROM t"), "0");
}

TEST_F(SessionTest, a_statement_that_finds_other_rows_than_expected_is_a_conflict) {
  Statement update{"fence", "UPDATE t SET n = 2 WHERE n = 1"};
  update.expect_affected = 1;

  EXPECT_EQ(session->commit({"b", {update}}).error().kind, ErrorKind::conflict);
}

TEST_F(SessionTest, two_transactions_on_one_row_cannot_both_win) {
  ASSERT_TRUE(session->commit({"one", {{"i", "INSERT INTO t VALUES (1, 'x')"}}}));
  const auto other = *db->connect();
  Batch outer{"outer", {{"u", "UPDATE t SET n = n + 1"}}};
  Status inner = ok();
  outer.before_commit = [&] {
    inner = other->commit({"inner", {{"u", "UPDATE t SET n = n + 1"}}});
    return ok();
  };

  EXPECT_TRUE(session->commit(outer));
  ASSERT_FALSE(inner);
  EXPECT_EQ(inner.error().kind, ErrorKind::conflict);
  EXPECT_EQ(one("SELECT n FROM t"), "2");
}

TEST_F(SessionTest, a_lost_answer_is_commit_unknown_and_not_a_failure) {
  ASSERT_TRUE(failpoint::configure("warehouse.commit.after=error"));

  const auto got = session->commit({"b", {{"i", "INSERT INTO t VALUES (1, 'x')"}}});

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::commit_unknown);
  EXPECT_EQ(one("SELECT count(*) FROM t"), "1");
}

TEST_F(SessionTest, an_error_before_the_commit_changes_nothing) {
  for (const char* point : {"warehouse.begin.before", "warehouse.statement.before", "warehouse.commit.before"}) {
    ASSERT_TRUE(failpoint::configure(std::string(point) + "=error"));
    EXPECT_FALSE(session->commit({"b", {{"i", "INSERT INTO t VALUES (1, 'x')"}}})) << point;
    ASSERT_TRUE(failpoint::configure(""));
    EXPECT_EQ(one("SELECT count(*) FROM t"), "0") << point;
  }
}

TEST_F(SessionTest, parameters_are_values_and_never_sql) {
  const auto got = session->query({"p", "SELECT $1 || $2", {std::string("'; DROP TABLE t; --"), std::string("x")}});

  ASSERT_TRUE(got);
  EXPECT_EQ(to_text(got->rows[0][0]), "'; DROP TABLE t; --x");
}

TEST_F(SessionTest, batches_are_read_in_place_with_their_types) {
  std::vector<std::string> seen;
  ASSERT_TRUE(session->read({"r", "SELECT 1::DECIMAL(10,2), DATE '2018-07-12', NULL::BIGINT, 'a long enough string'"},
                            [&](std::span<const ColumnView> columns, std::size_t rows) {
                              EXPECT_EQ(rows, 1U);
                              EXPECT_EQ(columns[0].type, (ColumnType{TypeKind::decimal, 10, 2}));
                              EXPECT_EQ(columns[1].type.kind, TypeKind::date);
                              EXPECT_TRUE(columns[2].is_null(0));
                              seen.emplace_back(static_cast<const StringCell*>(columns[3].values)[0].view());
                              return ok();
                            }));
  EXPECT_EQ(seen, std::vector<std::string>{"a long enough string"});
}

TEST_F(SessionTest, a_type_without_counterpart_is_told_and_not_guessed) {
  const auto got = session->query({"r", "SELECT [1, 2] AS l"});

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(session->columns_of("SELECT [1, 2] AS l, 1 AS i")->at(0).type.kind, TypeKind::other);
}

TEST_F(SessionTest, a_transaction_of_work_sees_what_it_has_changed_and_becomes_visible_at_its_end) {
  const auto other = *db->connect();

  const auto done = session->transact("work", [&]() -> Status {
    MR_CHECK(session->query({"create", "CREATE TABLE u AS SELECT 41 AS x"}));
    MR_TRY(const Rows rows, session->query({"read", "SELECT x + 1 FROM u"}));
    EXPECT_EQ(to_text(rows.rows.at(0).at(0)), "42");
    EXPECT_EQ(*session->kind_of({"main", "u"}), RelationKind::table);
    EXPECT_EQ(*other->kind_of({"main", "u"}), RelationKind::none);
    return ok();
  });

  ASSERT_TRUE(done);
  EXPECT_EQ(*other->kind_of({"main", "u"}), RelationKind::table);
}

TEST_F(SessionTest, an_error_of_the_work_rolls_everything_back_and_is_handed_on_as_it_is) {
  const auto done = session->transact("work", [&]() -> Status {
    MR_CHECK(session->query({"create", "CREATE TABLE u AS SELECT 1 AS x"}));
    MR_CHECK(session->query({"insert", "INSERT INTO t VALUES (1, 'x')"}));
    return Error{ErrorKind::contract_violation, "a test failed", "mend the data", {}};
  });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::contract_violation);
  EXPECT_EQ(done.error().message, "a test failed");
  EXPECT_TRUE(done.error().trail.empty());
  EXPECT_EQ(*session->kind_of({"main", "u"}), RelationKind::none);
  EXPECT_EQ(one("SELECT count(*) FROM t"), "0");
}

TEST_F(SessionTest, after_an_error_of_the_engine_inside_the_work_the_session_goes_on) {
  const auto done = session->transact("work", [&]() -> Status {
    MR_CHECK(session->query({"insert", "INSERT INTO t VALUES (1, 'x')"}));
    MR_CHECK(session->query({"cast", "SELECT CAST(t AS INTEGER) FROM t"}));
    return ok();
  });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(one("SELECT count(*) FROM t"), "0");
  EXPECT_TRUE(session->transact("next", [&] {
    EXPECT_EQ(one("SELECT 42"), "42");
    return ok();
  }));
}

TEST_F(SessionTest, a_transaction_inside_a_transaction_is_a_bug_of_the_caller) {
  Status inner_work = ok(), inner_batch = ok();

  const auto done = session->transact("outer", [&] {
    inner_work = session->transact("inner", [] { return ok(); });
    inner_batch = session->commit({"inner", {{"i", "INSERT INTO t VALUES (1, 'x')"}}});
    return ok();
  });

  EXPECT_TRUE(done);
  ASSERT_FALSE(inner_work);
  EXPECT_EQ(inner_work.error().kind, ErrorKind::internal);
  ASSERT_FALSE(inner_batch);
  EXPECT_EQ(inner_batch.error().kind, ErrorKind::internal);
  EXPECT_EQ(one("SELECT count(*) FROM t"), "0");
}

TEST_F(SessionTest, a_transaction_of_work_passes_the_points_of_a_batch) {
  const auto insert = [&]() -> Status {
    MR_CHECK(session->query({"i", "INSERT INTO t VALUES (1, 'x')"}));
    return ok();
  };
  for (const char* point : {"warehouse.begin.before", "warehouse.statement.before", "warehouse.commit.before"}) {
    ASSERT_TRUE(failpoint::configure(std::string(point) + "=error"));
    EXPECT_FALSE(session->transact("work", insert)) << point;
    ASSERT_TRUE(failpoint::configure(""));
    EXPECT_EQ(one("SELECT count(*) FROM t"), "0") << point;
  }
  ASSERT_TRUE(failpoint::configure("warehouse.commit.after=error"));

  const auto lost = session->transact("work", insert);

  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::commit_unknown);
  EXPECT_EQ(one("SELECT count(*) FROM t"), "1");
}

}  // namespace
}  // namespace millrace::warehouse::duckdb
