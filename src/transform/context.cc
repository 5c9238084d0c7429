#include "transform/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/words.h"
#include "base/yaml.h"
#include "transform/config_reader.h"

namespace millrace::transform {
namespace {

using jinja::Args;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

Error bad(std::string message, std::string hint = {}) {
  return {ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
}

/// A relation in a template: prints as quoted SQL, and its parts can be asked for.
class RelationObject final : public jinja::Object {
 public:
  RelationObject(warehouse::RelationName name, const Target& target)
      : name_(std::move(name)), database_(target.database), text_(quote(*target.dialect, name_)) {}
  std::string type_name() const override { return "Relation"; }
  std::string to_text() const override { return text_; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "schema") return Value(name_.schema);
    if (name == "identifier" || name == "name" || name == "table") return Value(name_.name);
    if (name == "database") return Value(database_);
    return std::nullopt;
  }

 private:
  warehouse::RelationName name_;
  std::string database_, text_;
};

class TargetObject final : public jinja::Object {
 public:
  explicit TargetObject(const Target& target) : target_(target) {}
  std::string type_name() const override { return "target"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "name" || name == "target_name") return Value(target_.name);
    if (name == "schema") return Value(target_.schema);
    if (name == "database" || name == "dbname") return Value(target_.database);
    if (name == "type") return Value(target_.dialect->name());
    if (name == "threads") return Value(1);
    return std::nullopt;
  }

