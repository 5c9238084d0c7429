#include "ingest/tidy.h"

#include "ingest/expiry.h"
#include "ingest/loader_for_tests.h"
#include "ingest/replay.h"
#include "ingest/trace.h"
#include "ingest/unload.h"
#include "lake/landed.h"

namespace millrace::ingest {
namespace {

using lake::Days;
using lake::Tier;

constexpr const char* kArchived = "processed/dt=2026-11-22/orders/a~000001.csv";

struct TidyTest : LoaderTest {
  TidyTest() {
    auto opened = lake::with_local_tiers(std::move(store), folder.path() / "spool", clock);
    tiered = opened.get();
    store = std::move(opened);
    open_warehouse();
    EXPECT_TRUE(loader->ledger().prepare(source));
    tiers.cold = Days{30};
    tiers.archive = Days{90};
    tiers.keep = Days{365};
  }
  Tidier tidier() { return {*session, *store, tiered, clock, tiers}; }
  /// What was due, as "cold a b"; all of it is done.
  std::string tidy() {
    Tidier t = tidier();
    const auto plan = t.plan();
    if (!plan) return plan.error().message;
    std::string told;
    for (const TidyStep& step : plan->steps) {
      told += (told.empty() ? "" : ", ") + std::string(lake::name_of(step.to)) + " " + step.object.key;
      if (const auto done = t.take(step); !done) told += ": " + done.error().message;
    }
    return told;
  }
  std::string raw_of(const std::string& id) {
    const auto found = trace(*session, *store, source, {id});
    if (!found || found->rows.empty()) return found ? "no row" : found.error().message;
    return found->rows.front().trouble.empty() ? found->rows.front().raw : found->rows.front().trouble;
  }
  lake::LocalTiers* tiered = nullptr;
  lake::Tiers tiers;
};

TEST_F(TidyTest, files_go_down_by_their_age_and_lines_are_read_until_they_are_archived) {
  ASSERT_TRUE(drop("a.csv", kGood));

  EXPECT_EQ(tidy(), "");
  clock.advance(Days{31});
  EXPECT_EQ(tidy(), std::string("cold ") + kArchived);
  EXPECT_EQ(raw_of("2"), "2,OPEN,");
  EXPECT_EQ(tidy(), "");
  clock.advance(Days{60});
  EXPECT_EQ(tidy(), std::string("archive ") + kArchived);
  EXPECT_NE(raw_of("2").find("must be restored"), std::string::npos) << raw_of("2");
  ASSERT_TRUE(store->restore(**store->head(kArchived)));
  EXPECT_EQ(raw_of("2"), "2,OPEN,");
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "2");
}

TEST_F(TidyTest, what_has_expired_is_deleted_and_its_rows_stay) {
  ASSERT_TRUE(drop("a.csv", kGood));
  clock.advance(Days{366});

  EXPECT_EQ(tidy(), std::string("expired ") + kArchived);

  EXPECT_FALSE(store->head(kArchived)->has_value());
  EXPECT_EQ(one(kOrdersById), "1PAID 2OPEN");
  EXPECT_EQ(one("SELECT state FROM millrace.ledger"), "loaded");
  EXPECT_EQ(one("SELECT archive_key || ' ' || rule || ' ' || expired_at::DATE FROM millrace.expired"),
            std::string(kArchived) + " tiers.keep: 1y 2027-11-23");
  EXPECT_NE(raw_of("1").find("have expired on 2027-11-23 under tiers.keep: 1y"), std::string::npos) << raw_of("1");
  EXPECT_EQ(tidy(), "");
  const auto again = drop("b.csv", kGood);
  EXPECT_EQ(again->state, FileState::duplicate) << "known bytes are known for ever";
}

TEST_F(TidyTest, bytes_that_have_expired_and_come_again_are_kept_again) {
  ASSERT_TRUE(drop("a.csv", kGood));
  clock.advance(Days{366});
  ASSERT_EQ(tidy(), std::string("expired ") + kArchived);

  const auto again = drop("b.csv", kGood);

  ASSERT_TRUE(again);
  EXPECT_EQ(again->archive_key, "processed/dt=2027-11-23/orders/b~000002.csv");
  EXPECT_EQ(folder.read(again->archive_key), kGood);
  EXPECT_EQ(tidy(), "");
}

TEST_F(TidyTest, rows_of_an_expired_file_can_be_taken_out_and_nothing_is_missing_then) {
  ASSERT_TRUE(drop("a.csv", kGood));
  clock.advance(Days{366});
  ASSERT_EQ(tidy(), std::string("expired ") + kArchived);

  const auto out = unload(*session, *store, loader->archiver(), clock, {source}, "1");

  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "0");
  EXPECT_EQ(one("SELECT state || ' ' || (archived_at IS NOT NULL) FROM millrace.ledger"), "unloaded true");
  const auto back = loader->bring_back(source, **loader->ledger().entry(1));
  ASSERT_FALSE(back);
  EXPECT_NE(back.error().message.find("have expired on 2027-11-23"), std::string::npos) << back.error().message;
  EXPECT_TRUE(tidier().plan()->missing.empty());
}

