#include "ingest/loader.h"

#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "base/sha256.h"
#include "lake/local/local_store.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"
#include "warehouse/duckdb/database.h"

namespace millrace::ingest {
namespace {

constexpr std::string_view kContract = R"yaml(
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
      - name: status
        logicalType: string
        quality: [{metric: invalidValues, arguments: {validValues: [PAID, OPEN]}, mustBe: 0, severity: warning}]
      - {name: at, logicalType: timestamp}
)yaml";

struct LoaderTest : ::testing::Test {
  LoaderTest() {
    std::filesystem::create_directories(folder.path() / "landing/orders");
    store = *lake::open_local_store(folder.path());
    open_warehouse();
    source.name = "orders";
    source.pattern = "landing/orders/*.csv";
    source.contract = *parse_contract(kContract, "contract.yaml");
    source.table = {"raw", "orders"};
    EXPECT_TRUE(loader->ledger().prepare(source));
  }
  ~LoaderTest() override { EXPECT_TRUE(failpoint::configure("")); }

  void open_warehouse() {
    loader.reset();
    session.reset();
    db.reset();
    db = *warehouse::duckdb::open({(folder.path() / "w.duckdb").string(), 2, {}});
    session = *db->connect();
    loader.emplace(*session, *store, clock, 2);
  }
  Result<FileOutcome> drop(const std::string& name, const std::string& text) {
    folder.write("landing/orders/" + name, text);
    return take(name);
  }
  Result<FileOutcome> take(const std::string& name) {
    const auto info = *store->head("landing/orders/" + name);
    if (!info) return Error{ErrorKind::not_found, name, {}, {}};
    return loader->take(source, *info);
  }
  void lose_the_warehouse() {
    loader.reset();
    session.reset();
    db.reset();
    for (const char* name : {"w.duckdb", "w.duckdb.wal"}) std::filesystem::remove(folder.path() / name);
    open_warehouse();
    ASSERT_TRUE(loader->ledger().prepare(source));
  }
  std::string one(const std::string& sql) {
    const auto got = session->query({"test", sql});
    return got ? (got->rows.empty() ? "(no rows)" : warehouse::to_text(got->rows[0][0])) : got.error().message;
  }
  /// I1, I2 and I4/I5, over everything that was ever loaded.
  void expect_invariants() {
    EXPECT_EQ(one("SELECT count(*) FROM (SELECT key, sha256 FROM millrace.ledger WHERE state IN ('loaded', 'empty') "
                  "GROUP BY ALL HAVING count(*) > 1)"),
              "0")
        << "I1: a version is loaded twice";
    EXPECT_EQ(
        one("SELECT count(*) FROM millrace.ledger l WHERE rows_loaded <> CASE WHEN state = 'loaded' THEN "
            "(SELECT count(*) FROM raw.orders WHERE _mr_file_id = l.file_id) + rows_superseded ELSE rows_loaded END"),
        "0")
        << "I1: rows and ledger differ";
    EXPECT_EQ(one("SELECT count(*) FROM millrace.ledger WHERE records <> rows_loaded + rows_quarantined"), "0") << "I2";
    EXPECT_EQ(one("SELECT count(*) FROM raw.orders WHERE _mr_file_id NOT IN (SELECT file_id FROM millrace.ledger)"),
              "0")
        << "I3";
    const auto rows = *session->query({"test", "SELECT sha256, key, archive_key FROM millrace.ledger"});
    for (const auto& row : rows.rows) {
      const std::string want = warehouse::to_text(row[0]);
      const bool landing = sha256_hex(folder.read(warehouse::to_text(row[1]))) == want;
      const bool archived = sha256_hex(folder.read(warehouse::to_text(row[2]))) == want;
      EXPECT_TRUE(landing || archived) << "I4: the bytes of " << warehouse::to_text(row[1]) << " are gone";
    }
  }
  testing::TempFolder folder;
  testing::FakeClock clock;
  std::unique_ptr<lake::ObjectStore> store;
  std::unique_ptr<warehouse::Warehouse> db;
  std::unique_ptr<warehouse::Session> session;
  std::optional<Loader> loader;
  Source source;
};

constexpr const char* kDigest =
    "SELECT string_agg(id || status || coalesce(\"at\"::VARCHAR, '-') || _mr_line, ' ' ORDER BY id) FROM raw.orders";
const std::string kGood = "id,status,at\n1,PAID,2018-07-12 17:33:04.123\n2,OPEN,\n";

TEST_F(LoaderTest, loads_rows_with_their_origin_and_moves_the_file_away) {
  const auto got = drop("a.csv", kGood);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->state, FileState::loaded);
  EXPECT_EQ(got->rows_loaded, 2);
  EXPECT_EQ(
      one("SELECT id || '|' || status || '|' || \"at\" || '|' || _mr_line || '|' || _mr_offset || '|' || _mr_length "
          "FROM raw.orders WHERE id = 1"),
      "1|PAID|2018-07-12 17:33:04.123|2|13|31");
  EXPECT_EQ(folder.read("landing/orders/a.csv"), "");
  EXPECT_EQ(folder.read("processed/dt=2026-11-22/orders/a~000001.csv"), kGood);
  EXPECT_EQ(one("SELECT state || ' ' || (archived_at IS NOT NULL) FROM millrace.ledger"), "loaded true");
  expect_invariants();
}

