#include "ingest/loader_for_tests.h"

namespace millrace::ingest {
namespace {

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
      {"id;status;at\n1;PAID;\n", "wrong_delimiter"},
      {"id,status\n1,PAID\n", "missing_column"},
      {"1,PAID,\n2,OPEN,\n", "bad_header"},
      {"<html>error</html>", "not_csv"},
      {"\x1f\x8b\x08", "broken_stream"},
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
