#include "transform/render/generic_tests.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/print.h"
#include "transform/render/relation_object.h"

namespace millrace::transform {
namespace {

using jinja::Args;
using jinja::Kind;
using jinja::Value;

bool is_builtin(const GenericTest& t) {
  return t.name_space.empty() &&
         (t.name == "unique" || t.name == "not_null" || t.name == "accepted_values" || t.name == "relationships");
}

/// "ref('orders')" without braces, as YAML has it: dbt takes it for Jinja.
bool looks_like_call(std::string_view text) {
  text = trimmed(text);
  if (!text.ends_with(')')) return false;
  for (const std::string_view function : {"ref", "source", "var", "env_var", "doc"})
    if (text.starts_with(function) && trimmed(text.substr(function.size())).starts_with('(')) return true;
  return false;
}

bool has_braces(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos;
}

/// An argument as the macro gets it: texts with Jinja are rendered, with the type of what they say.
Result<Value> rendered(const NodeScope& scope, const Value& v) {
  const std::string where = scope.node()->declared.where();
  if (v.is(Kind::text)) {
    if (looks_like_call(v.text())) return jinja::evaluate(v.text(), scope, scope.options(), where);
    if (!has_braces(v.text())) return v;
    MR_TRY(const jinja::Template parsed, jinja::parse(v.text(), where));
    return jinja::render_native(parsed, scope, scope.options());
  }
  if (v.is(Kind::list)) {
    std::vector<Value> out;
    for (const Value& item : v.items()) {
      MR_TRY(Value r, rendered(scope, item));
      out.push_back(std::move(r));
    }
    return Value::list(std::move(out));
  }
  if (v.is(Kind::dict)) {
    Value out = Value::dict();
    for (const auto& e : v.dict_entries().entries()) {
      MR_TRY(Value r, rendered(scope, e.value));
      MR_CHECK(out.dict_entries().set_key(e.key, std::move(r)));
    }
    return out;
  }
  return v;
}

/// The relation under test, or the part of it that `where` leaves.
Value tested(const NodeScope& scope) {
  const Node& node = *scope.node();
  Engine& engine = scope.engine();
  const Node& about = engine.project.nodes[node.generic->about];
  Args args;
  const auto call = about.source ? context::source(scope) : context::ref(scope);
  if (about.source)
    args.positional = {Value(about.source->source_name), Value(about.name)};
  else
    args.positional = {Value(about.package), Value(about.name)};
  auto relation = jinja::call_macro(call, args, scope, scope.options());
  const Value r = relation ? *std::move(relation) : relation_value(engine, about.relation, about.materialized());
  const auto where = node.config.optional_text("where");
  if (!where) return r;
  const auto text = jinja::to_text(r);
  return Value(fmt::format("(select * from {} where {}) dbt_subquery", text ? *text : about.relation.text(), *where));
}

/// Where the test's macro is looked for; empty: nobody defines it.
std::optional<Value> test_macro(const NodeScope& scope, const GenericTest& t) {
  const std::string name = "test_" + t.name;
  if (!t.name_space.empty()) return find_macro_in(scope, t.name_space, name);
  return find_macro(scope, name);
}

Error unknown_test(const NodeScope& scope, const Node& node) {
  const GenericTest& t = *node.generic;
  std::vector<std::string> known{"unique", "not_null", "accepted_values", "relationships"};
  for (const Macro& m : scope.engine().project.macros)
    if (m.name.starts_with("test_") &&
        (t.name_space.empty() ? m.package == node.package || m.package == scope.engine().project.name
                              : m.package == t.name_space))
      known.push_back(m.name.substr(5));
  const std::string full = t.name_space.empty() ? t.name : t.name_space + "." + t.name;
  const std::string near = nearest(t.name, known);
  const bool no_package = !t.name_space.empty() && scope.engine().project.package(t.name_space) == nullptr;
  return {ErrorKind::not_found,
          no_package ? fmt::format("{}: the test {} is of a package that is not there", node.declared.where(), full)
                     : fmt::format("{}: there is no test \"{}\"", node.declared.where(), full),
          no_package     ? fmt::format("copy the package into dbt_packages/{}", t.name_space)
          : near.empty() ? fmt::format("write {{% test {}(model, column_name) %}} in tests/generic/ or macros/", t.name)
                         : fmt::format("did you mean {}?", near),
          {}};
}

Result<Args> macro_arguments(const NodeScope& scope) {
  Args args;
  for (const auto& e : scope.node()->generic->kwargs.dict_entries().entries()) {
    const std::string& name = e.key.text();
    if (name == "model") {
      args.named.emplace_back(name, tested(scope));
      continue;
    }
    MR_TRY(Value v, rendered(scope, e.value));
    args.named.emplace_back(name, std::move(v));
  }
  return args;
}

Result<std::string> argument(const NodeScope& scope, std::string_view name) {
  const Value* v = scope.node()->generic->kwargs.dict_entries().find(name);
  if (v == nullptr)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: {} needs {}", scope.node()->declared.where(), scope.node()->generic->name, name),
                 "give it under arguments:, or beside the test's name",
                 {}};
  MR_TRY(const Value r, rendered(scope, *v));
  return jinja::to_text(r);
}

Result<std::string> accepted_values(const NodeScope& scope, const std::string& model, const std::string& column) {
  const jinja::Dict& kwargs = scope.node()->generic->kwargs.dict_entries();
  MR_TRY(const Value values, rendered(scope, *kwargs.find("values")));
  if (!values.is(Kind::list))
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: accepted_values: values is no list", scope.node()->declared.where()),
                 "write values: [a, b]",
                 {}};
  const Value* quote = kwargs.find("quote");
  const bool quoted = quote == nullptr || !quote->is(Kind::boolean) || quote->boolean();
  std::vector<std::string> list;
  for (const Value& v : values.items()) {
    MR_TRY(const std::string text, jinja::to_text(v));
    list.push_back(quoted ? scope.engine().target.dialect->literal(text) : text);
  }
  return fmt::format(
      "with all_values as (\n\n    select\n        {0} as value_field,\n        count(*) as n_records\n\n    from {1}\n"
      "    group by {0}\n\n)\n\nselect *\nfrom all_values\nwhere value_field not in (\n    {2}\n)",
      column, model, join(list, ","));
}

