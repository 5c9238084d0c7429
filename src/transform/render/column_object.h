#pragma once
/// \file transform/render/column_object.h
/// A column of a relation in a template.

#include <string>

#include "transform/render/engine.h"

namespace millrace::transform {

jinja::Value column_value(const Engine& engine, std::string name, std::string type);
/// Its name; "" where the value is no column.
std::string column_name(const jinja::Value& value);

}  // namespace millrace::transform
