#include "transform/render/relation_object.h"

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/print.h"

namespace millrace::transform {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

namespace {

bool says_database(const Target& target, const Relation& relation) {
  if (relation.database.empty()) return false;
  return target.print_database || to_lower_ascii(relation.database) != to_lower_ascii(target.database);
}

}  // namespace

std::string printed(const Target& target, const Relation& relation) {
  Relation shown = relation;
  if (!says_database(target, relation)) shown.database.clear();
  return quoted(*target.dialect, shown);
}

RelationObject::RelationObject(const Engine& engine, Relation relation, Shape shape)
    : engine_(&engine), relation_(std::move(relation)), shape_(std::move(shape)) {}

std::string RelationObject::to_text() const {
  if (!shape_.printed_as.empty()) return shape_.printed_as;
  std::string out;
  const auto add = [&](const std::string& part, bool shown) {
    if (!shown || part.empty()) return;
    if (!out.empty()) out += '.';
    out += shape_.quoted ? engine_->target.dialect->quote(part) : part;
  };
  add(relation_.database, shape_.database && says_database(engine_->target, relation_));
  add(relation_.schema, shape_.schema);
  add(relation_.identifier, shape_.identifier);
  return out;
}

Value RelationObject::with(Relation relation, Shape shape) const {
  return Value(std::shared_ptr<jinja::Object>(
      std::make_shared<RelationObject>(*engine_, std::move(relation), std::move(shape))));
}

std::optional<Value> RelationObject::attribute(std::string_view name) const {
  const auto text_or_none = [](const std::string& s) { return s.empty() ? Value() : Value(s); };
  if (name == "database") return text_or_none(relation_.database);
  if (name == "schema") return text_or_none(relation_.schema);
  if (name == "identifier" || name == "name" || name == "table") return text_or_none(relation_.identifier);
  if (name == "type") return text_or_none(shape_.kind);
  if (name == "is_table") return Value(shape_.kind == "table" || shape_.kind == "incremental" || shape_.kind == "seed");
  if (name == "is_view") return Value(shape_.kind == "view");
  if (name == "is_cte") return Value(shape_.kind == "cte");
  return method(name);
}

std::optional<Value> RelationObject::method(std::string_view name) const {
  if (name == "render")
    return Value::function("render", [text = to_text()](Run&, const Args&) -> Result<Value> { return Value(text); });
  if (name == "include" || name == "quote")
    return Value::function(std::string(name),
                           [this, including = name == "include", relation = relation_, shape = shape_](
                               Run&, const Args& args) -> Result<Value> {
                             MR_TRY(const Bound a, Bound::match("include", args, {"database", "schema", "identifier"}));
                             Shape to = shape;
                             if (including) {
                               MR_TRY(to.database, a.flag(0, shape.database));
                               MR_TRY(to.schema, a.flag(1, shape.schema));
                               MR_TRY(to.identifier, a.flag(2, shape.identifier));
                             } else {
                               MR_TRY(to.quoted, a.flag(2, shape.quoted));
                             }
                             return with(relation, to);
                           });
  if (name == "without_identifier" || name == "include_identifier")
    return Value::function(std::string(name), [this](Run&, const Args&) -> Result<Value> {
      Shape to = shape_;
      to.identifier = false;
      return with(relation_, to);
    });
  if (name == "replace_path" || name == "incorporate")
    return Value::function(std::string(name), [this](Run&, const Args& args) -> Result<Value> {
      Relation to = relation_;
      const auto take = [&](std::string_view key, const Value& v) {
        if (!v.is(Kind::text)) return;
        if (key == "database") to.database = v.text();
        if (key == "schema") to.schema = v.text();
        if (key == "identifier") to.identifier = v.text();
      };
      Shape shape = shape_;
      for (const auto& [key, value] : args.named) {
        take(key, value);
        if (key == "type" && value.is(Kind::text)) shape.kind = value.text();
        if (key == "path" && value.is(Kind::dict))
          for (const auto& e : value.dict_entries().entries())
            if (e.key.is(Kind::text)) take(e.key.text(), e.value);
      }
      return with(to, shape);
    });
  if (name == "information_schema")
    return Value::function("information_schema", [this](Run&, const Args& args) -> Result<Value> {
      Shape shape = shape_;
      shape.quoted = false;
      MR_TRY(const Bound a, Bound::match("information_schema", args, {"view"}));
      MR_TRY(const std::string view, a.text(0));
      return with({relation_.database, "information_schema", view}, shape);
    });
  return std::nullopt;
}

bool RelationObject::equals(const Object& other) const {
  const auto* o = dynamic_cast<const RelationObject*>(&other);
  return o != nullptr && o->relation_ == relation_ && o->to_text() == to_text();
}

Value relation_value(const Engine& engine, const Relation& relation, std::string kind) {
  RelationObject::Shape shape;
  shape.kind = std::move(kind);
  return Value(std::shared_ptr<jinja::Object>(std::make_shared<RelationObject>(engine, relation, std::move(shape))));
}

const RelationObject* relation_in(const Value& value) {
  return value.is(Kind::object) ? dynamic_cast<const RelationObject*>(value.object().get()) : nullptr;
}

}  // namespace millrace::transform
