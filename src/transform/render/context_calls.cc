// ref, source, config and var: what a model says about itself.
#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/print.h"
#include "transform/project/vars.h"
#include "transform/render/engine.h"
#include "transform/render/relation_object.h"
#include "transform/render/resolve.h"

namespace millrace::transform::context {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

namespace {

Error bad(std::string message, std::string hint = {}) {
  return {ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
}

template <class T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

Result<RefCall> ref_call(const Args& args) {
  RefCall call;
  std::vector<std::string> names;
  for (const Value& v : args.positional) {
    if (!v.is(Kind::text))
      return bad(fmt::format("ref(): found {}, expected the name of a model in quotes", v.type_name()));
    names.push_back(v.text());
  }
  for (const auto& [name, value] : args.named) {
    MR_TRY(const std::string text, jinja::to_text(value));
    if (name == "version" || name == "v") {
      if (!value.is(Kind::none)) call.version = text;
    } else if (name == "package") {
      call.package = text;
    } else {
      return bad(fmt::format("ref(): found the argument \"{}\", expected version or v", name));
    }
  }
  if (names.empty() || names.size() > 2)
    return bad(fmt::format("ref() takes one or two names, found {}", names.size()),
               "write ref('model') or ref('package', 'model')");
  if (names.size() == 2) call.package = names[0];
  call.name = names.back();
  return call;
}

/// What stands for a node in the SQL of another one.
Value value_of(const NodeScope& scope, NodeId id) {
  const Node& n = scope.engine().project.nodes[id];
  if (n.is_ephemeral()) {
    add_once(scope.state().ephemeral, id);
    RelationObject::Shape shape;
    shape.kind = "cte";
    shape.printed_as = "__dbt__cte__" + n.alias;
    return Value(std::shared_ptr<jinja::Object>(
        std::make_shared<RelationObject>(scope.engine(), Relation{"", "", "__dbt__cte__" + n.alias}, shape)));
  }
  if (n.source && !n.source->external_location.empty()) {
    RelationObject::Shape shape;
    shape.kind = "external";
    std::string location = n.source->external_location;
    for (const auto& [mark, text] : {std::pair<std::string, std::string>{"{name}", n.name},
                                     {"{identifier}", n.relation.identifier},
                                     {"{schema}", n.relation.schema}})
      for (auto at = location.find(mark); at != std::string::npos; at = location.find(mark, at + text.size()))
        location.replace(at, mark.size(), text);
    // A call (read_csv(…)) stands as it is; a path is text.
    shape.printed_as = location.find('(') != std::string::npos || location.starts_with('\'')
                           ? location
                           : scope.engine().target.dialect->literal(location);
    return Value(std::shared_ptr<jinja::Object>(std::make_shared<RelationObject>(scope.engine(), n.relation, shape)));
  }
  return relation_value(scope.engine(), n.relation, n.materialized());
}

/// What a first pass prints: nobody reads it.
Value placeholder(const NodeScope& scope) {
  return relation_value(scope.engine(), scope.node() == nullptr ? Relation{"", "", "unknown"} : scope.node()->relation);
}

Status check_seen(const NodeScope& scope, NodeId id, const std::string& call) {
  const Node* node = scope.node();
  if (node == nullptr || scope.state().refs_are_free) return ok();
  if (std::find(node->depends_on.begin(), node->depends_on.end(), id) != node->depends_on.end()) return ok();
  return bad(
      fmt::format("{} was not seen when the project was parsed, because it stands where only a run comes by", call),
      fmt::format("say it in a comment of the model: -- depends_on: {{{{ {} }}}}", call));
}

Result<Value> call_ref(const NodeScope& scope, const Args& args) {
  MR_TRY(const RefCall call, ref_call(args));
  if (!scope.executes()) {
    if (scope.node() != nullptr) add_once(scope.node()->refs, call);
    return placeholder(scope);
  }
  MR_TRY(const NodeId id, resolve_ref(scope.engine().project, scope.package(), call));
  MR_CHECK(check_seen(scope, id, in_words(call)));
  return value_of(scope, id);
}

Result<Value> call_source(const NodeScope& scope, const Args& args) {
  if (args.positional.size() != 2 || !args.positional[0].is(Kind::text) || !args.positional[1].is(Kind::text))
    return bad(fmt::format("source() takes two names in quotes, found {}", args.positional.size()),
               "write source('source', 'table')");
  const SourceCall call{args.positional[0].text(), args.positional[1].text()};
  if (!scope.executes()) {
    if (scope.node() != nullptr) add_once(scope.node()->sources, call);
    return placeholder(scope);
  }
  MR_TRY(const NodeId id, resolve_source(scope.engine().project, scope.package(), call));
  MR_CHECK(check_seen(scope, id, in_words(call)));
  return value_of(scope, id);
}

/// A config outlives the rendering that set it: relations are kept as their text, and functions, which would look into
/// that rendering, are refused.
Result<Value> lasting(const std::string& key, const Value& v) {
  switch (v.kind()) {
    case Kind::function:
    case Kind::name_space:
      return bad(fmt::format("config(): found a {} as {}", v.type_name(), key),
                 "a config is text, a number, a list or a dict");
    case Kind::undefined: return Value();
    case Kind::object: {
      MR_TRY(std::string text, jinja::to_text(v));
      return Value(std::move(text));
    }
    case Kind::list:
    case Kind::tuple: {
      std::vector<Value> items;
      for (const Value& item : v.items()) {
        MR_TRY(Value kept, lasting(key, item));
        items.push_back(std::move(kept));
      }
      return Value::list(std::move(items));
    }
    case Kind::dict: {
      Value out = Value::dict();
      for (const auto& e : v.dict_entries().entries()) {
        MR_TRY(Value kept, lasting(key, e.value));
        MR_CHECK(out.dict_entries().set_key(e.key, std::move(kept)));
      }
      return out;
    }
    default: return v;
  }
}

/// `config`: called it sets, and it can be asked.
class ConfigObject final : public jinja::Object {
 public:
  explicit ConfigObject(const NodeScope& scope) : scope_(scope) {}
  std::string type_name() const override { return "config"; }
  bool callable() const override { return true; }
  Result<Value> call(Run&, const Args& args) override {
    Node* node = scope_.node();
    if (node == nullptr || scope_.executes()) return Value("");
    const auto add = [node](const std::string& key, const Value& value) -> Status {
      MR_TRY(const Value kept, lasting(key, value));
      node->in_file_config.add(key, kept);
      return ok();
    };
    for (const Value& v : args.positional) {
      if (!v.is(Kind::dict)) return bad("config() takes named arguments", "write config(materialized='table')");
      for (const auto& e : v.dict_entries().entries())
        if (e.key.is(Kind::text)) MR_CHECK(add(e.key.text(), e.value));
    }
    for (const auto& [name, value] : args.named) MR_CHECK(add(name, value));
    MR_CHECK(check_config(node->in_file_config, "config()"));
    return Value("");
  }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "get" || name == "require" || name == "meta_get")
      return Value::function(std::string(name), [this, required = name == "require"](Run&, const Args& args) {
        return get(args, required);
      });
    if (name == "persist_relation_docs" || name == "persist_column_docs")
      return Value::function(std::string(name), [](Run&, const Args&) -> Result<Value> { return Value(false); });
    if (name == "model") return scope_.node() == nullptr ? Value() : context::node(scope_, *scope_.node());
    return std::nullopt;
  }

