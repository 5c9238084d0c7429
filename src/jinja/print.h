#pragma once
/// \file jinja/print.h
/// Values as text: Python's str() and repr(), and JSON.

#include <string>

#include "jinja/meter.h"
#include "jinja/value.h"

namespace millrace::jinja {

/// str(v): what {{ v }} prints. '' for undefined.
/// Errors: invalid_input for a strict undefined, or where the text passes the limits.
Result<std::string> to_text(const Value& v, Meter& meter);
/// repr(v): how v looks inside a printed list; texts are quoted. Errors: as to_text.
Result<std::string> to_repr(const Value& v, Meter& meter);
/// to_text under default limits, for host code outside of a rendering.
Result<std::string> to_text(const Value& v);

std::string float_text(double number);      ///< repr(float): "3.5", "1e+20", "2.0", "inf"
std::string quoted(std::string_view text);  ///< repr(str): 'a', "it's", 'tab\t'

struct JsonStyle {
  bool sort_keys = false;
  bool html_safe = false;  ///< < > & ' as \u003c..., as the filter `tojson` writes them
  int indent = -1;         ///< negative: all on one line, with ", " and ": " between
};
/// json.dumps(v). Errors: invalid_input if v holds something JSON cannot (a function, an undefined).
Result<std::string> to_json(const Value& v, const JsonStyle& style, Meter& meter);

}  // namespace millrace::jinja
