#pragma once
/// \file jinja/filters.h
/// The filters and tests by name.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/run.h"

namespace millrace::jinja {

/// Errors (not located): invalid_input for an unknown name, with the nearest known one as the hint;
/// unsupported for one of Jinja's that is left out here; else what the filter says.
Result<Value> apply_filter(std::string_view name, Run& run, const Value& subject, const Args& args);
Result<bool> apply_test(std::string_view name, Run& run, const Value& subject, const Args& args);

struct NamedFilter {
  std::string_view name;
  Result<Value> (*apply)(Run& run, const Value& subject, const Args& args);
};
std::span<const NamedFilter> text_filters();
std::span<const NamedFilter> number_filters();
std::span<const NamedFilter> sequence_filters();
std::span<const NamedFilter> selection_filters();

/// attribute="a.b.0": the value found by going down one step after the other.
Result<Value> value_at(const Value& item, const Value& path, Run& run);

}  // namespace millrace::jinja
