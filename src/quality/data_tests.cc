#include "quality/data_tests.h"

#include <fmt/format.h>

#include <array>

#include "base/words.h"
#include "quality/sql.gen.h"

namespace millrace::quality {
namespace {

using transform::DataTest;
using transform::Project;

std::string about_of(const Project& project, const DataTest& test) {
  if (test.about.empty()) return {};
  const auto model = project.models.find(test.about);
  const auto& relation =
      model != project.models.end() ? model->second.relation : project.sources.find(test.about)->second.relation;
  return relation.text() + (test.column.empty() ? "" : "." + test.column);
}

Status judge(const warehouse::Rows& rows, bool warns_only, TestRun& run) {
  run.failures = rows.rows.empty() ? 0 : warehouse::to_integer(rows.rows[0][0]);
  run.status = run.failures == 0 ? TestStatus::pass : warns_only ? TestStatus::warn : TestStatus::fail;
  for (const auto& row : rows.rows) run.examples.push_back(warehouse::to_text(row[1]));
  return ok();
}

}  // namespace

std::string_view name_of(TestStatus status) {
  static constexpr std::array<std::string_view, 4> kNames{"skipped", "pass", "warn", "fail"};
  return kNames[static_cast<std::size_t>(status)];
}

std::vector<warehouse::Statement> test_statements(const Project& project, std::vector<TestRun>& runs) {
  std::vector<warehouse::Statement> out;
  runs.assign(project.tests.size(), {});
  for (std::size_t i = 0; i < project.tests.size(); ++i) {
    const DataTest& test = project.tests[i];
    TestRun& run = runs[i];
    run.unique_id = test.unique_id;
    run.name = test.name;
    run.about = about_of(project, test);
    run.path = test.path;
    warehouse::Statement s{"test " + test.name, warehouse::fill(sql::count_failures, {{"test", test.compiled_sql}})};
    s.on_rows = [&run, warns_only = test.warns_only()](const warehouse::Rows& rows) {
      return judge(rows, warns_only, run);
    };
    s.on_done = [&run](const warehouse::Done& done) { run.elapsed = done.elapsed; };
    out.push_back(std::move(s));
  }
  return out;
}

TestTotals totals_of(const std::vector<TestRun>& runs) {
  TestTotals t;
  for (const TestRun& run : runs) {
    switch (run.status) {
      case TestStatus::pass: ++t.pass; break;
      case TestStatus::warn: ++t.warn; break;
      case TestStatus::fail: ++t.fail; break;
      case TestStatus::skipped: ++t.skip; break;
    }
  }
  return t;
}

std::string gate_message(const std::vector<TestRun>& runs) {
  for (const TestRun& run : runs)
    if (run.status == TestStatus::fail)
      return fmt::format("test {} failed: {}{}", run.name, counted(run.failures, "row"),
                         run.examples.empty() ? "" : ", for example " + run.examples[0]);
  return {};
}

}  // namespace millrace::quality
