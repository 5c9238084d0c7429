#pragma once
/// \file jinja/operations.h
/// What operators, dots and brackets do to values. Errors are not located.

#include <string_view>

#include "jinja/ast_expr.h"
#include "jinja/run.h"

namespace millrace::jinja {

/// Errors: invalid_input for types that do not fit, division by zero, integers beyond 64 bits.
Result<Value> binary(BinaryOp op, const Value& a, const Value& b, Run& run);
Result<Value> unary(UnaryOp op, const Value& v);
/// One link of a comparison chain. Errors: invalid_input for values without order.
Result<bool> compare(CompareOp op, const Value& a, const Value& b, Meter& meter);

/// object.name: methods first, then keys. Absent: undefined, of the run's mode.
/// Errors: invalid_input on a strict undefined.
Result<Value> attribute_of(const Value& object, std::string_view name, Run& run);
/// object[key]. Absent or out of range: undefined. Errors: invalid_input on a strict undefined.
Result<Value> item_of(const Value& object, const Value& key, Run& run);
/// object[from:to:step]; none where a bound is left out.
/// Errors: invalid_input for what has no slices, and for bounds that are no integers.
Result<Value> slice_of(const Value& object, const Value& from, const Value& to, const Value& step, Run& run);

/// text % values. Errors: invalid_input if they do not fit together.
Result<std::string> percent_format(std::string_view format, const Value& values, Meter& meter);
/// text.format(...). Errors: as above.
Result<std::string> brace_format(std::string_view format, const Args& args, Run& run);

}  // namespace millrace::jinja