 private:
  const Target& target_;
};

Result<std::string> text_argument(const Args& args, std::size_t i, std::string_view function) {
  if (i >= args.positional.size() || !args.positional[i].is(Kind::text))
    return bad(fmt::format("{}() needs text as argument {}", function, i + 1));
  return args.positional[i].text();
}

/// A value of config() as the YAML reader would have it.
yaml::Node node_of(const Value& value) {
  yaml::Node node;
  if (value.is(Kind::none)) return node;
  if (value.is(Kind::list)) {
    node.kind = yaml::Node::Kind::sequence;
    for (const Value& item : value.items()) node.items.push_back(node_of(item));
    return node;
  }
  node.kind = yaml::Node::Kind::scalar;
  if (value.is(Kind::text))
    node.scalar = value.text();
  else if (value.is(Kind::boolean))
    node.scalar = value.boolean() ? "true" : "false";
  else if (value.is(Kind::integer))
    node.scalar = std::to_string(value.integer());
  else
    node.kind = yaml::Node::Kind::mapping;
  return node;
}

Result<Value> set_config(const Args& args, Rendered& into) {
  if (!args.positional.empty()) return bad("config() takes named arguments", "write config(materialized='table')");
  for (const auto& [name, value] : args.named) {
    auto read = read_config_key(name, node_of(value), yaml::Place{"config()", ""}, into.config);
    if (read) continue;
    Error e = std::move(read).error();
    // Its own place says nothing here; the template adds line and column.
    if (const auto at = e.message.find(": "); at != std::string::npos)
      e.message = "config(): " + e.message.substr(at + 2);
    return e;
  }
  return Value("");
}

void add_once(std::vector<std::string>& list, const std::string& id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

Result<Value> env_var(const Args& args) {
  MR_TRY(const std::string name, text_argument(args, 0, "env_var"));
  if (const char* value = std::getenv(name.c_str())) return Value(value);
  if (args.positional.size() > 1) return args.positional[1];
  return bad(fmt::format("env_var('{}') is not set and has no default", name),
             fmt::format("export {}, or write env_var('{}', 'default')", name, name));
}

}  // namespace

Context::Context(const Project& project, const Target& target) : project_(&project), target_(&target) {
  globals_.set("target", Value(std::make_shared<TargetObject>(target)));
  globals_.set("project_name", Value(project.name));
  globals_.set("execute", Value(true));
  globals_.set("run_started_at", Value(to_sql_timestamp(target.run_started_at)));
  globals_.set("env_var", Value::function("env_var", [](Run&, const Args& args) { return env_var(args); }));
  globals_.set("var", Value::function("var", [this](Run&, const Args& args) { return var(args); }));
  globals_.set("is_incremental",
               Value::function("is_incremental", [](Run&, const Args&) -> Result<Value> { return Value(false); }));
  for (const jinja::Template& file : project.macro_files)
    for (const jinja::MacroSignature& macro : file.macros())
      if (auto callable = file.macro(macro.name)) globals_.set(macro.name, *std::move(callable));
}

Result<Value> Context::var(const Args& args) const {
  MR_TRY(const std::string name, text_argument(args, 0, "var"));
  if (const auto it = project_->vars.find(name); it != project_->vars.end()) return Value(it->second);
  if (args.positional.size() > 1) return args.positional[1];
  return bad(fmt::format("var('{}') is not set and has no default", name), "add it under vars: in dbt_project.yml");
}

Result<Value> Context::ref(const Args& args, Rendered& into) const {
  MR_TRY(std::string name, text_argument(args, 0, "ref"));
  if (args.positional.size() > 1) {
    if (name != project_->name)
      return Error{ErrorKind::unsupported,
                   fmt::format("ref('{}', …): packages come with a later version of millrace", name),
                   {},
                   {}};
    MR_TRY(name, text_argument(args, 1, "ref"));
  }
  if (!args.named.empty())
    return Error{ErrorKind::unsupported, "ref() with a version comes with a later version of millrace", {}, {}};
  const Model* model = project_->model_named(name);
  if (model == nullptr) {
    std::vector<std::string> known;
    for (const auto& [id, m] : project_->models) known.push_back(m.name);
    const std::string near = nearest(name, known);
    return Error{ErrorKind::not_found,
                 fmt::format("ref('{}') names no model of this project", name),
                 near.empty() ? "" : fmt::format("did you mean ref('{}')?", near),
                 {}};
  }
  add_once(into.depends_on, model->unique_id);
  return Value(std::make_shared<RelationObject>(model->relation, *target_));
}

Result<Value> Context::source(const Args& args, Rendered& into) const {
  MR_TRY(const std::string source, text_argument(args, 0, "source"));
  MR_TRY(const std::string table, text_argument(args, 1, "source"));
  const auto it = project_->sources.find(fmt::format("source.{}.{}.{}", project_->name, source, table));
  if (it == project_->sources.end()) {
    std::vector<std::string> known;
    for (const auto& [id, s] : project_->sources) known.push_back(fmt::format("source('{}', '{}')", s.source, s.table));
    const std::string near = nearest(fmt::format("source('{}', '{}')", source, table), known);
    return Error{
        ErrorKind::not_found,
        fmt::format("source('{}', '{}') is not declared", source, table),
        near.empty() ? "declare it under sources: in a properties file" : fmt::format("did you mean {}?", near),
        {}};
  }
  add_once(into.depends_on, it->first);
  return Value(std::make_shared<RelationObject>(it->second.relation, *target_));
}

jinja::MapScope Context::scope(const warehouse::RelationName* this_relation, Rendered& into) const {
  jinja::MapScope scope(&globals_);
  scope.set("ref", Value::function("ref", [this, &into](Run&, const Args& args) { return ref(args, into); }));
  scope.set("source", Value::function("source", [this, &into](Run&, const Args& args) { return source(args, into); }));
  scope.set("config", Value::function("config", [&into](Run&, const Args& args) { return set_config(args, into); }));
  if (this_relation != nullptr) scope.set("this", Value(std::make_shared<RelationObject>(*this_relation, *target_)));
  return scope;
}

Result<std::string> Context::schema_name(const std::optional<std::string>& custom, const std::string& node_name) const {
  const auto macro = globals_.find("generate_schema_name");
  if (!macro) return custom ? target_->schema + "_" + *custom : target_->schema;
  Value node = Value::dict();
  node.dict_entries().set("name", Value(node_name));
  Args args;
  args.positional = {custom ? Value(*custom) : Value(), node};
  MR_TRY(const Value result, jinja::call_macro(*macro, args, globals_));
  if (!result.is(Kind::text)) return bad("generate_schema_name gave no text");
  const std::string_view name = trimmed(result.text());
  if (name.empty()) return bad(fmt::format("generate_schema_name gave an empty schema for {}", node_name));
  return std::string(name);
}

}  // namespace millrace::transform
