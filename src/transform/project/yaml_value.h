#pragma once
/// \file transform/project/yaml_value.h
/// YAML as dbt reads it: typed by YAML 1.1 (PyYAML's safe loader), merge keys, Jinja in texts.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/yaml.h"
#include "jinja/scope.h"
#include "jinja/value.h"

namespace millrace::transform {

/// A plain scalar by YAML 1.1: yes/no/on/off/true/false, 0o and 010 octal, 0x, 1_000, 1e3 as text, .inf, ~,
/// sexagesimals; a date stays text that prints like Python's date. Quoted and block scalars are text.
jinja::Value scalar_value(const yaml::Node& node);

/// Any node; `<<` merges what the mapping does not say itself. Mappings keep the order of the file.
jinja::Value yaml_value(const yaml::Node& node);

/// The value with every text rendered natively (a text that is one {{ expression }} keeps the type of its value, and
/// texts that look like numbers or booleans become those only where they were rendered).
/// Errors: those of the templates, at file:line:column of the node.
Result<jinja::Value> rendered_value(const yaml::Node& node, const yaml::Place& place, const jinja::Scope& scope);

}  // namespace millrace::transform