TEST_F(LoaderTest, broken_records_go_to_quarantine_with_file_line_bytes_code_and_reason) {
  const auto got =
      drop("a.csv", "id,status,at\n1,PAID,\nx,OPEN,\n3,PAID\n,OPEN,\n4,ODD,2019-02-30 00:00:00\n5,PIAD,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rows_loaded, 2);
  EXPECT_EQ(got->rows_quarantined, 4);
  EXPECT_EQ(got->rows_flagged, 1);
  EXPECT_EQ(one("SELECT line || '|' || code || '|' || column_name || '|' || reason || '|' || raw::VARCHAR FROM "
                "millrace.quarantine ORDER BY line"),
            "3|bad_integer|id|id: found \"x\", expected a whole number|x,OPEN,");
  EXPECT_EQ(one("SELECT string_agg(code, ' ' ORDER BY line) FROM millrace.quarantine"),
            "bad_integer wrong_column_count missing_value bad_timestamp");
  EXPECT_EQ(one("SELECT line || ' ' || code || ' ' || reason FROM millrace.flags"),
            "7 not_accepted status: found \"PIAD\", expected one of the 2 accepted values, perhaps PAID");
  expect_invariants();
}

TEST_F(LoaderTest, the_same_bytes_are_recognised_under_the_same_and_under_another_name) {
  ASSERT_TRUE(drop("a.csv", kGood));

  const auto same = drop("a.csv", kGood);
  const auto other = drop("b.csv", kGood);

  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->state, FileState::duplicate);
  EXPECT_EQ(other->duplicate_of, "landing/orders/a.csv");
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "2");
  EXPECT_EQ(one("SELECT string_agg(state || ' of ' || coalesce(duplicate_of::VARCHAR, '-'), ', ' ORDER BY file_id) "
                "FROM millrace.ledger"),
            "loaded of -, duplicate of 1, duplicate of 1");
  EXPECT_EQ(folder.read("landing/orders/a.csv") + folder.read("landing/orders/b.csv"), "");
  expect_invariants();
}

TEST_F(LoaderTest, new_bytes_under_a_known_name_replace_exactly_that_files_rows) {
  ASSERT_TRUE(drop("a.csv", kGood));
  ASSERT_TRUE(drop("b.csv", "id,status,at\n9,PAID,\n"));

  const auto got = drop("a.csv", "id,status,at\n1,OPEN,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->replaced_older);
  EXPECT_EQ(one("SELECT string_agg(id || status, ' ' ORDER BY id) FROM raw.orders"), "1OPEN 9PAID");
  EXPECT_EQ(one("SELECT string_agg(state, ' ' ORDER BY file_id) FROM millrace.ledger"), "replaced loaded loaded");
  EXPECT_EQ(folder.read("processed/dt=2026-11-22/orders/a~000001.csv"), kGood) << "the first version's bytes are kept";
  EXPECT_EQ(folder.read("processed/dt=2026-11-22/orders/a~000003.csv"), "id,status,at\n1,OPEN,\n");
  expect_invariants();

  ASSERT_TRUE(drop("a.csv", kGood)) << "and the old bytes may come back";
  EXPECT_EQ(one("SELECT string_agg(id || status, ' ' ORDER BY id) FROM raw.orders"), "1PAID 2OPEN 9PAID");
}

TEST_F(LoaderTest, a_source_may_refuse_or_append_new_bytes) {
  ASSERT_TRUE(drop("a.csv", kGood));
  source.on_new_bytes = OnNewBytes::refuse;

  EXPECT_EQ(drop("a.csv", "id,status,at\n7,OPEN,\n")->code, "other_bytes");
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "2");

  source.on_new_bytes = OnNewBytes::append;
  EXPECT_EQ(drop("a.csv", "id,status,at\n8,OPEN,\n")->rows_loaded, 1);
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "3");
  expect_invariants();
}

