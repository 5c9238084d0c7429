#include "transform/project/yaml_scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/arguments.h"
#include "transform/project/vars.h"

namespace millrace::transform {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

Result<Value> env_var(const Args& args, const Environment& environment, std::vector<std::string>& read, bool secrets) {
  MR_TRY(const Bound a, Bound::match("env_var", args, {"var", "default"}, 1));
  MR_TRY(const std::string name, a.text(0));
  if (!secrets && name.starts_with("DBT_ENV_SECRET"))
    return Error{ErrorKind::invalid_input,
                 fmt::format("env_var('{}'): secrets may be read in profiles.yml only", name),
                 "use another name for what is no secret",
                 {}};
  if (std::find(read.begin(), read.end(), name) == read.end()) read.push_back(name);
  if (environment)
    if (auto value = environment(name)) return Value(*std::move(value));
  if (a.has(1)) return a.value(1);
  return Error{ErrorKind::invalid_input,
               fmt::format("env_var('{}') is not set and has no default", name),
               fmt::format("export {}, or write env_var('{}', 'default')", name, name),
               {}};
}

Value target_value(const Target& target) {
  Value out = Value::dict();
  jinja::Dict& d = out.dict_entries();
  if (target.fields.is(Kind::dict))
    for (const auto& e : target.fields.dict_entries().entries())
      if (e.key.is(Kind::text)) d.set(e.key.text(), e.value);
  d.set("profile_name", Value(target.profile));
  d.set("name", Value(target.name));
  d.set("target_name", Value(target.name));
  d.set("schema", Value(target.schema));
  d.set("database", Value(target.database));
  d.set("dbname", Value(target.database));
  d.set("type", Value(target.dialect == nullptr ? std::string_view("duckdb") : target.dialect->name()));
  d.set("threads", Value(target.threads));
  return out;
}

std::optional<Value> YamlScope::find(std::string_view name) const {
  if (name == "var") return Value::function("var", [this](Run&, const Args& a) { return var(a); });
  if (name == "doc") return Value::function("doc", [this](Run&, const Args& a) { return doc(a); });
  if (name == "env_var")
    return Value::function("env_var", [this](Run&, const Args& a) {
      return env_var(a, invocation_.environment, project_.environment_read, false);
    });
  if (name == "target") return target_value(target_);
  if (name == "project_name") return Value(project_.name);
  return std::nullopt;
}

std::vector<std::string> YamlScope::names() const { return {"var", "env_var", "target", "doc", "project_name"}; }

Result<Value> YamlScope::var(const Args& args) const {
  MR_TRY(const Bound a, Bound::match("var", args, {"name", "default"}, 1));
  MR_TRY(const std::string name, a.text(0));
  if (const Value* v = var_of(project_, invocation_, package_, name)) return *v;
  if (a.has(1)) return a.value(1);
  return Error{ErrorKind::invalid_input,
               fmt::format("var('{}') is not set and has no default", name),
               fmt::format("add it under vars: in dbt_project.yml, or give --vars '{{{}: …}}'", name),
               {}};
}

Result<Value> YamlScope::doc(const Args& args) const {
  MR_TRY(const Bound a, Bound::match("doc", args, {"package", "name"}, 1));
  MR_TRY(std::string name, a.text(0));
  std::string package;
  if (a.has(1)) {
    package = std::move(name);
    MR_TRY(name, a.text(1));
  }
  const auto in = [&](std::string_view p) { return project_.docs.find(fmt::format("{}.{}", p, name)); };
  if (!package.empty()) {
    if (const auto it = in(package); it != project_.docs.end()) return Value(it->second);
  } else {
    if (const auto it = in(package_); it != project_.docs.end()) return Value(it->second);
    for (const Package& p : project_.packages)
      if (const auto it = in(p.name); it != project_.docs.end()) return Value(it->second);
  }
  std::vector<std::string> known;
  for (const auto& [key, text] : project_.docs) known.push_back(key.substr(key.find('.') + 1));
  const std::string near = nearest(name, known);
  return Error{ErrorKind::not_found,
               fmt::format("doc('{}') is no docs block of the project", name),
               near.empty() ? fmt::format("write {{% docs {} %}}…{{% enddocs %}} in a .md file", name)
                            : fmt::format("did you mean doc('{}')?", near),
               {}};
}

}  // namespace millrace::transform
