#pragma once
/// \file transform/loaded.h
/// A project on its way through a command: read, parsed, ordered; then chosen from, compiled, run.

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "transform/graph/graph.h"
#include "transform/graph/selection.h"
#include "transform/project/project.h"
#include "transform/render/renderer.h"
#include "transform/run/runner.h"

namespace millrace::transform {

/// Stays where it is: its parts borrow from each other. Threads: one thread at a time.
class LoadedProject {
 public:
  /// Reads the project, learns what each node needs, gives names, orders them. Nothing is run.
  /// `told` gets what templates log. Errors: those of read_project, Renderer::parse and Graph::of.
  static Result<std::unique_ptr<LoadedProject>> load(const std::string& folder, Target target, Invocation invocation,
                                                     Told told = {});

  [[nodiscard]] Project& project() { return project_; }
  [[nodiscard]] const Project& project() const { return project_; }
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] const Invocation& invocation() const { return invocation_; }
  [[nodiscard]] Renderer& renderer() { return *renderer_; }

  /// Compiles every model and test, as far as that needs no warehouse. Errors: the first node's.
  Status compile_all();
  /// Runs on a session; see run().
  Result<RunReport> run(warehouse::Session& session, const Clock& clock, const RunRequest& request);
  /// "nodes: 12 models, 30 data tests": counts for people, by type.
  [[nodiscard]] std::size_t count(ResourceType type) const;

 private:
  LoadedProject(Target target, Invocation invocation)
      : target_(std::move(target)), invocation_(std::move(invocation)) {}
  Target target_;
  Invocation invocation_;
  Project project_;
  Graph graph_;
  std::unique_ptr<Renderer> renderer_;  // borrows the three above
};

/// A random identity for one call of a command: a UUID, version 4.
std::string new_invocation_id(Random& random);

}  // namespace millrace::transform