Result<std::string> builtin_query(const NodeScope& scope) {
  const GenericTest& t = *scope.node()->generic;
  MR_TRY(const std::string model, jinja::to_text(tested(scope)));
  MR_TRY(const std::string column, argument(scope, "column_name"));
  // Whole rows, where dbt takes the column alone: a person looks at them.
  if (t.name == "not_null") return fmt::format("select *\nfrom {}\nwhere {} is null", model, column);
  if (t.name == "unique")
    return fmt::format(
        "select\n    {0} as unique_field,\n    count(*) as n_records\n\nfrom {1}\nwhere {0} is not null\n"
        "group by {0}\nhaving count(*) > 1",
        column, model);
  if (t.name == "accepted_values") return accepted_values(scope, model, column);
  MR_TRY(const std::string to, argument(scope, "to"));
  MR_TRY(const std::string field, argument(scope, "field"));
  return fmt::format(
      "with child as (\n    select {0} as from_field\n    from {1}\n    where {0} is not null\n),\n\nparent as (\n"
      "    select {2} as to_field\n    from {3}\n)\n\nselect\n    from_field\n\nfrom child\nleft join parent\n"
      "    on child.from_field = parent.to_field\n\nwhere parent.to_field is null",
      column, model, field, to);
}

}  // namespace

Status learn_generic_test(Engine& engine, Node& node) {
  const NodeScope scope(engine, Phase::learn, &node);
  const GenericTest& t = *node.generic;
  const Node& about = engine.project.nodes[t.about];
  if (about.source)
    node.sources.push_back({about.source->source_name, about.name});
  else
    node.refs.push_back({about.package == engine.project.name ? "" : about.package, about.name, ""});
  const auto macro = test_macro(scope, t);
  if (!macro && !is_builtin(t)) return unknown_test(scope, node);
  if (macro) {
    MR_TRY(const Args args, macro_arguments(scope));
    auto learnt = jinja::call_macro(*macro, args, scope, scope.options());
    return learnt ? ok() : Status(std::move(learnt).error().within("in the test " + node.declared.where()));
  }
  if (t.name != "relationships") return ok();
  auto to = argument(scope, "to");
  return to ? ok() : Status(std::move(to).error());
}

Result<std::string> generic_test_query(const NodeScope& scope) {
  const auto macro = test_macro(scope, *scope.node()->generic);
  if (!macro) return builtin_query(scope);
  MR_TRY(const Args args, macro_arguments(scope));
  auto value = jinja::call_macro(*macro, args, scope, scope.options());
  if (!value) return std::move(value).error().within("in the test " + scope.node()->declared.where());
  return jinja::to_text(*value);
}

}  // namespace millrace::transform