 private:
  Result<Value> get(const Args& args, bool required) const {
    MR_TRY(const Bound a, Bound::match("config.get", args, {"name", "default", "validator"}, 1));
    MR_TRY(const std::string key, a.text(0));
    // The first pass answers '' and not none: code that compares or prints goes on.
    if (!scope_.executes()) return Value("");
    const Node* node = scope_.node();
    const Value* found = node == nullptr ? nullptr : node->config.find(key);
    if (found == nullptr && node != nullptr && key == "materialized") return Value(node->materialized());
    if (found != nullptr) return *found;
    if (required)
      return bad(fmt::format("the config \"{}\" is required and not set", key),
                 fmt::format("set it: config({}=…)", key));
    return a.value(1);
  }
  const NodeScope& scope_;
};

/// `var`: called it gives the value; has_var() asks.
class VarObject final : public jinja::Object {
 public:
  explicit VarObject(const NodeScope& scope) : scope_(scope) {}
  std::string type_name() const override { return "var"; }
  bool callable() const override { return true; }
  Result<Value> call(Run&, const Args& args) override {
    MR_TRY(const Bound a, Bound::match("var", args, {"name", "default"}, 1));
    MR_TRY(const std::string name, a.text(0));
    if (const Value* v = find(name)) return *v;
    if (a.has(1)) return a.value(1);
    if (!scope_.executes()) return Value();
    return bad(fmt::format("var('{}') is not set and has no default", name) + elsewhere(name),
               fmt::format("add it under vars: in dbt_project.yml, or give --vars '{{{}: …}}'", name) + near_to(name));
  }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name != "has_var") return std::nullopt;
    return Value::function("has_var", [this](Run&, const Args& args) -> Result<Value> {
      MR_TRY(const Bound a, Bound::match("has_var", args, {"name"}, 1));
      MR_TRY(const std::string var, a.text(0));
      return Value(find(var) != nullptr);
    });
  }

 private:
  [[nodiscard]] const Value* find(const std::string& name) const {
    const Engine& e = scope_.engine();
    if (const Value* v = var_of(e.project, e.invocation, scope_.package(), name)) return v;
    if (e.invocation.strict) return nullptr;
    // Our extension: a package's macro sees the package's own vars, whoever calls it.
    const auto& owners = scope_.state().owners;
    for (auto owner = owners.rbegin(); owner != owners.rend(); ++owner)
      if (const Value* v = own_var_of(e.project, *owner, name)) return v;
    return nullptr;
  }
  /// A package that sets it, where dbt looks no further: the usual surprise.
  [[nodiscard]] std::string elsewhere(const std::string& name) const {
    for (const Package& p : scope_.engine().project.packages)
      if (!p.is_root && own_var_of(scope_.engine().project, p.name, name) != nullptr)
        return fmt::format("; the package {} sets it for its own nodes only", p.name);
    return {};
  }
  [[nodiscard]] std::string near_to(const std::string& name) const {
    std::vector<std::string> known;
    const auto add = [&known](const Value& vars) {
      if (!vars.is(Kind::dict)) return;
      for (const auto& e : vars.dict_entries().entries())
        if (e.key.is(Kind::text)) known.push_back(e.key.text());
    };
    add(scope_.engine().invocation.vars);
    add(scope_.engine().project.root().settings.vars);
    const std::string near = nearest(name, known);
    return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
  }
  const NodeScope& scope_;
};

}  // namespace

Value ref(const NodeScope& scope) {
  return Value::function("ref", [&scope](Run&, const Args& args) { return call_ref(scope, args); });
}
Value source(const NodeScope& scope) {
  return Value::function("source", [&scope](Run&, const Args& args) { return call_source(scope, args); });
}
Value config(const NodeScope& scope) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<ConfigObject>(scope)));
}
Value var(const NodeScope& scope) { return Value(std::shared_ptr<jinja::Object>(std::make_shared<VarObject>(scope))); }

}  // namespace millrace::transform::context
