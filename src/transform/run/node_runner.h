#pragma once
/// \file transform/run/node_runner.h
/// Runs single nodes, and keeps what a run knows: results, the catalogue, the files.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transform/run/compiled_files.h"
#include "transform/run/runner.h"
#include "transform/run/test_execution.h"

namespace millrace::transform {

/// Borrows parts and request. While it lives, templates look into the warehouse. Threads: one thread at a time.
class NodeRunner {
 public:
  NodeRunner(const RunParts& parts, const RunRequest& request);
  ~NodeRunner();
  NodeRunner(const NodeRunner&) = delete;
  NodeRunner& operator=(const NodeRunner&) = delete;

  [[nodiscard]] const std::vector<NodeId>& order() const { return order_; }
  [[nodiscard]] Catalogue& catalogue() { return catalogue_; }

  /// Reads the catalogue, makes the schemas that nodes of this run need. Errors: the session's.
  Status prepare();
  /// on-run-start or on-run-end. Errors: those of the templates and of the engine, named by the hook.
  Status run_project_hooks(bool at_start);
  /// Errors: cancelled, where somebody asked for it.
  Status check_cancelled() const;

  /// Runs the node at `index` of order(); `own_transaction`: none is open. A failure is a result. Valid until the next
  /// call. Errors: what ends the run as a whole.
  Result<const NodeResult*> run(std::size_t index, bool own_transaction);
  Result<const NodeResult*> compile(std::size_t index);
  void skip(std::size_t index, std::string why);

  /// Tests of this run that have stored their failing rows.
  [[nodiscard]] const std::vector<Relation>& stores() const { return stores_; }
  [[nodiscard]] std::vector<NodeResult>& results() { return results_; }

 private:
  NodeResult begin(std::size_t index);
  const NodeResult* end(std::size_t index, NodeResult result);
  Status work_on(NodeId id, NodeResult& result, bool own_transaction);
  Status compile_node(NodeId id, NodeResult& result);
  Status build(NodeId id, Execution& on, NodeResult& result, bool own_transaction);
  Status build_inside(NodeId id, Execution& on, NodeResult& result);
  Status test(Execution& on, NodeResult& result, bool own_transaction);
  Status run_hooks(NodeId id, Execution& on, std::string_view key, bool in_transaction);
  Status in_transaction(const std::string& id, bool own_transaction, const std::function<Status()>& work);
  [[nodiscard]] bool ends_the_run(const Error& error) const;

  const RunParts& parts_;
  const RunRequest& request_;
  Catalogue catalogue_;
  CompiledFiles files_;
  std::vector<NodeId> order_;
  std::vector<NodeResult> results_;
  std::vector<Relation> stores_;
};

/// "model gold.v_orders failed: …" in one sentence, for people who see nothing else.
std::string sentence_about(const NodeResult& result);

}  // namespace millrace::transform
