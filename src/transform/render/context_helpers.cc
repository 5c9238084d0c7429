// Functions that need no node: log, exceptions, JSON and YAML, zip and set, adapter and api.
#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "base/words.h"
#include "base/yaml.h"
#include "jinja/arguments.h"
#include "jinja/compare.h"
#include "jinja/print.h"
#include "transform/project/yaml_value.h"
#include "transform/render/column_object.h"
#include "transform/render/engine.h"
#include "transform/render/relation_object.h"

namespace millrace::transform::context {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

namespace {

using Helper = Result<Value> (*)(const NodeScope& scope, Run& run, const Args& args);

Result<Value> log(const NodeScope& scope, Run&, const Args& args) {
  MR_TRY(const Bound a, Bound::match("log", args, {"msg", "info"}, 1));
  MR_TRY(const bool info, a.flag(1, false));
  MR_TRY(const std::string text, jinja::to_text(a.value(0)));
  if (info && scope.executes() && scope.engine().told) scope.engine().told(text, false);
  return Value("");
}

Result<Value> print(const NodeScope& scope, Run&, const Args& args) {
  MR_TRY(const Bound a, Bound::match("print", args, {"msg"}, 1));
  MR_TRY(const std::string text, jinja::to_text(a.value(0)));
  if (scope.executes() && scope.engine().told) scope.engine().told(text, false);
  return Value("");
}

Result<Value> tojson(const NodeScope&, Run& run, const Args& args) {
  MR_TRY(const Bound a, Bound::match("tojson", args, {"value", "default", "sort_keys"}, 1));
  jinja::JsonStyle style;
  MR_TRY(style.sort_keys, a.flag(2, false));
  auto text = jinja::to_json(a.value(0), style, run.meter());
  if (!text && a.has(1)) return a.value(1);
  MR_TRY(std::string json, std::move(text));
  return Value(std::move(json));
}

/// JSON is YAML, but for what neither dbt nor anyone writes.
Result<Value> from_text(const Args& args, std::string_view what) {
  MR_TRY(const Bound a, Bound::match(what, args, {"string", "default"}, 1));
  MR_TRY(const std::string text, a.text(0));
  auto node = yaml::parse(text, what);
  if (!node && a.has(1)) return a.value(1);
  MR_TRY(const yaml::Node read, std::move(node));
  return yaml_value(read);
}
Result<Value> fromjson(const NodeScope&, Run&, const Args& args) { return from_text(args, "fromjson"); }
Result<Value> fromyaml(const NodeScope&, Run&, const Args& args) { return from_text(args, "fromyaml"); }

Result<Value> make_set(const NodeScope&, Run& run, const Args& args) {
  MR_TRY(const Bound a, Bound::match("set", args, {"value", "default"}, 1));
  auto items = jinja::iterate(a.value(0), run.meter());
  if (!items && a.has(1)) return a.value(1);
  MR_TRY(const std::vector<Value> list, std::move(items));
  jinja::Dict seen;
  std::vector<Value> out;
  for (const Value& v : list) {
    MR_TRY(const Value* there, seen.find_key(v));
    if (there != nullptr) continue;
    MR_CHECK(seen.set_key(v, Value(true)));
    out.push_back(v);
  }
  return Value::list(std::move(out));
}

Result<Value> zip(const NodeScope&, Run& run, const Args& args) {
  std::vector<std::vector<Value>> lists;
  for (const Value& v : args.positional) {
    MR_TRY(std::vector<Value> items, jinja::iterate(v, run.meter()));
    lists.push_back(std::move(items));
  }
  std::vector<Value> out;
  for (std::size_t i = 0; !lists.empty(); ++i) {
    std::vector<Value> row;
    for (const auto& list : lists)
      if (i < list.size()) row.push_back(list[i]);
    if (row.size() != lists.size()) break;
    out.push_back(Value::tuple(std::move(row)));
  }
  return Value::list(std::move(out));
}

Result<Value> local_md5(const NodeScope&, Run&, const Args& args) {
  MR_TRY(const Bound a, Bound::match("local_md5", args, {"value"}, 1));
  MR_TRY(const std::string text, a.text(0));
  return Value(md5_hex(text));
}

Result<Value> compiler_error(const NodeScope& scope, Run&, const Args& args) {
  MR_TRY(const Bound a, Bound::match("raise_compiler_error", args, {"msg", "node"}, 1));
  MR_TRY(const std::string text, jinja::to_text(a.value(0)));
  (void)scope;
  return Error{ErrorKind::invalid_input, text, {}, {}};
}

Result<Value> warn(const NodeScope& scope, Run& run, const Args& args) {
  MR_TRY(const Bound a, Bound::match("warn", args, {"msg", "node"}, 1));
  MR_TRY(const std::string text, jinja::to_text(a.value(0)));
  if (scope.engine().told) {
    const std::string at = run.call_site();
    scope.engine().told(at.empty() ? text : at + ": " + text, true);
  }
  return Value("");
}

struct Named {
  std::string_view name;
  Helper call;
};
constexpr std::array<Named, 11> kHelpers{{{"log", log},
                                          {"print", print},
                                          {"tojson", tojson},
                                          {"toyaml", tojson},
                                          {"fromjson", fromjson},
                                          {"fromyaml", fromyaml},
                                          {"set", make_set},
                                          {"set_strict", make_set},
                                          {"zip", zip},
                                          {"zip_strict", zip},
                                          {"local_md5", local_md5}}};
constexpr std::array<Named, 5> kExceptions{{{"raise_compiler_error", compiler_error},
                                            {"raise_parsing_error", compiler_error},
                                            {"raise_not_implemented", compiler_error},
                                            {"raise_database_error", compiler_error},
                                            {"warn", warn}}};

template <std::size_t N>
std::optional<Value> from_table(const std::array<Named, N>& table, const NodeScope& scope, std::string_view name) {
  for (const Named& n : table)
    if (n.name == name)
      return Value::function(std::string(name),
                             [&scope, call = n.call](Run& run, const Args& args) { return call(scope, run, args); });
  return std::nullopt;
}

class Exceptions final : public jinja::Object {
 public:
  explicit Exceptions(const NodeScope& scope) : scope_(scope) {}
  std::string type_name() const override { return "exceptions"; }
  std::optional<Value> attribute(std::string_view name) const override { return from_table(kExceptions, scope_, name); }