TEST_F(TidyTest, a_rebuild_says_which_files_have_expired) {
  ASSERT_TRUE(drop("a.csv", kGood));
  clock.advance(Days{300});
  ASSERT_TRUE(drop("b.csv", "id,status,at\n7,PAID,\n"));
  clock.advance(Days{66});
  ASSERT_EQ(tidy().substr(0, 8), "expired ");
  lose_the_warehouse();
  std::vector<FileOutcome> told;
  loader->on_recorded = [&](const FileOutcome& o) { told.push_back(o); };

  ASSERT_TRUE(loader->reconcile(source));

  EXPECT_EQ(one(kOrdersById), "7PAID");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].state, FileState::expired);
  EXPECT_EQ(told[1].reason, "expired on 2027-11-23 under tiers.keep: 1y; its 2 rows are not in this warehouse");
  EXPECT_EQ(one("SELECT key || ' ' || sha256 FROM millrace.ledger WHERE state = 'expired'"),
            "landing/orders/a.csv " + sha256_hex(kGood));
  told.clear();
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_TRUE(told.empty()) << "it is said once";
  EXPECT_EQ(tidy(), "");
  EXPECT_EQ(drop("a.csv", kGood)->state, FileState::loaded) << "here its rows are missing: they may come again";
}

TEST_F(TidyTest, a_rebuild_waits_for_archived_files_in_their_order) {
  ASSERT_TRUE(drop("a.csv", kGood));
  clock.advance(Days{91});
  ASSERT_TRUE(drop("a.csv", "id,status,at\n1,OPEN,\n"));
  ASSERT_EQ(tidy(), std::string("archive ") + kArchived);
  const std::string before = one(kDigest);
  lose_the_warehouse();

  const auto blocked = loader->reconcile(source);

  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().kind, ErrorKind::permission_denied);
  EXPECT_EQ(
      blocked.error().message,
      std::string("BLOCKED: 1 of 2 files to load from the archive must be restored first, among them ") + kArchived);
  EXPECT_EQ(one("SELECT count(*) FROM raw.orders"), "0") << "a later version must not come before";
  ASSERT_TRUE(store->restore(**store->head(kArchived)));
  ASSERT_TRUE(loader->reconcile(source));
  EXPECT_EQ(one(kDigest), before);
}

TEST_F(TidyTest, a_failure_while_a_file_expires_is_finished_later) {
  for (const char* point : {"ingest.expire.before", "lake.put.before", "ingest.expire.before_entry",
                            "ingest.expire.before_remove", "lake.remove.before"}) {
    const std::string name = std::string(point) + ".csv";
    const std::string text = "id,status,at\n" + std::to_string(std::hash<std::string>{}(name) % 100000) + ",PAID,\n";
    const auto got = drop(name, text);
    ASSERT_TRUE(got);
    clock.advance(Days{366});
    ASSERT_TRUE(failpoint::configure(std::string(point) + "=error"));
    EXPECT_NE(tidy().find(": "), std::string::npos) << point;
    ASSERT_TRUE(failpoint::configure(""));
    EXPECT_TRUE(store->head(got->archive_key)->has_value()) << point;
    EXPECT_EQ(tidy(), "expired " + got->archive_key) << point;
    EXPECT_FALSE(store->head(got->archive_key)->has_value()) << point;
    EXPECT_EQ(tidy(), "") << point;
  }
}

TEST_F(TidyTest, files_that_the_ledger_does_not_know_are_not_deleted) {
  folder.write("processed/dt=2020-01-01/orders/z~000099.csv", kGood);
  folder.write("quarantine/dt=2020-01-01/readme", "x");
  tiers.cold.reset();
  tiers.archive.reset();

  EXPECT_EQ(tidy(), "");
}

TEST_F(TidyTest, where_the_store_deletes_by_itself_the_ledger_learns_of_it_by_listing) {
  ASSERT_TRUE(drop("a.csv", kGood));
  ASSERT_TRUE(drop("b.csv", "id,status,at\n7,PAID,\n"));
  tiered = nullptr;
  clock.advance(Days{366});
  EXPECT_EQ(tidier().plan()->awaited.size(), 2U);
  EXPECT_EQ(tidy(), "");
  std::filesystem::remove(folder.path() / kArchived);

  EXPECT_EQ(tidy(), std::string("expired ") + kArchived);

  EXPECT_EQ(one("SELECT count(*) FROM millrace.expired"), "1");
  EXPECT_EQ(tidy(), "");
}

TEST_F(TidyTest, a_file_that_is_gone_before_its_time_is_missing_and_has_not_expired) {
  ASSERT_TRUE(drop("a.csv", kGood));
  std::filesystem::remove(folder.path() / kArchived);

  const auto plan = tidier().plan();

  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->steps.empty());
  EXPECT_EQ(plan->missing, std::vector<std::string>{kArchived});
}

}  // namespace
}  // namespace millrace::ingest
