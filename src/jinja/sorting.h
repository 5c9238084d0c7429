#pragma once
/// \file jinja/sorting.h
/// A stable sort whose comparison may fail, and may be inconsistent: NaN must not break it.

#include <vector>

#include "jinja/meter.h"
#include "jinja/value.h"

namespace millrace::jinja {

/// `items` in the order of `keys`, which has one key per item. `reverse` keeps equal ones in order, as Python does.
/// Errors: invalid_input if two keys have no order, or past the limits.
Result<std::vector<Value>> sorted(const std::vector<Value>& items, const std::vector<Value>& keys, bool reverse,
                                  Meter& meter);

}  // namespace millrace::jinja
