#include "transform/run/runner_gate.h"

#include <algorithm>

#include "base/log.h"

namespace millrace::transform {
namespace {

/// What happens inside the transaction.
class GatedRun {
 public:
  GatedRun(const RunParts& parts, const RunRequest& request, NodeRunner& runner)
      : parts_(parts), request_(request), runner_(runner) {}

  Status all() {
    MR_CHECK(runner_.prepare());
    MR_CHECK(runner_.run_project_hooks(true));
    MR_CHECK(nodes());
    if (!refused_.empty()) return refusal();
    if (auto ended = runner_.run_project_hooks(false); !ended) {
      if (ended.error().kind == ErrorKind::cancelled || ended.error().kind == ErrorKind::unavailable) return ended;
      refused_ = std::move(ended).error().message;
      return refusal();
    }
    return request_.before_commit ? request_.before_commit(*parts_.session) : ok();
  }

  [[nodiscard]] const std::string& refused() const { return refused_; }
  [[nodiscard]] std::vector<KeptFailures>& kept() { return kept_; }

 private:
  /// Models before tests: order() has them so. A failed test lets the others run, so that all is seen at once; an
  /// error ends the engine's transaction.
  Status nodes() {
    bool stopped = false;
    for (std::size_t i = 0; i < runner_.order().size(); ++i) {
      MR_CHECK(runner_.check_cancelled());
      if (stopped) {
        runner_.skip(i, refused_);
        continue;
      }
      MR_TRY(const NodeResult* result, runner_.run(i, false));
      if (result->status != RunStatus::error && result->status != RunStatus::fail) continue;
      if (refused_.empty()) refused_ = sentence_about(*result);
      stopped = result->status == RunStatus::error || request_.fail_fast;
      broken_ |= result->status == RunStatus::error;
    }
    return ok();
  }

  Error refusal() {
    if (!broken_) keep_what_tests_found();
    return {ErrorKind::contract_violation, refused_, {}, {}};
  }

  void keep_what_tests_found() {
    for (const Relation& store : runner_.stores()) {
      auto kept = keep_failures(*parts_.session, runner_.catalogue(), store);
      if (!kept) return;  // told by results without stored_in
      kept_.push_back(*std::move(kept));
    }
  }

  const RunParts& parts_;
  const RunRequest& request_;
  NodeRunner& runner_;
  std::string refused_;
  std::vector<KeptFailures> kept_;
  bool broken_ = false;  // the transaction takes no more statements
};

/// After the rollback: the rows that tests have stored are of use now more than ever.
void write_kept(const RunParts& parts, NodeRunner& runner, std::vector<KeptFailures>& kept) {
  std::vector<std::string> written;
  if (!kept.empty() && runner.catalogue().load()) {
    for (KeptFailures& failures : kept) {
      const Status done = write_failures(*parts.session, runner.catalogue(), failures);
      if (done)
        written.push_back(failures.store.text());
      else
        log::event("failures_not_stored", log::Level::warn,
                   {{"relation", failures.store.text()}, {"error", done.error().message}});
    }
  }
  for (NodeResult& result : runner.results())
    if (std::find(written.begin(), written.end(), result.stored_in) == written.end()) result.stored_in.clear();
}

}  // namespace

Status run_gated(const RunParts& parts, const RunRequest& request, NodeRunner& runner, RunReport& report) {
  GatedRun gated(parts, request, runner);
  const Status done = parts.session->transact("build " + parts.invocation->id, [&] { return gated.all(); });
  if (done) {
    report.committed = true;
    return ok();
  }
  const Error& error = done.error();
  const bool is_refusal = !gated.refused().empty() && error.message == gated.refused() && error.trail.empty();
  if (!is_refusal) return error;
  report.refused = gated.refused();
  write_kept(parts, runner, gated.kept());
  return ok();
}

}  // namespace millrace::transform
