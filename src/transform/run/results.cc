#include "transform/run/results.h"

#include <algorithm>
#include <array>

namespace millrace::transform {

std::string_view name_of(RunStatus status) {
  static constexpr std::array<std::string_view, 7> kNames{"success", "error", "skipped", "pass",
                                                          "warn",    "fail",  "no-op"};
  return kNames[static_cast<std::size_t>(status)];
}

std::chrono::milliseconds NodeResult::elapsed() const {
  const WallTime start = compile_started == WallTime{} ? execute_started : compile_started;
  const WallTime end = std::max(compile_done, execute_done);
  if (end < start) return {};  // the clock was set back
  return std::chrono::duration_cast<std::chrono::milliseconds>(end - start);
}

Totals RunReport::totals() const {
  Totals t;
  for (const NodeResult& r : results) {
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

bool RunReport::ok() const {
  if (!refused.empty()) return false;
  return std::none_of(results.begin(), results.end(),
                      [](const NodeResult& r) { return r.status == RunStatus::error || r.status == RunStatus::fail; });
}

}  // namespace millrace::transform
