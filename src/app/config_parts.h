#pragma once
/// \file app/config_parts.h
/// What the readers of millrace.yaml's sections share.

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/yaml.h"

namespace millrace::app {

/// invalid_input at the key's place, or at the mapping's where the key is absent.
Error wrong(const yaml::Fields& f, std::string_view key, std::string_view message, std::string hint = {});

/// A section that may be absent: then a reader of an empty mapping, so that defaults apply.
Result<yaml::Fields> section(yaml::Fields& f, std::string_view key);

/// "300ms". Errors: invalid_input at the key's place.
Result<std::chrono::milliseconds> duration(yaml::Fields& f, std::string_view key, std::string_view otherwise);
/// "64MiB". Errors: invalid_input at the key's place.
Result<std::uint64_t> bytes(yaml::Fields& f, std::string_view key, std::string_view otherwise);

}  // namespace millrace::app
