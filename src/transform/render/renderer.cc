#include "transform/render/renderer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/print.h"
#include "jinja/source.h"
#include "transform/render/engine.h"
#include "transform/render/ephemeral.h"
#include "transform/render/generic_tests.h"
#include "transform/render/naming.h"
#include "transform/render/resolve.h"

namespace millrace::transform {
namespace {

using jinja::Value;

bool has_jinja(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos ||
         text.find("{#") != std::string_view::npos;
}

std::string shown_name(const Project& project, const Node& node) {
  return node.package == project.name ? node.original_path : node.package + "/" + node.original_path;
}

Result<jinja::Template> template_of(const Project& project, const Node& node) {
  jinja::ParseOptions options;
  options.start = {static_cast<std::size_t>(node.first_line), 1};
  return jinja::parse(node.raw_code, shown_name(project, node), options);
}

void add_once(std::vector<NodeId>& list, NodeId id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

/// SQL of a hook: a text, or a dict with "sql".
std::optional<std::string> hook_sql(const Value& hook) {
  if (hook.is(jinja::Kind::text)) return hook.text();
  if (!hook.is(jinja::Kind::dict)) return std::nullopt;
  const Value* sql = hook.dict_entries().find("sql");
  return sql != nullptr && sql->is(jinja::Kind::text) ? std::optional(sql->text()) : std::nullopt;
}

}  // namespace

class Renderer::Impl {
 public:
  Impl(Project& project, const Target& target, const Invocation& invocation) : engine{project, target, invocation} {}

  Status parse() {
    // Configs first: whether a node is disabled decides what another one's ref() means.
    for (Node& node : engine.project.nodes) MR_CHECK(learn(node));
    disable();
    for (Node& node : engine.project.nodes)
      if (!node.disabled) MR_CHECK(name_node(engine, node));
    MR_CHECK(check_relations(engine.project));
    for (Node& node : engine.project.nodes)
      if (!node.disabled) MR_CHECK(link(node));
    return ok();
  }

  Status compile(NodeId id) {
    Node& node = engine.project.nodes[id];
    if (node.compiled || node.type == ResourceType::seed || node.type == ResourceType::source) return ok();
    if (std::find(compiling_.begin(), compiling_.end(), id) != compiling_.end())
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: ephemeral models refer to each other in a circle", node.declared.where()),
                   "remove one of the refs",
                   {}};
    if (compiling_.size() >= kMostNested)
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: ephemeral models are nested deeper than {}", node.declared.where(), kMostNested),
                   "make one on the way a view or a table",
                   {}};
    compiling_.push_back(id);
    Status done = compile_fresh(node);
    compiling_.pop_back();
    return done;
  }

  Result<std::string> render_text(Node* node, std::string_view text, std::string_view name) {
    NodeScope scope(engine, Phase::run, node);
    scope.state().refs_are_free = true;
    if (!has_jinja(text)) return std::string(text);
    MR_TRY(const jinja::Template parsed, jinja::parse(text, name));
    return jinja::render(parsed, scope, scope.options());
  }

  Engine engine;

 private:
  /// The first pass over one node: configs, refs, sources, macros.
  Status learn(Node& node) {
    if (node.type == ResourceType::source || node.type == ResourceType::seed) {
      settle_config(node);
      return ok();
    }
    // Until it has its name, `this` is what it is without configs.
    node.relation = {engine.target.database, engine.target.schema, node.name};
    if (node.generic) {
      MR_CHECK(learn_generic_test(engine, node));
    } else if (has_jinja(node.raw_code)) {
      const NodeScope scope(engine, Phase::learn, &node);
      MR_TRY(const jinja::Template parsed, template_of(engine.project, node));
      MR_CHECK(jinja::render(parsed, scope, scope.options()));
    }
    settle_config(node);
    return learn_hooks(node);
  }

  /// What hooks refer to is built before the node.
  Status learn_hooks(Node& node) {
    for (const std::string_view key : {"pre-hook", "post-hook"}) {
      const Value* hooks = node.config.find(key);
      if (hooks == nullptr || !hooks->is(jinja::Kind::list)) continue;
      for (const Value& hook : hooks->items()) {
        const auto sql = hook_sql(hook);
        if (!sql || !has_jinja(*sql)) continue;
        const NodeScope scope(engine, Phase::learn, &node);
        MR_TRY(const jinja::Template parsed,
               jinja::parse(*sql, fmt::format("{} of {}", key, shown_name(engine.project, node))));
        MR_CHECK(jinja::render(parsed, scope, scope.options()));
      }
    }
    return ok();
  }

  static void settle_config(Node& node) {
    node.config = node.declared_config;
    node.config.merge(node.in_file_config);
    node.config.merge(node.overriding_config);
    node.disabled = !node.config.enabled();
  }

  /// A test goes with the node it tests, and says so; what only refs a disabled node is an error of its own.
  void disable() {
    for (Node& node : engine.project.nodes) {
      if (node.disabled || !node.generic) continue;
      const Node& about = engine.project.nodes[node.generic->about];
      if (about.disabled) node.disabled = true;
    }
  }

