// run_query, statement and load_result: what templates read from the warehouse, as tables.
#include <fmt/format.h>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/print.h"
#include "transform/render/engine.h"

namespace millrace::transform::context {
namespace {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

Value cell(const warehouse::Value& v) {
  return std::visit(
      [](const auto& x) {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::monostate>)
          return Value();
        else
          return Value(x);
      },
      v);
}

/// One column of a result: its name and its cells.
class ResultColumn final : public jinja::Object {
 public:
  ResultColumn(std::string name, std::vector<Value> cells) : name_(std::move(name)), cells_(std::move(cells)) {}
  std::string type_name() const override { return "Column"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "name") return Value(name_);
    if (name == "values" || name == "values_distinct")
      return Value::function("values", [this](Run&, const Args&) -> Result<Value> { return Value::tuple(cells_); });
    return std::nullopt;
  }
  std::optional<Value> item(const Value& key) const override {
    if (!key.is(Kind::integer)) return jinja::Object::item(key);
    const auto i = key.integer() < 0 ? key.integer() + static_cast<std::int64_t>(cells_.size()) : key.integer();
    if (i < 0 || static_cast<std::size_t>(i) >= cells_.size()) return std::nullopt;
    return cells_[static_cast<std::size_t>(i)];
  }
  std::optional<std::vector<Value>> items() const override { return cells_; }

 private:
  std::string name_;
  std::vector<Value> cells_;
};

/// One row: by position and by name.
class ResultRow final : public jinja::Object {
 public:
  ResultRow(std::shared_ptr<const std::vector<std::string>> names, std::vector<Value> cells)
      : names_(std::move(names)), cells_(std::move(cells)) {}
  std::string type_name() const override { return "Row"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "values")
      return Value::function("values", [this](Run&, const Args&) -> Result<Value> { return Value::tuple(cells_); });
    if (name == "keys")
      return Value::function("keys", [this](Run&, const Args&) -> Result<Value> {
        std::vector<Value> keys;
        for (const std::string& n : *names_) keys.emplace_back(n);
        return Value::tuple(std::move(keys));
      });
    return named(name);
  }
  std::optional<Value> item(const Value& key) const override {
    if (key.is(Kind::text)) return named(key.text());
    if (!key.is(Kind::integer)) return std::nullopt;
    const auto i = key.integer() < 0 ? key.integer() + static_cast<std::int64_t>(cells_.size()) : key.integer();
    if (i < 0 || static_cast<std::size_t>(i) >= cells_.size()) return std::nullopt;
    return cells_[static_cast<std::size_t>(i)];
  }
  std::optional<std::vector<Value>> items() const override { return cells_; }

 private:
  [[nodiscard]] std::optional<Value> named(std::string_view name) const {
    for (std::size_t i = 0; i < names_->size(); ++i)
      if ((*names_)[i] == name) return cells_[i];
    for (std::size_t i = 0; i < names_->size(); ++i)
      if (to_lower_ascii((*names_)[i]) == to_lower_ascii(name)) return cells_[i];
    return std::nullopt;
  }
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<Value> cells_;
};

/// The columns of a result: by position, by name, and in a loop.
class ResultColumns final : public jinja::Object {
 public:
  explicit ResultColumns(const warehouse::Rows& rows) : names_(rows.columns) {
    for (std::size_t c = 0; c < rows.columns.size(); ++c) {
      std::vector<Value> cells;
      for (const auto& row : rows.rows) cells.push_back(cell(row[c]));
      columns_.push_back(
          Value(std::shared_ptr<jinja::Object>(std::make_shared<ResultColumn>(rows.columns[c], std::move(cells)))));
    }
  }
  std::string type_name() const override { return "Columns"; }
  std::optional<Value> item(const Value& key) const override {
    if (key.is(Kind::integer)) {
      const auto n = static_cast<std::int64_t>(columns_.size());
      const auto i = key.integer() < 0 ? key.integer() + n : key.integer();
      if (i >= 0 && i < n) return columns_[static_cast<std::size_t>(i)];
    }
    if (key.is(Kind::text))
      for (std::size_t i = 0; i < names_.size(); ++i)
        if (to_lower_ascii(names_[i]) == to_lower_ascii(key.text())) return columns_[i];
    return std::nullopt;
  }
  std::optional<std::vector<Value>> items() const override { return columns_; }