 private:
  const NodeScope& scope_;
};

Result<Relation> relation_argument(const NodeScope& scope, const Bound& a) {
  Relation r;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!a.has(i) || a.value(i).is(Kind::none)) continue;
    MR_TRY(std::string text, a.text(i));
    (i == 0 ? r.database : i == 1 ? r.schema : r.identifier) = std::move(text);
  }
  if (r.database.empty()) r.database = scope.engine().target.database;
  return r;
}

Result<Value> get_relation(const NodeScope& scope, const Args& args) {
  MR_TRY(const Bound a, Bound::match("adapter.get_relation", args, {"database", "schema", "identifier"}));
  if (!scope.executes() || scope.engine().look == nullptr) return Value();
  MR_TRY(const Relation r, relation_argument(scope, a));
  MR_TRY(const warehouse::RelationKind kind, scope.engine().look->kind_of(r));
  if (kind == warehouse::RelationKind::none) return Value();
  return relation_value(scope.engine(), r, kind == warehouse::RelationKind::view ? "view" : "table");
}

Result<Value> load_relation(const NodeScope& scope, const Args& args) {
  if (!scope.executes() || scope.engine().look == nullptr || args.positional.empty()) return Value();
  const RelationObject* r = relation_in(args.positional[0]);
  if (r == nullptr) return Value();
  MR_TRY(const warehouse::RelationKind kind, scope.engine().look->kind_of(r->relation()));
  if (kind == warehouse::RelationKind::none) return Value();
  return relation_value(scope.engine(), r->relation(), kind == warehouse::RelationKind::view ? "view" : "table");
}

Result<std::vector<Value>> columns_in(const NodeScope& scope, const Value& of) {
  std::vector<Value> out;
  const RelationObject* r = relation_in(of);
  if (r == nullptr || !scope.executes() || scope.engine().look == nullptr) return out;
  MR_TRY(const auto columns, scope.engine().look->columns_of(r->relation()));
  for (const auto& [name, type] : columns) out.push_back(column_value(scope.engine(), name, type));
  return out;
}

Result<Value> get_columns(const NodeScope& scope, const Args& args) {
  MR_TRY(const Bound a, Bound::match("get_columns_in_relation", args, {"relation"}, 1));
  MR_TRY(std::vector<Value> columns, columns_in(scope, a.value(0)));
  return Value::list(std::move(columns));
}

Result<Value> get_missing_columns(const NodeScope& scope, const Args& args) {
  MR_TRY(const Bound a, Bound::match("get_missing_columns", args, {"from_relation", "to_relation"}, 2));
  MR_TRY(const std::vector<Value> from, columns_in(scope, a.value(0)));
  MR_TRY(const std::vector<Value> to, columns_in(scope, a.value(1)));
  std::vector<Value> out;
  for (const Value& c : from)
    if (std::none_of(to.begin(), to.end(), [&](const Value& o) { return column_name(o) == column_name(c); }))
      out.push_back(c);
  return Value::list(std::move(out));
}

