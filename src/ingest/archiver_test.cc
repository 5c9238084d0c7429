#include "ingest/archiver.h"

#include "base/files.h"
#include "ingest/loader_for_tests.h"
#include "ingest/trace.h"
#include "ingest/unload.h"
#include "lake/landed.h"

namespace millrace::ingest {
namespace {

constexpr const char* kPacked = "processed/dt=2026-11-22/orders/a~000001z.csv.zst";

struct ArchiverTest : LoaderTest {
  ArchiverTest() {
    source.pack_archive = true;
    settle();
  }
  void settle() { loader->archiver().spool_in(folder.path() / "spool"); }
  void lose_all() {
    lose_the_warehouse();
    settle();
  }
  std::string landed_digest(const std::string& key) {
    const auto object = *store->head(key);
    if (!object) return "gone";
    const auto digest = lake::landed_digest_of(*store, *object);
    return digest ? *digest : digest.error().message;
  }
  /// I4 and I5: the bytes of each ledger row stand in landing/ or, unpacked, in the archive.
  void expect_bytes_of_all() {
    const auto rows = *session->query({"test", "SELECT sha256, key, archive_key FROM millrace.ledger"});
    for (const auto& row : rows.rows) {
      const std::string want = warehouse::to_text(row[0]), key = warehouse::to_text(row[1]);
      EXPECT_TRUE(landed_digest(key) == want || landed_digest(warehouse::to_text(row[2])) == want) << key;
    }
  }
  std::size_t spooled() {
    std::error_code ec;
    std::size_t n = 0;
    for (std::filesystem::directory_iterator it(folder.path() / "spool", ec), end; !ec && it != end; it.increment(ec))
      ++n;
    return n;
  }
  std::string raw_of(const std::string& id) {
    const auto found = trace(*session, *store, source, {id});
    if (!found || found->rows.empty()) return found ? "no row" : found.error().message;
    return found->rows.front().trouble.empty() ? found->rows.front().raw : found->rows.front().trouble;
  }
};

TEST_F(ArchiverTest, text_is_packed_and_the_ledger_keeps_the_digest_of_what_landed) {
  const auto got = drop("a.csv", kGood);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->archive_key, kPacked);
  EXPECT_EQ(folder.read("landing/orders/a.csv"), "");
  EXPECT_EQ(landed_digest(kPacked), sha256_hex(kGood));
  EXPECT_EQ(one("SELECT sha256 || codec || size_bytes FROM millrace.ledger"),
            sha256_hex(kGood) + std::to_string(kGood.size()));
  EXPECT_EQ(one("SELECT archived_at IS NOT NULL FROM millrace.ledger"), "true");
  EXPECT_EQ(spooled(), 0U);
}

TEST_F(ArchiverTest, trace_reads_the_exact_line) {
  ASSERT_TRUE(drop("a.csv", kGood));

  EXPECT_EQ(raw_of("1"), "1,PAID,2018-07-12 17:33:04.123");
  EXPECT_EQ(raw_of("2"), "2,OPEN,");
}

TEST_F(ArchiverTest, an_empty_warehouse_is_filled_from_packed_files_alike) {
  ASSERT_TRUE(drop("a.csv", kGood));
  ASSERT_TRUE(drop("b.csv", "id,status,at\n7,PAID,\nx,PAID,\n"));
  ASSERT_TRUE(drop("a.csv", "id,status,at\n1,OPEN,\n"));
  const std::string before = one(kDigest);
  const std::string ledger =
      "SELECT string_agg(key || sha256 || state || size_bytes || archive_key, ' ' ORDER BY file_id) FROM "
      "millrace.ledger";
  const std::string rows = one(ledger);
  lose_all();

  ASSERT_TRUE(loader->reconcile(source));

  EXPECT_EQ(one(kDigest), before);
  EXPECT_EQ(one(ledger), rows);
  EXPECT_EQ(raw_of("1"), "1,OPEN,");
}

TEST_F(ArchiverTest, the_same_bytes_are_recognised_and_take_no_second_place) {
  ASSERT_TRUE(drop("a.csv", kGood));

  const auto again = drop("b.csv", kGood);

  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->state, FileState::duplicate);
  EXPECT_EQ(again->archive_key, kPacked);
  EXPECT_EQ(folder.read("landing/orders/b.csv"), "");
  EXPECT_EQ(landed_digest(kPacked), sha256_hex(kGood));
}

TEST_F(ArchiverTest, refused_files_are_kept_byte_for_byte) {
  const auto got = drop("a.csv", "nonsense\n1\n");

  ASSERT_TRUE(got);
  EXPECT_EQ(got->state, FileState::quarantined);
  EXPECT_EQ(folder.read("quarantine/dt=2026-11-22/orders/a~000001.csv"), "nonsense\n1\n");
}

