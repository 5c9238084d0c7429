#pragma once
/// \file transform/render/relation_object.h
/// A table or view in a template: prints as SQL, and its parts can be asked for.

#include <memory>
#include <string>

#include "transform/render/engine.h"

namespace millrace::transform {

/// Threads: never changes.
class RelationObject final : public jinja::Object {
 public:
  /// Which of its parts are printed, and what it is.
  struct Shape {
    bool database = true, schema = true, identifier = true;
    bool quoted = true;
    std::string kind;        ///< "table", "view", "cte"; "" where nobody knows
    std::string printed_as;  ///< instead of the name: a CTE, a file that DuckDB reads; "" for the name
  };
  RelationObject(const Engine& engine, Relation relation, Shape shape);

  [[nodiscard]] std::string type_name() const override { return "Relation"; }
  [[nodiscard]] std::string to_text() const override;
  [[nodiscard]] std::optional<jinja::Value> attribute(std::string_view name) const override;
  [[nodiscard]] bool equals(const Object& other) const override;
  [[nodiscard]] const Relation& relation() const { return relation_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }

 private:
  [[nodiscard]] jinja::Value with(Relation relation, Shape shape) const;
  [[nodiscard]] std::optional<jinja::Value> method(std::string_view name) const;
  const Engine* engine_;  // borrows; outlives every rendering
  Relation relation_;
  Shape shape_;
};

/// A relation that is printed with all parts that names have here.
jinja::Value relation_value(const Engine& engine, const Relation& relation, std::string kind = {});
/// The relation inside of a value; null where it is none.
const RelationObject* relation_in(const jinja::Value& value);
/// How the target writes the name: its own database is left out where names do not say it.
std::string printed(const Target& target, const Relation& relation);

}  // namespace millrace::transform
