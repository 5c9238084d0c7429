#include "app/reporter.h"

#include <gtest/gtest.h>

#include "testing/golden.h"

namespace millrace::app {
namespace {

/// A stream that a test reads back.
struct Stream {
  std::FILE* file = std::tmpfile();
  ~Stream() { std::fclose(file); }
  std::string text() const {
    std::string out;
    std::rewind(file);
    for (int c; (c = std::fgetc(file)) != EOF;) out += static_cast<char>(c);
    return out;
  }
};

ingest::FileOutcome loaded() {
  ingest::FileOutcome o;
  o.source = "orders";
  o.key = "landing/orders/a.csv";
  o.records = 6660;
  o.rows_loaded = 6653;
  o.rows_quarantined = 7;
  o.rows_flagged = 2;
  o.rejects_by_code = {{"bad_integer", 2}, {"wrong_column_count", 5}};
  o.warnings_by_code = {{"leading_zeros", 4}, {"mixed_line_ends", 1}};
  o.elapsed = std::chrono::milliseconds(51);
  Reject r;
  r.line = 17;
  r.code = RejectCode::bad_integer;
  r.column = "order_id";
  r.reason = "order_id: found \"12x4\", expected a whole number";
  r.raw = "12x4,services";
  o.examples = {r};
  return o;
}

ingest::FileOutcome refused() {
  ingest::FileOutcome o;
  o.source = "orders";
  o.key = "landing/orders/evil\x1b[31m.csv";
  o.state = ingest::FileState::quarantined;
  o.code = "not_csv";
  o.reason = "found JSON, expected CSV";
  o.archive_key = "quarantine/dt=2026-11-22/orders/evil.csv";
  return o;
}

schedule::BuildReport gate_shut() {
  schedule::BuildReport r;
  r.generation = 1;
  transform::NodeResult model, fail, skipped;
  model.unique_id = "model.orders.orders";
  model.relation = "silver.orders";
  model.materialized = "table";
  model.status = transform::RunStatus::success;
  model.rows = 200;
  model.execute_done = model.execute_started + std::chrono::milliseconds(30);
  fail.type = skipped.type = transform::ResourceType::test;
  fail.name = "unique_orders_order_id";
  fail.about = "silver.orders.order_id";
  fail.status = transform::RunStatus::fail;
  fail.message = "Got 2 results, configured to fail if != 0";
  fail.failures = 2;
  fail.examples = {R"({"unique_field":7,"n_records":2})"};
  r.run.results = {model, fail, skipped};
  r.refused = "test unique_orders_order_id failed: 2 rows";
  return r;
}

std::string told(Output output, int& exit_code) {
  Stream out, talk;
  const auto reporter = make_reporter(output, out.file, talk.file);
  reporter->on_file(loaded());
  reporter->on_file(refused());
  reporter->on_ignored({"landing/orders/.x", "hidden"});
  reporter->on_build(gate_shut());
  reporter->on_error({ErrorKind::unavailable, "the disk is full", "free space", {"loading a.csv"}});
  exit_code = reporter->finish(ok());
  return "--- stdout\n" + out.text() + "--- stderr\n" + talk.text();
}

TEST(Reporter, lines_are_calm_and_complete_and_data_cannot_colour_them) {
  int exit_code = 0;
  EXPECT_TRUE(testing::matches_golden(told(Output::lines, exit_code), MR_SOURCE_DIR "app/testdata/report.lines.txt"));
  EXPECT_EQ(exit_code, 1) << "a refused file is data that failed";
}

TEST(Reporter, json_is_one_document) {
  int exit_code = 0;
  EXPECT_TRUE(testing::matches_golden(told(Output::json_document, exit_code),
                                      MR_SOURCE_DIR "app/testdata/report.document.txt"));
  EXPECT_EQ(exit_code, 1);
}

TEST(Reporter, or_one_line_for_each_event_of_a_run_that_goes_on) {
  int exit_code = 0;
  EXPECT_TRUE(
      testing::matches_golden(told(Output::json_lines, exit_code), MR_SOURCE_DIR "app/testdata/report.events.txt"));
}

TEST(Reporter, exit_codes_tell_data_from_everything_else) {
  Stream out, talk;
  EXPECT_EQ(make_reporter(Output::lines, out.file, talk.file)->finish(ok()), 0);
  EXPECT_EQ(
      make_reporter(Output::lines, out.file, talk.file)->finish(Error{ErrorKind::contract_violation, "m", {}, {}}), 1);
  EXPECT_EQ(make_reporter(Output::lines, out.file, talk.file)->finish(Error{ErrorKind::invalid_input, "m", {}, {}}), 2);
}

}  // namespace
}  // namespace millrace::app
