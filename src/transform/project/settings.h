#pragma once
/// \file transform/project/settings.h
/// dbt_project.yml, with the keys of old versions and of new ones.

#include <string>
#include <vector>

#include "jinja/scope.h"
#include "transform/project/project.h"

namespace millrace::transform {

/// `text` of the file `shown` (for messages). Config trees, vars and hooks stay unrendered where dbt leaves them so.
/// Errors: invalid_input at its place; unsupported for a require-dbt-version that 1.11 does not fulfil.
Result<Settings> read_settings(std::string_view text, const std::string& shown, const jinja::Scope& scope,
                               std::vector<Warning>& warnings);

/// Does a version of dbt fulfil ">=1.0.0,<2.0.0" or a list of such? Errors: invalid_input for what is no condition.
Result<bool> fulfils(std::string_view version, const std::vector<std::string>& conditions);

/// The behaviour that this engine follows.
inline constexpr std::string_view kDbtVersion = "1.11.14";

}  // namespace millrace::transform
