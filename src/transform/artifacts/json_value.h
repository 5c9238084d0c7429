#pragma once
/// \file transform/artifacts/json_value.h
/// Values of templates as JSON.

#include "base/json.h"
#include "jinja/value.h"

namespace millrace::transform {

/// What JSON has no word for (a function, an undefined, a relation) is written as its text.
void write_value(json::Writer& w, const jinja::Value& value);

}  // namespace millrace::transform
