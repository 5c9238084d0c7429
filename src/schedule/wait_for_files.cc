#include "schedule/wait_for_files.h"

#include <algorithm>

namespace millrace::schedule {

Result<std::int64_t> wait_for_files(Pipeline& pipeline, lake::ChangeHint& hint, std::stop_token stop) {
  const std::stop_callback wake(stop, [&hint] { hint.wake(); });
  std::int64_t recorded = 0;
  while (!stop.stop_requested()) {
    MR_TRY(const std::int64_t n, pipeline.load(false));
    recorded += n;
    MR_CHECK(pipeline.check_timeouts(true));
    const auto awaited = pipeline.awaited();
    const bool all = std::all_of(awaited.begin(), awaited.end(), [](const Pipeline::Awaited& a) {
      return a.clock->has_found() || a.clock->has_timed_out();
    });
    if (all && !pipeline.files_waiting()) return recorded;
    if (hint.wait(pipeline.until_next_look())) pipeline.wake(hint.take_keys());
  }
  return Error{ErrorKind::cancelled, "stopped while waiting for files", {}, {}};
}

}  // namespace millrace::schedule