 private:
  std::vector<std::string> names_;
  std::vector<Value> columns_;
};

/// As much of agate's Table as templates use.
class ResultTable final : public jinja::Object {
 public:
  explicit ResultTable(const warehouse::Rows& rows)
      : names_(std::make_shared<const std::vector<std::string>>(rows.columns)),
        columns_(std::make_shared<ResultColumns>(rows)) {
    for (const auto& row : rows.rows) {
      std::vector<Value> cells;
      for (const auto& v : row) cells.push_back(cell(v));
      rows_.push_back(Value(std::shared_ptr<jinja::Object>(std::make_shared<ResultRow>(names_, std::move(cells)))));
    }
  }
  std::string type_name() const override { return "Table"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "rows") return Value::list(rows_);
    if (name == "columns") return Value(std::shared_ptr<jinja::Object>(columns_));
    if (name == "column_names") {
      std::vector<Value> out;
      for (const std::string& n : *names_) out.emplace_back(n);
      return Value::tuple(std::move(out));
    }
    if (name == "print_table")
      return Value::function("print_table", [](Run&, const Args&) -> Result<Value> { return Value(""); });
    return std::nullopt;
  }
  std::optional<std::vector<Value>> items() const override { return rows_; }

 private:
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<Value> rows_;
  std::shared_ptr<ResultColumns> columns_;
};

Value table_of(const warehouse::Rows& rows) {
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<ResultTable>(rows)));
}

Result<Value> asked(const NodeScope& scope, const std::string& sql) {
  Introspection* look = scope.engine().look;
  if (look == nullptr)
    return Error{ErrorKind::unavailable,
                 "the template asks the warehouse, which is not open for this command",
                 "stop the process that has it open, or guard the query with {% if execute %}",
                 {}};
  MR_TRY(const warehouse::Rows rows, look->query(sql));
  return table_of(rows);
}

Result<Value> run_query(const NodeScope& scope, const Args& args) {
  MR_TRY(const Bound a, Bound::match("run_query", args, {"sql"}, 1));
  if (!scope.executes()) return Value();
  MR_TRY(const std::string sql, jinja::to_text(a.value(0)));
  return asked(scope, sql);
}

/// {% call statement('name', fetch_result=True) %} sql {% endcall %}
Result<Value> statement(const NodeScope& scope, Run& run, const Args& args) {
  if (!scope.executes()) return Value("");
  std::string name;
  if (!args.positional.empty() && args.positional[0].is(Kind::text)) name = args.positional[0].text();
  if (const Value* n = args.find("name"); n != nullptr && n->is(Kind::text)) name = n->text();
  const Value* caller = args.find("caller");
  if (caller == nullptr)
    return Error{ErrorKind::invalid_input,
                 "statement() is a call block",
                 "write {% call statement('name', fetch_result=True) %} SQL {% endcall %}",
                 {}};
  MR_TRY(const Value text, run.call(*caller, {}));
  MR_TRY(const std::string sql, jinja::to_text(text));
  MR_TRY(const Value table, asked(scope, sql));
  Value result = Value::dict();
  result.dict_entries().set("table", table);
  result.dict_entries().set("response", Value("OK"));
  std::vector<Value> data;
  if (const auto rows = table.object()->items()) data = *rows;
  result.dict_entries().set("data", Value::list(std::move(data)));
  if (!name.empty()) scope.state().results.insert_or_assign(name, result);
  return Value("");
}

Result<Value> load_result(const NodeScope& scope, const Args& args) {
  MR_TRY(const Bound a, Bound::match("load_result", args, {"name"}, 1));
  MR_TRY(const std::string name, a.text(0));
  const auto it = scope.state().results.find(name);
  return it == scope.state().results.end() ? Value() : it->second;
}

}  // namespace

std::optional<Value> querying(const NodeScope& scope, std::string_view name) {
  if (name == "run_query")
    return Value::function("run_query", [&scope](Run&, const Args& args) { return run_query(scope, args); });
  if (name == "statement")
    return Value::function("statement", [&scope](Run& run, const Args& args) { return statement(scope, run, args); });
  if (name == "load_result")
    return Value::function("load_result", [&scope](Run&, const Args& args) { return load_result(scope, args); });
  return std::nullopt;
}

}  // namespace millrace::transform::context