TEST_F(ArchiverTest, unloading_and_bringing_back_move_the_packed_file) {
  ASSERT_TRUE(drop("a.csv", kGood));

  const auto out = unload(*session, *store, loader->archiver(), clock, {source}, "a.csv");

  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(landed_digest("unloaded/dt=2026-11-22/orders/a~000001z.csv.zst"), sha256_hex(kGood));
  const auto entry = *loader->ledger().entry(1);
  const auto back = loader->bring_back(source, *entry);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(landed_digest("processed/dt=2026-11-22/orders/a~000003z.csv.zst"), sha256_hex(kGood));
  EXPECT_EQ(one(kOrdersById), "1PAID 2OPEN");
  EXPECT_EQ(raw_of("2"), "2,OPEN,");
  const std::string before = one(kDigest);
  lose_all();
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_EQ(one(kDigest), before);
}

TEST_F(ArchiverTest, a_file_that_came_back_in_plain_is_packed_when_it_is_loaded_again) {
  source.pack_archive = false;
  ASSERT_TRUE(drop("a.csv", kGood));
  ASSERT_TRUE(unload(*session, *store, loader->archiver(), clock, {source}, "a.csv"));
  source.pack_archive = true;

  const auto back = loader->bring_back(source, **loader->ledger().entry(1));

  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(landed_digest("processed/dt=2026-11-22/orders/a~000003z.csv.zst"), sha256_hex(kGood));
  EXPECT_TRUE(store->list("unloaded/")->objects.empty());
}

TEST_F(ArchiverTest, a_damaged_packed_file_is_told_and_written_again_from_what_landed) {
  folder.write("landing/orders/a.csv", kGood);
  ASSERT_TRUE(failpoint::configure("ingest.pack.before_remove=error"));
  ASSERT_FALSE(take("a.csv"));
  ASSERT_TRUE(failpoint::configure(""));
  std::string bytes = folder.read(kPacked);
  bytes[12] = static_cast<char>(bytes[12] ^ 1);
  folder.write(kPacked, bytes);
  ASSERT_NE(landed_digest(kPacked), sha256_hex(kGood));

  ASSERT_TRUE(take("a.csv"));

  EXPECT_EQ(landed_digest(kPacked), sha256_hex(kGood));
  EXPECT_EQ(folder.read("landing/orders/a.csv"), "");
}

TEST_F(ArchiverTest, a_failure_at_any_point_is_finished_later_and_loses_no_byte) {
  int round = 0;
  for (const char* point : {"ingest.pack.before", "lake.pack.write", "ingest.pack.before_put", "lake.put_file.before",
                            "lake.copy.before_rename", "ingest.pack.before_verify", "ingest.pack.before_remove",
                            "lake.remove.before", "ingest.archive.before", "ingest.mark.before"}) {
    const std::string name = "f" + std::to_string(++round) + ".csv";
    const std::string text = "id,status,at\n" + std::to_string(1000 + round) + ",PAID,\n";
    ASSERT_TRUE(failpoint::configure(std::string(point) + "=error"));
    EXPECT_FALSE(drop(name, text)) << point;
    ASSERT_TRUE(failpoint::configure(""));
    expect_bytes_of_all();
    open_warehouse();
    settle();
    ASSERT_TRUE(loader->archiver().clear_spool());
    ASSERT_TRUE(loader->ledger().prepare(source));
    ASSERT_TRUE(loader->reconcile(source));
    const bool waits = store->head("landing/orders/" + name)->has_value();
    ASSERT_TRUE(!waits || take(name)) << point;
    EXPECT_EQ(one("SELECT count(*) FROM raw.orders WHERE id = " + std::to_string(1000 + round)), "1") << point;
    EXPECT_EQ(one("SELECT count(*) FROM millrace.ledger WHERE archived_at IS NULL"), "0") << point;
    EXPECT_EQ(folder.read("landing/orders/" + name), "") << point;
    EXPECT_EQ(spooled(), 0U) << point;
    expect_bytes_of_all();
  }
}

TEST_F(ArchiverTest, a_name_that_the_archive_could_not_hold_is_said_before_anything_is_loaded) {
  const auto refused = drop(std::string(243, 'n') + ".csv", kGood);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::permission_denied) << "it holds up no other file";
  EXPECT_EQ(one("SELECT count(*) FROM millrace.ledger"), "0");
  EXPECT_TRUE(drop(std::string(220, 'n') + ".csv", kGood));
}

TEST_F(ArchiverTest, packed_files_are_left_as_they_are) {
  source.pattern = "landing/orders/*.csv*";
  folder.write("landing/orders/b.csv", kGood);
  ASSERT_TRUE(lake::pack_file(**store->open(**store->head("landing/orders/b.csv")),
                              folder.path() / "landing/orders/a.csv.zst", {}));
  std::filesystem::remove(folder.path() / "landing/orders/b.csv");
  const std::string bytes = folder.read("landing/orders/a.csv.zst");

  const auto got = take("a.csv.zst");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rows_loaded, 2);
  EXPECT_EQ(got->sha256, sha256_hex(bytes));
  EXPECT_EQ(folder.read("processed/dt=2026-11-22/orders/a~000001.csv.zst"), bytes);
  lose_all();
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_EQ(one("SELECT key || ' ' || sha256 FROM millrace.ledger"), "landing/orders/a.csv.zst " + sha256_hex(bytes));
}

}  // namespace
}  // namespace millrace::ingest
