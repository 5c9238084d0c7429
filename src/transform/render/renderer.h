#pragma once
/// \file transform/render/renderer.h
/// The two passes over a project's templates. The first renders with execute=False to learn configs, refs and macros;
/// then names are given and refs resolved. The second renders with execute=True and gives the SQL that runs.
/// Source: contracts/dbt.md section 5 "Two passes".

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transform/project/project.h"
#include "warehouse/session.h"

namespace millrace::transform {

/// What templates may ask of the warehouse while SQL is being made. Only in the second pass.
class Introspection {
 public:
  virtual ~Introspection() = default;
  virtual Result<warehouse::RelationKind> kind_of(const Relation& relation) = 0;
  /// Column names and engine types ("id", "INTEGER"), in order. Empty: there is no such relation.
  virtual Result<std::vector<std::pair<std::string, std::string>>> columns_of(const Relation& relation) = 0;
  virtual Result<warehouse::Rows> query(const std::string& sql) = 0;
};

/// What a log() or a warning of a template says.
using Told = std::function<void(std::string_view text, bool is_warning)>;

/// Threads: one thread at a time. Borrows project, target and invocation, which outlive it.
class Renderer {
 public:
  Renderer(Project& project, const Target& target, const Invocation& invocation);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  /// First pass, configs merged, disabled nodes marked, names given (generate_*_name), refs and sources resolved into
  /// depends_on. Errors: invalid_input and not_found at file:line:column, with the nearest name; two nodes with one
  /// relation; a model that would overwrite a source.
  Status parse();

  /// Second pass for one node: sets compiled_code, with ephemeral parents (compiled on demand) injected as CTEs; for a
  /// generic test its query with `where` applied, for a singular one its SQL. Ephemeral models are compiled alike.
  /// Does nothing for seeds and sources. Errors: those of the template; a ref that the first pass did not see.
  Status compile(NodeId id);

  /// Renders a hook or another text in the context of a node with execute=True; `this` is its relation.
  Result<std::string> render_for(NodeId id, std::string_view text, std::string_view name);
  /// on-run-start and on-run-end: no node, no `this`; refs need none to be declared.
  Result<std::string> render_for_project(std::string_view text, std::string_view name);

  /// From now on templates may look at the warehouse; null: no longer (then is_incremental() is false). Borrows.
  void look_into(Introspection* introspection);
  void on_told(Told told);

  /// Is `{{ is_incremental() }}` true for this model now? Asks the introspection.
  Result<bool> is_incremental(NodeId id);
  /// `full_refresh` in the config beats the flag.
  [[nodiscard]] bool full_refresh(NodeId id) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::transform
