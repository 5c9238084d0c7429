#pragma once
/// \file jinja/compare.h
/// Truth, equality, order and membership of values, as Python has them.

#include <cstdint>

#include "jinja/meter.h"
#include "jinja/value.h"

namespace millrace::jinja {

enum class Order : std::uint8_t { less, equal, greater, unordered };

/// Exact, also between an int and a float; unordered if one is NaN. Requires: both are numbers.
Order compare_numbers(const Value& a, const Value& b);

/// Errors: invalid_input for a strict undefined.
Result<bool> truth(const Value& v);
/// Never an error for mixed types. Errors: invalid_input for a strict undefined, or past the limits.
Result<bool> equal(const Value& a, const Value& b, Meter& meter);
/// Errors: invalid_input if the types have no order, as 1 < 'a'.
Result<Order> order(const Value& a, const Value& b, Meter& meter);
/// `item in container`. Errors: invalid_input if the container cannot be searched.
Result<bool> contains(const Value& container, const Value& item, Meter& meter);

/// What a loop over `v` sees: items, keys, the characters of a text; nothing for undefined.
/// Errors: invalid_input if it cannot be looped over.
Result<std::vector<Value>> iterate(const Value& v, Meter& meter);
/// len(v). Errors: invalid_input if it has no length.
Result<std::int64_t> length(const Value& v);

/// Is the container `target` part of `v`? Then putting `v` into `target` would make a cycle.
Result<bool> reaches(const Value& v, const void* target, Meter& meter);

/// The error of using a strict undefined, or ok for everything else.
Status need_defined(const Value& v);

}  // namespace millrace::jinja