TEST_F(LoaderTest, a_second_row_with_a_unique_value_goes_to_quarantine_with_its_own_bytes) {
  ASSERT_TRUE(drop("a.csv", kGood));

  const auto got = drop("b.csv", "id,status,at\n5,PAID,\n2,OPEN,\n5,OPEN,\r\n6,OPEN,\n2,PAID,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rows_loaded, 2);
  EXPECT_EQ(one("SELECT string_agg(line || ':' || raw::VARCHAR || ':' || reason, ' / ' ORDER BY line) FROM "
                "millrace.quarantine"),
            "3:2,OPEN,:id: the same value is loaded from landing/orders/a.csv, line 3, already / "
            "4:5,OPEN,:id: the same value stands in line 2 already / "
            "6:2,PAID,:id: the same value is loaded from landing/orders/a.csv, line 3, already");
  EXPECT_EQ(one("SELECT string_agg(id::VARCHAR, ' ' ORDER BY id) FROM raw.orders"), "1 2 5 6");
  expect_invariants();
}

TEST_F(LoaderTest, a_flagged_row_that_is_taken_out_as_a_duplicate_is_not_counted_as_flagged) {
  const auto got = drop("a.csv", "id,status,at\n1,ODD,\n1,ODD,\n2,PAID,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rows_flagged, 1);
  EXPECT_EQ(one("SELECT rows_flagged FROM millrace.ledger"), "1");
  EXPECT_EQ(one("SELECT count(*) FROM millrace.flags"), "1");
}

TEST_F(LoaderTest, a_file_that_cannot_be_loaded_is_kept_in_quarantine_with_its_reason) {
  const std::pair<std::string, std::string> cases[] = {
      {"id;status;at\n1;PAID;\n", "wrong_delimiter"}, {"id,status\n1,PAID\n", "missing_column"},
      {"1,PAID,\n2,OPEN,\n", "bad_header"},           {"<html>error</html>", "not_csv"},
      {"\x1f\x8b\x08", "unsupported_compression"},
  };
  for (const auto& [text, code] : cases) {
    const auto got = drop(code + ".csv", text);

    ASSERT_TRUE(got) << code << ": " << got.error().message;
    EXPECT_EQ(got->state, FileState::quarantined);
    EXPECT_EQ(got->code, code);
    EXPECT_FALSE(got->reason.empty());
    EXPECT_TRUE(got->archive_key.starts_with("quarantine/dt=2026-11-22/orders/" + code + "~")) << got->archive_key;
    EXPECT_EQ(folder.read(got->archive_key), text);
    EXPECT_EQ(folder.read("landing/orders/" + code + ".csv"), "");
  }
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "0");
  expect_invariants();
}

TEST_F(LoaderTest, a_refused_file_is_tried_again_when_it_is_delivered_again) {
  ASSERT_EQ(drop("a.csv", "id,status\n1,PAID\n")->state, FileState::quarantined);
  source.contract.columns.pop_back();  // the contract is corrected; here: by hand, the table too
  ASSERT_TRUE(session->commit({"t", {{"d", "DROP TABLE raw.orders"}}}));
  ASSERT_TRUE(loader->ledger().prepare(source));

  const auto got = drop("a.csv", "id,status\n1,PAID\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->state, FileState::loaded);
}

TEST_F(LoaderTest, empty_files_are_recorded_and_never_called_duplicates_of_each_other) {
  for (const char* name : {"a.csv", "b.csv"}) EXPECT_EQ(drop(name, "")->state, FileState::empty);
  for (const char* name : {"c.csv", "d.csv"}) EXPECT_EQ(drop(name, "id,status,at\n")->state, FileState::empty) << name;
  EXPECT_EQ(one("SELECT count(*) FROM millrace.ledger WHERE state = 'empty'"), "4");
  expect_invariants();
}

TEST_F(LoaderTest, policies_on_rejects_refuse_the_whole_file_and_name_the_first) {
  source.on_reject = OnReject::fail_file;
  const auto failed = drop("a.csv", "id,status,at\n1,PAID,\nx,OPEN,\n");
  EXPECT_EQ(failed->code, "broken_record");
  EXPECT_EQ(failed->reason, "1 broken record; the first is line 3: id: found \"x\", expected a whole number");

  source.on_reject = OnReject::quarantine;
  source.reject_limit = 0.4;
  EXPECT_EQ(drop("b.csv", "id,status,at\n1,PAID,\nx,OPEN,\n")->code, "too_many_rejects");
  EXPECT_EQ(drop("c.csv", "id,status,at\n1,PAID,\n2,PAID,\nx,OPEN,\n")->state, FileState::loaded);
  expect_invariants();
}

TEST_F(LoaderTest, warnings_are_counted_by_code_and_the_contract_is_named_beside_every_row) {
  const auto got = drop("a.csv", "id,status,at\n1,ODD,\r\n2,ODD,\nx,OPEN,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->warnings_by_code, (std::map<std::string, std::int64_t>{{"mixed_line_ends", 1}, {"not_accepted", 2}}));
  EXPECT_EQ(one("SELECT string_agg(code || ' ' || n, ', ' ORDER BY code) FROM millrace.warnings"),
            "mixed_line_ends 1, not_accepted 2");
  EXPECT_EQ(one("SELECT line || ' ' || code FROM millrace.flags ORDER BY line"), "0 mixed_line_ends");
  EXPECT_EQ(one("SELECT state || ' ' || contract_version || ' ' || (contract_sha256 = '" + source.contract.sha256 +
                "') FROM millrace.quarantine"),
            "open 1.0.0 true");
  EXPECT_EQ(one("SELECT contract_version || codec FROM millrace.ledger"), "1.0.0");
  expect_invariants();
}

TEST_F(LoaderTest, more_rejects_than_are_kept_refuse_the_file_with_the_exact_count) {
  std::string text = "id,status,at\n1,PAID,\n";
  for (int i = 0; i < 200'001; ++i) text += "x,,\n";

  const auto got = drop("a.csv", text);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->code, "too_many_rejects");
  EXPECT_EQ(got->reason,
            "200,001 of 200,002 records broken, and at most 200,000 are kept; the first is line 3: id: found \"x\", "
            "expected a whole number");
  EXPECT_EQ(one("SELECT count(*) FROM millrace.quarantine"), "0");
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "0");
}

TEST_F(LoaderTest, a_ledger_of_another_layout_is_refused_with_what_to_do) {
  ASSERT_TRUE(session->commit({"t", {{"d", "DROP TABLE millrace.format"}}}));

  const auto older = loader->ledger().prepare(source);

  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(older.error().message,
            "the warehouse's ledger has layout 1, expected 2: it was written by an older millrace");
  EXPECT_FALSE(older.error().hint.empty());
  ASSERT_TRUE(session->commit({"t", {{"c", "CREATE TABLE millrace.format AS SELECT 3::BIGINT AS n"}}}));
  EXPECT_EQ(loader->ledger().prepare(source).error().hint, "it was written by a newer millrace: use that one");
}

TEST_F(LoaderTest, a_column_that_the_contract_has_got_since_is_added_to_the_landing_table) {
  ASSERT_TRUE(drop("a.csv", kGood));
  source.contract.columns.push_back(source.contract.columns[1]);
  source.contract.columns.back().name = "note";
  source.contract.columns.back().accepted.reset();

  ASSERT_TRUE(loader->ledger().prepare(source));
  ASSERT_TRUE(drop("b.csv", "id,status,at,note\n7,PAID,,hello\n"));

  EXPECT_EQ(one("SELECT string_agg(id || coalesce(note, '-'), ' ' ORDER BY id) FROM raw.orders"), "1- 2- 7hello");
  expect_invariants();
}

TEST_F(LoaderTest, evolve_adds_the_files_new_columns_as_text) {
  source.schema_policy.columns = SchemaMode::evolve;
  ASSERT_TRUE(drop("a.csv", kGood));

  const auto got = drop("b.csv", "id,Colour,status,at\n7,red,PAID,\n8,,PAID,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->state, FileState::loaded) << got->reason;
  EXPECT_EQ(one("SELECT string_agg(id || coalesce(colour, '-'), ' ' ORDER BY id) FROM raw.orders"), "1- 2- 7red 8-");
  EXPECT_EQ(got->warnings_by_code, (std::map<std::string, std::int64_t>{{"new_column", 1}}));
  open_warehouse();
  ASSERT_TRUE(loader->ledger().prepare(source));
  ASSERT_TRUE(drop("c.csv", "id,status,at,colour\n9,PAID,,blue\n"));
  EXPECT_EQ(one("SELECT colour FROM raw.orders WHERE id = 9"), "blue");
  expect_invariants();
}

TEST_F(LoaderTest, a_file_without_records_may_be_refused) {
  source.on_empty = OnEmpty::refuse;

  EXPECT_EQ(drop("a.csv", "")->code, "empty_file");
  EXPECT_EQ(drop("b.csv", "id,status,at\n")->code, "empty_file");
  EXPECT_EQ(drop("c.csv", kGood)->state, FileState::loaded);
  expect_invariants();
}

constexpr const char* kOrdersById = "SELECT string_agg(id || status, ' ' ORDER BY id) FROM raw.orders";

TEST_F(LoaderTest, newest_lets_the_later_row_take_the_older_ones_place_and_keeps_that_aside) {
  source.on_duplicate_key = OnDuplicateKey::newest;
  ASSERT_TRUE(drop("a.csv", kGood));

  const auto got = drop("b.csv", "id,status,at\n2,PAID,\n5,OPEN,\n5,PAID,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rows_loaded, 3);
  EXPECT_EQ(one(kOrdersById), "1PAID 2PAID 5PAID");
  EXPECT_EQ(one("SELECT string_agg(id || status || _mr_file_id || '<' || _mr_superseded_by, ' ' ORDER BY id) FROM "
                "millrace.superseded_orders"),
            "2OPEN1<2 5OPEN2<2");
  EXPECT_EQ(one("SELECT string_agg(rows_loaded || '-' || rows_superseded, ' ' ORDER BY file_id) FROM millrace.ledger"),
            "2-1 3-1");
  expect_invariants();

  ASSERT_TRUE(drop("b.csv", "id,status,at\n6,PAID,\n")) << "a correction gives the places back";
  EXPECT_EQ(one(kOrdersById), "1PAID 2OPEN 6PAID");
  EXPECT_EQ(one("SELECT count(*) FROM millrace.superseded_orders"), "0");
  EXPECT_EQ(one("SELECT string_agg(rows_loaded || '-' || rows_superseded, ' ' ORDER BY file_id) FROM millrace.ledger"),
            "2-0 3-0 1-0");
  expect_invariants();
}

TEST_F(LoaderTest, newest_by_a_column_lets_the_greater_value_win_whatever_the_order_of_loading) {
  source.on_duplicate_key = OnDuplicateKey::newest;
  source.newest_by = "at";
  ASSERT_TRUE(drop("a.csv", "id,status,at\n1,PAID,2020-01-02 00:00:00\n2,OPEN,\n3,OPEN,2020-01-01 00:00:00\n"));
  ASSERT_TRUE(drop("b.csv",
                   "id,status,at\n1,OPEN,2020-01-01 00:00:00\n2,PAID,2019-01-01 00:00:00\n"
                   "3,PAID,2020-01-01 00:00:00\n"));

  EXPECT_EQ(one(kOrdersById), "1PAID 2PAID 3PAID") << "a late row, a row without a time, an equal time";
  expect_invariants();
  const std::string before = one(kDigest);
  lose_the_warehouse();
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_EQ(one(kDigest), before);
  expect_invariants();
}

TEST_F(LoaderTest, a_chain_of_newer_rows_comes_back_link_by_link) {
  source.on_duplicate_key = OnDuplicateKey::newest;
  for (const char* name : {"a.csv", "b.csv", "c.csv"})
    ASSERT_TRUE(drop(name, std::string("id,status,at\n1,") + (name[0] == 'b' ? "PAID" : "OPEN") + ",2020-01-0" +
                               std::to_string(name[0] - 'a' + 1) + " 00:00:00\n"));
  ASSERT_TRUE(drop("b.csv", "id,status,at\n9,PAID,\n")) << "a link in the middle goes first";
  EXPECT_EQ(one(kOrdersById), "1OPEN 9PAID");
  expect_invariants();

  ASSERT_TRUE(drop("c.csv", "id,status,at\n8,PAID,\n"));

  EXPECT_EQ(one("SELECT string_agg(id || '@' || coalesce(\"at\"::VARCHAR, '-'), ' ' ORDER BY id) FROM raw.orders"),
            "1@2020-01-01 00:00:00 8@- 9@-");
  EXPECT_EQ(one("SELECT count(*) FROM millrace.superseded_orders"), "0");
  expect_invariants();
}

TEST_F(LoaderTest, keep_lets_all_rows_with_a_key_stand) {
  source.on_duplicate_key = OnDuplicateKey::keep;
  ASSERT_TRUE(drop("a.csv", kGood));

  EXPECT_EQ(drop("b.csv", "id,status,at\n2,PAID,\n2,PAID,\n")->rows_loaded, 2);

  EXPECT_EQ(one("SELECT count(*) FROM raw.orders WHERE id = 2"), "3");
  expect_invariants();
}

TEST_F(LoaderTest, a_key_corrected_to_bytes_that_another_key_has_brought_loses_its_older_rows) {
  const std::string other = "id,status,at\n9,PAID,\n";
  ASSERT_TRUE(drop("a.csv", kGood));
  ASSERT_TRUE(drop("b.csv", other));

  const auto got = drop("a.csv", other);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->state, FileState::duplicate);
  EXPECT_TRUE(got->replaced_older);
  EXPECT_EQ(one(kOrdersById), "9PAID");
  EXPECT_EQ(one("SELECT string_agg(state || coalesce(duplicate_of::VARCHAR, '') || coalesce('>' || replaces, ''), ' ' "
                "ORDER BY file_id) FROM millrace.ledger"),
            "replaced loaded duplicate2>1");
  EXPECT_EQ(one("SELECT data_version FROM millrace.fence"), "3");
  expect_invariants();
  lose_the_warehouse();
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_EQ(one(kOrdersById), "9PAID") << "the lake tells the same story";
  expect_invariants();
}

TEST_F(LoaderTest, with_append_or_refuse_such_a_key_keeps_its_rows) {
  for (const OnNewBytes policy : {OnNewBytes::append, OnNewBytes::refuse}) {
    source.on_new_bytes = policy;
    const std::string n = std::to_string(static_cast<int>(policy)), other = "id,status,at\n9" + n + ",PAID,\n";
    ASSERT_TRUE(drop("a" + n + ".csv", "id,status,at\n" + n + ",PAID,\n"));
    ASSERT_TRUE(drop("b" + n + ".csv", other));

    EXPECT_EQ(drop("a" + n + ".csv", other)->state, FileState::duplicate);

    EXPECT_EQ(one("SELECT count(*) FROM raw.orders WHERE id = " + n), "1");
  }
  expect_invariants();
}

TEST_F(LoaderTest, an_error_at_any_failpoint_leaves_all_or_nothing_and_repeating_finishes) {
  const std::string older = "id,status,at\n1,OPEN,\n";
  for (const char* point :
       {"ingest.load.before", "lake.read.before", "warehouse.begin.before", "warehouse.statement.before@1",
        "warehouse.statement.before@3", "warehouse.statement.before@7", "warehouse.commit.before",
        "warehouse.commit.after", "ingest.archive.before", "lake.move.before_link", "lake.move.before_unlink",
        "lake.move.unlink.before_sync", "ingest.mark.before"}) {
    const std::string name = std::string(point) + ".csv";
    const std::string spec = point;
    const auto at = spec.find('@');
    const std::string text = "id,status,at\n" + std::to_string(std::hash<std::string>{}(spec) % 1000000) + ",PAID,\n";
    folder.write("landing/orders/" + name, text);
    ASSERT_TRUE(
        failpoint::configure(spec.substr(0, at) + "=error" + (at == std::string::npos ? "@1" : spec.substr(at))));

    const auto first = take(name);
    ASSERT_TRUE(failpoint::configure(""));
    expect_invariants();
    open_warehouse();
    ASSERT_TRUE(loader->reconcile(source)) << point;
    if (store->head("landing/orders/" + name)->has_value()) {
      ASSERT_TRUE(take(name)) << point;
    }

    EXPECT_EQ(one("SELECT count(*) FROM millrace.ledger WHERE key = 'landing/orders/" + name +
                  "' AND state = 'loaded' AND archived_at IS NOT NULL"),
              "1")
        << point;
    EXPECT_EQ(folder.read("landing/orders/" + name), "") << point;
    expect_invariants();
  }
}

TEST_F(LoaderTest, an_empty_warehouse_is_filled_again_from_processed_to_the_same_rows) {
  ASSERT_TRUE(drop("a.csv", kGood));
  ASSERT_TRUE(drop("a.csv", "id,status,at\n1,OPEN,\n"));
  ASSERT_TRUE(drop("b.csv", "id,status,at\n9,PAID,\n1,PAID,\n"));
  const std::string before = one(kDigest);
  lose_the_warehouse();
  std::vector<FileOutcome> refilled;
  loader->on_recorded = [&](const FileOutcome& o) { refilled.push_back(o); };

  ASSERT_TRUE(loader->reconcile(source));

  EXPECT_EQ(refilled.size(), 3U);
  EXPECT_TRUE(refilled.front().from_archive);
  EXPECT_EQ(one(kDigest), before);
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_EQ(refilled.size(), 3U) << "once is enough";
  expect_invariants();
}

TEST_F(LoaderTest, it_is_filled_in_the_order_of_loading_whatever_the_names) {
  const std::string a = "id,status,at\n1,PAID,\n2,PAID,\n", b = "id,status,at\n1,OPEN,\n";
  using Delivery = std::pair<const char*, const std::string*>;
  const std::vector<std::vector<Delivery>> histories{
      {{"a.csv", &a}, {"a.csv", &b}, {"a.csv", &a}},  // a version that came back
      {{"z.csv", &a}, {"a.csv", &b}},                 // the later file's row is the duplicate
      {{"z.csv", &a}, {"b.csv", &a}, {"z.csv", &b}},  // a correction of bytes that came under two names
  };
  for (const auto& history : histories) {
    for (const auto& [name, text] : history) ASSERT_TRUE(drop(name, *text)) << name;
    const std::string before = one(kDigest);

    lose_the_warehouse();
    ASSERT_TRUE(loader->reconcile(source));

    EXPECT_EQ(one(kDigest), before);
    expect_invariants();
    std::filesystem::remove_all(folder.path() / "processed");
    lose_the_warehouse();
  }
}

TEST_F(LoaderTest, ids_in_the_lakes_names_are_never_given_again_after_a_lost_warehouse) {
  ASSERT_EQ(drop("x.csv", "{\"no\": 1}")->state, FileState::quarantined);
  lose_the_warehouse();
  ASSERT_TRUE(loader->reconcile(source));

  const auto got = drop("x.csv", "{\"no\": 2}");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(folder.read("quarantine/dt=2026-11-22/orders/x~000001.csv"), "{\"no\": 1}");
  EXPECT_EQ(folder.read("quarantine/dt=2026-11-22/orders/x~000002.csv"), "{\"no\": 2}");
}

TEST_F(LoaderTest, an_outcome_is_told_when_it_is_committed_even_if_the_move_fails) {
  std::vector<FileOutcome> told;
  loader->on_recorded = [&](const FileOutcome& o) { told.push_back(o); };
  ASSERT_TRUE(failpoint::configure("lake.move.before_link=error@1"));

  EXPECT_FALSE(drop("a.csv", "{\"no\": 1}"));

  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].code, "not_csv");
  EXPECT_TRUE(take("a.csv")->finished_move);
}

TEST_F(LoaderTest, two_loads_planned_at_one_fence_cannot_both_commit) {
  ASSERT_TRUE(failpoint::configure(""));
  folder.write("landing/orders/a.csv", kGood);
  const auto info = **store->head("landing/orders/a.csv");
  ASSERT_TRUE(session->commit({"somebody else", {{"fence", "UPDATE millrace.fence SET n = n + 1"}}}));
  LoadPlan plan;
  plan.source = &source;
  plan.object = info;
  plan.key = info.key;
  plan.fence = 0;
  LoadTransaction late(*session, *store, plan);

  const auto got = session->commit(late.record({FileState::quarantined, "x", "not_csv", "r"}));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::conflict);
}

TEST_F(LoaderTest, a_landing_table_that_does_not_fit_the_contract_is_told_column_by_column) {
  source.contract.columns[2].type = {TypeKind::date};

  const auto got = loader->ledger().prepare(source);

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "source orders: raw.orders holds at as TIMESTAMP, the contract says DATE");
}

}  // namespace
}  // namespace millrace::ingest
