// What a source declares of keys, columns, rules and empty files.
#include "ingest/loader_for_tests.h"

namespace millrace::ingest {
namespace {

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
  source.contract.columns.back().settle();

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

struct RowRules : LoaderTest {
  RowRules() {
    source.contract_path = "contracts/orders.yaml";
    source.contract.row_rules = {{"late", "\"at\" >= '2020-01-01'", Severity::error, "no older orders"},
                                 {"paid", "status = 'PAID' -- at last", Severity::warning, ""}};
  }
};

TEST_F(RowRules, rows_that_break_one_go_to_quarantine_with_their_bytes_and_a_null_passes) {
  const auto got = drop("a.csv",
                        "id,status,at\n1,PAID,2019-01-01 00:00:00\n2,PAID,\n3,PAID,2021-01-01 00:00:00\r\n"
                        "1,OPEN,2021-01-01 00:00:00\n4,OPEN,2018-01-01 00:00:00\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(one("SELECT string_agg(id::VARCHAR, ' ' ORDER BY id) FROM raw.orders"), "1 2 3")
      << "a row that breaks a rule holds no key";
  EXPECT_EQ(one("SELECT string_agg(line || ' ' || code || ' ' || reason || ' ' || raw::VARCHAR, ' / ' ORDER BY line) "
                "FROM millrace.quarantine"),
            "2 broken_rule late: expected \"at\" >= '2020-01-01' (no older orders) 1,PAID,2019-01-01 00:00:00 / "
            "6 broken_rule late: expected \"at\" >= '2020-01-01' (no older orders) 4,OPEN,2018-01-01 00:00:00");
  EXPECT_EQ(
      one("SELECT string_agg(line || ' ' || code || ' ' || reason, ' / ' ORDER BY line) FROM millrace.flags WHERE "
          "line > 0"),
      "5 broken_rule paid: expected status = 'PAID' -- at last");
  EXPECT_EQ(got->rows_flagged, 1);
  EXPECT_EQ(got->warnings_by_code.at("broken_rule"), 1);
  expect_invariants();
}

TEST_F(RowRules, which_rows_are_good_does_not_hang_on_how_many_are_settled_aside) {
  // Line 2 breaks the rule and holds no key; 3 is the first with it, 4 repeats it, 5 breaks the rule, 7 is a reject.
  const std::string text =
      "id,status,at\n1,PAID,2019-01-01 00:00:00\n1,PAID,\n1,OPEN,\n1,PAID,2019-01-01 "
      "00:00:00\n2,PAID,\nx,PAID,\n2,OPEN,\n";
  std::vector<std::string> found;
  for (const std::size_t most : {std::size_t{100}, std::size_t{1}, std::size_t{0}}) {
    loader->gate_limits.most_held = most;

    const auto got = drop("a-" + std::to_string(most) + ".csv", text);

    ASSERT_TRUE(got) << got.error().message;
    found.push_back(one("SELECT string_agg(_mr_line || ':' || id, ' ' ORDER BY _mr_line) FROM raw.orders") + " / " +
                    one("SELECT string_agg(line || ' ' || code || ' ' || reason, ' | ' ORDER BY line) FROM "
                        "millrace.quarantine"));
    expect_invariants();
    lose_the_warehouse();
    std::filesystem::remove_all(folder.path() / "processed");
  }
  EXPECT_TRUE(found[0].starts_with("3:1 6:2 / 2 broken_rule")) << found[0];
  EXPECT_NE(found[0].find("4 duplicate_key id: the same value stands in line 3 already"), std::string::npos)
      << found[0];
  EXPECT_EQ(found[1], found[0]);
  EXPECT_EQ(found[2], found[0]);
}

TEST_F(RowRules, a_row_with_two_words_is_one_flagged_row) {
  const auto got = drop("a.csv", "id,status,at\n1,ODD,\n2,PAID,\n");

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->rows_flagged, 1) << "not accepted, and not paid";
  EXPECT_EQ(one("SELECT count(*) FROM millrace.flags"), "2");
}

TEST_F(RowRules, a_rule_that_does_not_run_is_named_with_its_file_and_nothing_is_loaded) {
  source.contract.row_rules[0].sql = "order_dat > 1";

  const auto got = drop("a.csv", kGood);

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::invalid_input);
  EXPECT_TRUE(got.error().message.starts_with("contracts/orders.yaml: rule late, order_dat > 1: "))
      << got.error().message;
  EXPECT_EQ(one("SELECT count(*) FROM millrace.ledger"), "0");
  EXPECT_EQ(folder.read("landing/orders/a.csv"), kGood);
}

TEST_F(RowRules, more_broken_rows_than_can_be_kept_refuse_the_file) {
  std::string text = "id,status,at\n";
  for (int i = 0; i <= 200'000; ++i) text += std::to_string(i) + ",PAID,2019-01-01 00:00:00\n";

  const auto got = drop("a.csv", text);

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->code, "too_many_rejects");
  EXPECT_EQ(got->reason, "rule late: more than 200,000 records broken; the first is line 2");
  expect_invariants();
}

}  // namespace
}  // namespace millrace::ingest
