#pragma once
/// \file jinja/rendering_for_tests.h
/// Short ways to render in tests. Included by *_test.cc only.

#include <string>
#include <string_view>

#include "jinja/template.h"

namespace millrace::jinja {

/// The rendered text, or "error: " and the message.
inline std::string rendered(std::string_view text, const Scope& globals = MapScope(), const Options& options = {}) {
  const auto parsed = parse(text, "t.sql");
  if (!parsed) return "error: " + parsed.error().message;
  const auto out = render(*parsed, globals, options);
  return out ? *out : "error: " + out.error().message;
}

/// What {{ expression }} prints.
inline std::string printed(std::string_view expression, const Scope& globals = MapScope(),
                           const Options& options = {}) {
  return rendered("{{ " + std::string(expression) + " }}", globals, options);
}

/// The error of parsing or rendering. Aborts if there is none.
inline Error error_of(std::string_view text, const Scope& globals = MapScope(), const Options& options = {}) {
  auto parsed = parse(text, "t.sql");
  if (!parsed) return std::move(parsed).error();
  return render(*parsed, globals, options).error();
}

}  // namespace millrace::jinja
