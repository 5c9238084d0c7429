// `model`, `graph`, `flags`, `run_started_at`: what templates may read of the run.
#include <fmt/format.h>

#include <array>
#include <ctime>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/print.h"
#include "transform/render/engine.h"

namespace millrace::transform::context {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

namespace {

Value texts(const std::vector<std::string>& list) {
  std::vector<Value> out;
  for (const std::string& s : list) out.emplace_back(s);
  return Value::list(std::move(out));
}

Value config_dict(const Node& node) {
  Value out = Value::dict();
  out.dict_entries().set("enabled", Value(!node.disabled));
  out.dict_entries().set("materialized", Value(node.materialized()));
  out.dict_entries().set("tags", Value::list());
  out.dict_entries().set("meta", Value::dict());
  for (const auto& [key, value] : node.config.entries()) out.dict_entries().set(key, value);
  return out;
}

Value columns_dict(const Node& node) {
  Value out = Value::dict();
  for (const Column& c : node.columns) {
    Value column = Value::dict();
    column.dict_entries().set("name", Value(c.name));
    column.dict_entries().set("description", Value(c.description));
    column.dict_entries().set("data_type", c.data_type.empty() ? Value() : Value(c.data_type));
    column.dict_entries().set("meta", c.meta);
    column.dict_entries().set("tags", texts(c.tags));
    out.dict_entries().set(c.name, column);
  }
  return out;
}

Value depends_on(const Project& project, const Node& node) {
  std::vector<Value> nodes;
  for (const NodeId id : node.depends_on) nodes.emplace_back(project.nodes[id].unique_id);
  Value out = Value::dict();
  out.dict_entries().set("nodes", Value::list(std::move(nodes)));
  out.dict_entries().set("macros", texts(node.macros));
  return out;
}

/// A node as dbt's manifest has it; each key is made when it is asked for.
class NodeObject final : public jinja::Object {
 public:
  NodeObject(const Engine& engine, const Node& node) : engine_(engine), node_(node) {}
  std::string type_name() const override { return "node"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (auto v = member(name)) return v;
    if (name == "get")
      return Value::function("get", [this](Run&, const Args& args) -> Result<Value> {
        MR_TRY(const Bound a, Bound::match("get", args, {"key", "default"}, 1));
        MR_TRY(const std::string key, a.text(0));
        auto v = member(key);
        return v ? *std::move(v) : a.value(1);
      });
    return std::nullopt;
  }
  std::optional<Value> item(const Value& key) const override {
    return key.is(Kind::text) ? member(key.text()) : std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<Value> member(std::string_view name) const {
    const Node& n = node_;
    if (name == "name") return Value(n.name);
    if (name == "alias") return Value(n.alias.empty() ? n.name : n.alias);
    if (name == "unique_id") return Value(n.unique_id);
    if (name == "resource_type") return Value(name_of(n.type));
    if (name == "package_name") return Value(n.package);
    if (name == "schema") return Value(n.relation.schema);
    if (name == "database") return Value(n.relation.database);
    if (name == "identifier") return Value(n.relation.identifier);
    if (name == "path") return Value(n.path);
    if (name == "original_file_path") return Value(n.original_path);
    if (name == "fqn") return texts(n.fqn);
    if (name == "config") return config_dict(n);
    if (name == "tags") return texts(n.config.texts("tags"));
    if (name == "description") return Value(n.description);
    if (name == "columns") return columns_dict(n);
    if (name == "raw_code" || name == "raw_sql") return Value(n.raw_code);
    if (name == "compiled_code") return n.compiled ? Value(n.compiled_code) : Value();
    if (name == "depends_on") return depends_on(engine_.project, n);
    if (name == "meta") {
      const Value* meta = n.config.find("meta");
      return meta == nullptr ? Value::dict() : *meta;
    }
    if (name == "version" || name == "latest_version") return Value();
    if (name == "source_name") return n.source ? Value(n.source->source_name) : Value();
    if (name == "unrendered_config") return config_dict(n);
    return std::nullopt;
  }
  const Engine& engine_;
  const Node& node_;
};

/// A moment in UTC as Python's datetime: prints, formats, and knows its parts.
class MomentObject final : public jinja::Object {
 public:
  explicit MomentObject(WallTime at) : at_(at) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
    ::gmtime_r(&seconds, &parts_);
  }
  std::string type_name() const override { return "datetime"; }
  std::string to_text() const override { return to_sql_timestamp(at_) + "+00:00"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "year") return Value(parts_.tm_year + 1900);
    if (name == "month") return Value(parts_.tm_mon + 1);
    if (name == "day") return Value(parts_.tm_mday);
    if (name == "hour") return Value(parts_.tm_hour);
    if (name == "minute") return Value(parts_.tm_min);
    if (name == "second") return Value(parts_.tm_sec);
    const auto text = [](std::string_view method, std::string result) {
      return Value::function(std::string(method), [result = std::move(result)](Run&, const Args&) -> Result<Value> {
        return Value(result);
      });
    };
    if (name == "isoformat") {
      std::string iso = to_sql_timestamp(at_) + "+00:00";
      iso[10] = 'T';
      return text(name, iso);
    }
    if (name == "date") return text(name, to_iso_date(at_));
    if (name == "timestamp")
      return Value::function("timestamp",
                             [seconds = static_cast<double>(at_.time_since_epoch().count()) / 1e6](
                                 Run&, const Args&) -> Result<Value> { return Value(seconds); });
    if (name == "strftime")
      return Value::function("strftime", [this](Run&, const Args& args) { return formatted(args); });
    return std::nullopt;
  }

