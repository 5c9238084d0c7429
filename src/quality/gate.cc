#include "quality/gate.h"

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::quality {

using transform::NodeResult;
using transform::ResourceType;
using transform::RunReport;
using transform::RunStatus;
using transform::Totals;

const NodeResult* first_error(const RunReport& run) {
  for (const NodeResult& r : run.results)
    if (r.status == RunStatus::error) return &r;
  return nullptr;
}

std::string gate_message(const RunReport& run) {
  if (const NodeResult* broken = first_error(run))
    return fmt::format("{} {} could not be {}: {}", name_of(broken->type),
                       broken->relation.empty() ? broken->name : broken->relation,
                       broken->type == ResourceType::test ? "run" : "built", broken->message);
  for (const NodeResult& r : run.results)
    if (r.status == RunStatus::fail)
      return fmt::format("test {} failed: {}{}", r.name, counted(r.failures, "row"),
                         r.examples.empty() ? "" : ", for example " + r.examples[0]);
  return {};
}

Totals test_totals(const RunReport& run) {
  Totals t;
  for (const NodeResult& r : run.results) {
    if (r.type != ResourceType::test) continue;
    switch (r.status) {
      case RunStatus::success:
      case RunStatus::pass: ++t.pass; break;
      case RunStatus::warn: ++t.warn; break;
      case RunStatus::error:
      case RunStatus::fail: ++t.error; break;
      case RunStatus::skipped: ++t.skip; break;
      case RunStatus::no_op: ++t.no_op; break;
    }
  }
  return t;
}

}  // namespace millrace::quality