  Status link(Node& node) {
    for (const RefCall& call : node.refs) {
      auto id = resolve_ref(engine.project, node.package, call);
      if (!id) {
        // A test of a relation that is switched off is switched off too, as dbt has it.
        if (node.is_test() && id.error().kind == ErrorKind::invalid_input) {
          node.disabled = true;
          engine.project.warnings.push_back(
              {node.declared.where(), fmt::format("test {} is left out: {}", node.name, id.error().message), ""});
          return ok();
        }
        return placed(std::move(id).error(), node, call.name);
      }
      add_once(node.depends_on, *id);
    }
    for (const SourceCall& call : node.sources) {
      auto id = resolve_source(engine.project, node.package, call);
      if (!id) return placed(std::move(id).error(), node, call.table);
      add_once(node.depends_on, *id);
    }
    return ok();
  }

  /// An error that is found after the text was rendered: at the place where the name stands.
  [[nodiscard]] Error placed(Error error, const Node& node, std::string_view name) const {
    const auto at = node.generic ? std::string::npos : node.raw_code.find(name);
    if (at == std::string::npos) {
      error.message = node.declared.where() + ": " + error.message;
      return error;
    }
    const jinja::Source source(node.raw_code, shown_name(engine.project, node),
                               {static_cast<std::size_t>(node.first_line), 1});
    return source.located(std::move(error), at);
  }

  Status compile_fresh(Node& node) {
    NodeScope scope(engine, Phase::run, &node);
    std::string sql;
    if (node.generic) {
      MR_TRY(sql, generic_test_query(scope));
    } else if (!has_jinja(node.raw_code)) {
      sql = node.raw_code;
    } else {
      MR_TRY(const jinja::Template parsed, template_of(engine.project, node));
      MR_TRY(sql, jinja::render(parsed, scope, scope.options()));
    }
    std::string_view query = trimmed(sql);
    // Some editors leave a semicolon; what stands around the query needs none.
    while (query.ends_with(';')) query = trimmed(query.substr(0, query.size() - 1));
    if (query.empty())
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: the file renders to no SQL", shown_name(engine.project, node)),
                   "write a SELECT, or disable it: {{ config(enabled=false) }}",
                   {}};
    if (query.size() != trimmed(sql).size()) sql = std::string(query);
    own_sql_[node.unique_id] = node.is_ephemeral() ? sql : std::string();
    return inject(node, std::move(sql), scope.state().ephemeral);
  }

  /// Puts the CTEs of ephemeral parents in front, innermost first, each once.
  Status inject(Node& node, std::string sql, const std::vector<NodeId>& used) {
    for (const NodeId id : used) {
      MR_CHECK(compile(id));
      for (const NodeId inner : engine.project.nodes[id].injected) add_once(node.injected, inner);
      add_once(node.injected, id);
    }
    std::vector<Cte> ctes;
    for (const NodeId id : node.injected) {
      const Node& parent = engine.project.nodes[id];
      ctes.push_back({"__dbt__cte__" + parent.alias, own_sql_[parent.unique_id]});
    }
    node.compiled_code = with_ctes(sql, ctes);
    node.compiled = true;
    return ok();
  }

  static constexpr std::size_t kMostNested = 200;  // each level takes stack, and the SQL grows with it
  std::vector<NodeId> compiling_;
  std::unordered_map<std::string, std::string> own_sql_;  // of ephemeral models, before anything was put in front
};

Renderer::Renderer(Project& project, const Target& target, const Invocation& invocation)
    : impl_(std::make_unique<Impl>(project, target, invocation)) {}
Renderer::~Renderer() = default;

Status Renderer::parse() { return impl_->parse(); }
Status Renderer::compile(NodeId id) { return impl_->compile(id); }

Result<std::string> Renderer::render_for(NodeId id, std::string_view text, std::string_view name) {
  return impl_->render_text(&impl_->engine.project.nodes[id], text, name);
}

Result<std::string> Renderer::render_for_project(std::string_view text, std::string_view name) {
  return impl_->render_text(nullptr, text, name);
}

void Renderer::look_into(Introspection* introspection) { impl_->engine.look = introspection; }
void Renderer::on_told(Told told) { impl_->engine.told = std::move(told); }

bool Renderer::full_refresh(NodeId id) const {
  const Value* own = impl_->engine.project.nodes[id].config.find("full_refresh");
  return own != nullptr && own->is(jinja::Kind::boolean) ? own->boolean() : impl_->engine.invocation.full_refresh;
}

Result<bool> Renderer::is_incremental(NodeId id) {
  const Node& node = impl_->engine.project.nodes[id];
  if (impl_->engine.look == nullptr || !node.is_model() || node.materialized() != "incremental" || full_refresh(id))
    return false;
  MR_TRY(const warehouse::RelationKind kind, impl_->engine.look->kind_of(node.relation));
  return kind == warehouse::RelationKind::table;
}

}  // namespace millrace::transform