 private:
  Result<Value> formatted(const Args& args) const {
    MR_TRY(const Bound a, Bound::match("strftime", args, {"format"}, 1));
    MR_TRY(std::string format, a.text(0));
    // %f is Python's: microseconds.
    const std::string micros = fmt::format("{:06}", at_.time_since_epoch().count() % 1'000'000);
    for (auto at = format.find("%f"); at != std::string::npos; at = format.find("%f")) format.replace(at, 2, micros);
    std::array<char, 512> out{};
    const std::size_t n = std::strftime(out.data(), out.size(), format.c_str(), &parts_);
    return Value(std::string(out.data(), n));
  }
  WallTime at_;
  std::tm parts_{};
};

Value sources_and_nodes(const NodeScope& scope, bool sources) {
  Value out = Value::dict();
  if (!scope.executes()) return out;
  for (const Node& n : scope.engine().project.nodes)
    if (!n.disabled && (n.type == ResourceType::source) == sources)
      out.dict_entries().set(n.unique_id, context::node(scope, n));
  return out;
}

/// `graph`: the whole project, made when it is asked for.
class GraphObject final : public jinja::Object {
 public:
  explicit GraphObject(const NodeScope& scope) : scope_(scope) {}
  std::string type_name() const override { return "graph"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "nodes") return sources_and_nodes(scope_, false);
    if (name == "sources") return sources_and_nodes(scope_, true);
    for (const std::string_view kind : {"exposure", "metric", "group", "semantic_model"}) {
      if (name != std::string(kind) + "s") continue;
      Value out = Value::dict();
      for (const Carried& c : scope_.engine().project.carried)
        if (c.kind == kind) out.dict_entries().set(c.unique_id, c.fields);
      return out;
    }
    return std::nullopt;
  }
  bool truthy() const override { return scope_.executes(); }

 private:
  const NodeScope& scope_;
};

/// `modules.datetime` and its kin: a later version's; using them says so.
class UnsupportedModule final : public jinja::Object {
 public:
  explicit UnsupportedModule(std::string name) : name_(std::move(name)) {}
  std::string type_name() const override { return name_; }
  bool callable() const override { return true; }
  std::optional<Value> attribute(std::string_view name) const override {
    return Value(std::shared_ptr<jinja::Object>(std::make_shared<UnsupportedModule>(name_ + "." + std::string(name))));
  }
  Result<Value> call(Run&, const Args&) override {
    return Error{ErrorKind::unsupported,
                 fmt::format("{}() comes with a later version of millrace", name_),
                 "use SQL for it, or run_started_at for the time of the run",
                 {}};
  }

 private:
  std::string name_;
};

}  // namespace

Value node(const NodeScope& scope, const Node& of) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<NodeObject>(scope.engine(), of)));
}

Value graph(const NodeScope& scope) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<GraphObject>(scope)));
}

Value modules() { return Value(std::shared_ptr<jinja::Object>(std::make_shared<UnsupportedModule>("modules"))); }

Value run_started_at(const NodeScope& scope) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<MomentObject>(scope.engine().invocation.started_at)));
}

Value flags(const NodeScope& scope) {
  const Invocation& i = scope.engine().invocation;
  Value out = Value::dict();
  out.dict_entries().set("WHICH", Value(i.command));
  out.dict_entries().set("FULL_REFRESH", Value(i.full_refresh));
  out.dict_entries().set("STORE_FAILURES", Value(false));
  out.dict_entries().set("PRINT", Value(true));
  out.dict_entries().set("FAIL_FAST", Value(false));
  return out;
}

}  // namespace millrace::transform::context