class Adapter final : public jinja::Object {
 public:
  explicit Adapter(const NodeScope& scope) : scope_(scope) {}
  std::string type_name() const override { return "adapter"; }
  std::optional<Value> attribute(std::string_view name) const override {
    const NodeScope& scope = scope_;
    const auto method = [&](Result<Value> (*function)(const NodeScope&, const Args&)) {
      return Value::function(std::string(name),
                             [&scope, function](Run&, const Args& args) { return function(scope, args); });
    };
    if (name == "dispatch")
      return method([](const NodeScope& s, const Args& args) -> Result<Value> {
        MR_TRY(const Bound a, Bound::match("adapter.dispatch", args, {"macro_name", "macro_namespace", "packages"}, 1));
        MR_TRY(const std::string macro, a.text(0));
        std::string space;
        if (a.has(1) && !a.value(1).is(Kind::none)) {
          MR_TRY(space, a.text(1));
        }
        return dispatch(s, macro, space);
      });
    if (name == "type")
      return method(
          [](const NodeScope& s, const Args&) -> Result<Value> { return Value(s.engine().target.dialect->name()); });
    if (name == "quote" || name == "quote_as_configured")
      return method([](const NodeScope& s, const Args& args) -> Result<Value> {
        MR_TRY(const Bound a, Bound::match("adapter.quote", args, {"identifier", "quote_key"}, 1));
        MR_TRY(const std::string text, jinja::to_text(a.value(0)));
        return Value(s.engine().target.dialect->quote(text));
      });
    if (name == "get_relation") return method(get_relation);
    if (name == "get_columns_in_relation") return method(get_columns);
    if (name == "get_missing_columns") return method(get_missing_columns);
    if (name == "check_schema_exists")
      return method([](const NodeScope& s, const Args&) -> Result<Value> { return Value(s.executes()); });
    return std::nullopt;
  }

 private:
  const NodeScope& scope_;
};

/// api.Relation and api.Column.
class Api final : public jinja::Object {
 public:
  Api(const NodeScope& scope, std::string part) : scope_(scope), part_(std::move(part)) {}
  std::string type_name() const override { return part_; }
  bool callable() const override { return part_ == "api.Column"; }
  Result<Value> call(Run&, const Args& args) override { return make_column(args); }
  std::optional<Value> attribute(std::string_view name) const override {
    const NodeScope& scope = scope_;
    if (part_ == "api" && (name == "Relation" || name == "Column"))
      return Value(std::shared_ptr<jinja::Object>(std::make_shared<Api>(scope, "api." + std::string(name))));
    if (part_ == "api.Relation" && name == "create")
      return Value::function("create", [&scope](Run&, const Args& args) -> Result<Value> {
        MR_TRY(const Bound a, Bound::match("api.Relation.create", args, {"database", "schema", "identifier", "type"}));
        MR_TRY(const Relation r, relation_argument(scope, a));
        std::string kind;
        if (a.has(3) && a.value(3).is(Kind::text)) kind = a.value(3).text();
        return relation_value(scope.engine(), r, kind);
      });
    if (part_ == "api.Column" && name == "create")
      return Value::function("create", [this](Run&, const Args& args) { return make_column(args); });
    if (part_ == "api.Column" && name == "translate_type")
      return Value::function("translate_type", [](Run&, const Args& args) -> Result<Value> {
        MR_TRY(const Bound a, Bound::match("translate_type", args, {"dtype"}, 1));
        MR_TRY(const std::string type, a.text(0));
        const std::string lower = to_lower_ascii(type);
        if (lower == "string") return Value("TEXT");
        return Value(lower == "timestamp" ? "TIMESTAMP"
                     : lower == "float"   ? "FLOAT"
                     : lower == "integer" ? "INT"
                                          : type);
      });
    return std::nullopt;
  }

 private:
  Result<Value> make_column(const Args& args) const {
    MR_TRY(const Bound a, Bound::match("api.Column", args, {"column", "dtype", "char_size"}, 2));
    MR_TRY(const std::string name, a.text(0));
    MR_TRY(const std::string type, a.text(1));
    return column_value(scope_.engine(), name, type);
  }
  const NodeScope& scope_;
  std::string part_;
};

}  // namespace

std::optional<Value> helper(const NodeScope& scope, std::string_view name) {
  if (name == "load_relation")
    return Value::function("load_relation", [&scope](Run&, const Args& args) { return load_relation(scope, args); });
  if (name == "get_columns_in_relation")
    return Value::function("get_columns_in_relation", [&scope](Run&, const Args& a) { return get_columns(scope, a); });
  return from_table(kHelpers, scope, name);
}

Value exceptions(const NodeScope& scope) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<Exceptions>(scope)));
}
Value adapter(const NodeScope& scope) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<Adapter>(scope)));
}
Value api(const NodeScope& scope) { return Value(std::shared_ptr<jinja::Object>(std::make_shared<Api>(scope, "api"))); }

}  // namespace millrace::transform::context
