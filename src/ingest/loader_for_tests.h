#pragma once
/// \file ingest/loader_for_tests.h
/// A source of orders in a lake and a warehouse of its own, for the tests of this module.

#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "base/sha256.h"
#include "ingest/loader.h"
#include "lake/local/local_store.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"
#include "warehouse/duckdb/database.h"

namespace millrace::ingest {

inline constexpr std::string_view kContract = R"yaml(
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

inline constexpr const char* kDigest =
    "SELECT string_agg(id || status || coalesce(\"at\"::VARCHAR, '-') || _mr_line, ' ' ORDER BY id) FROM raw.orders";
inline const std::string kGood = "id,status,at\n1,PAID,2018-07-12 17:33:04.123\n2,OPEN,\n";

inline constexpr const char* kOrdersById = "SELECT string_agg(id || status, ' ' ORDER BY id) FROM raw.orders";

}  // namespace millrace::ingest
