#include "transform/render/column_object.h"

#include <algorithm>

#include "base/words.h"

namespace millrace::transform {
namespace {

using jinja::Args;
using jinja::Run;
using jinja::Value;

class ColumnObject final : public jinja::Object {
 public:
  ColumnObject(const Engine& engine, std::string name, std::string type)
      : quoted_(engine.target.dialect->quote(name)), name_(std::move(name)), type_(std::move(type)) {}
  std::string type_name() const override { return "Column"; }
  std::string to_text() const override { return "<Column " + name_ + " (" + type_ + ")>"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "name" || name == "column") return Value(name_);
    if (name == "quoted") return Value(quoted_);
    if (name == "dtype" || name == "data_type") return Value(type_);
    const std::string lower = to_lower_ascii(type_);
    const auto answers = [&](bool yes) {
      return Value::function(std::string(name), [yes](Run&, const Args&) -> Result<Value> { return Value(yes); });
    };
    const auto is_one_of = [&](std::initializer_list<std::string_view> types) {
      return std::any_of(types.begin(), types.end(), [&](std::string_view t) { return lower.starts_with(t); });
    };
    if (name == "is_string") return answers(is_one_of({"text", "varchar", "character", "char", "string"}));
    if (name == "is_number")
      return answers(is_one_of({"int", "bigint", "smallint", "tinyint", "hugeint", "uint", "float", "double", "real",
                                "decimal", "numeric"}));
    if (name == "is_numeric") return answers(is_one_of({"decimal", "numeric"}));
    if (name == "is_float") return answers(is_one_of({"float", "double", "real"}));
    if (name == "is_integer") return answers(is_one_of({"int", "bigint", "smallint", "tinyint", "hugeint", "uint"}));
    return std::nullopt;
  }
  bool equals(const Object& other) const override {
    const auto* o = dynamic_cast<const ColumnObject*>(&other);
    return o != nullptr && o->name_ == name_ && o->type_ == type_;
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string quoted_, name_, type_;
};

}  // namespace

Value column_value(const Engine& engine, std::string name, std::string type) {
  return Value(
      std::shared_ptr<jinja::Object>(std::make_shared<ColumnObject>(engine, std::move(name), std::move(type))));
}

std::string column_name(const Value& value) {
  if (!value.is(jinja::Kind::object)) return {};
  const auto* column = dynamic_cast<const ColumnObject*>(value.object().get());
  return column == nullptr ? std::string() : column->name();
}

}  // namespace millrace::transform
