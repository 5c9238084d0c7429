#pragma once
/// \file jinja/run.h
/// One rendering: its limits, its globals, and the way for host code to call back into the template.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/meter.h"
#include "jinja/scope.h"
#include "jinja/source.h"
#include "jinja/value.h"

namespace millrace::jinja {

struct Options {
  Limits limits = {};
  Missing missing = Missing::permissive;  ///< what an unknown name becomes
  std::function<std::uint64_t()> random;  ///< for the filter `random`; empty: that filter is refused
};

/// Made by render(), render_native(), evaluate() and call_macro(); host functions get it as an argument.
/// Threads: one thread at a time.
class Run {
 public:
  Run(const Scope& globals, const Options& options) : options_(options), meter_(options.limits), globals_(&globals) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Calls a macro, function, method or callable object.
  /// Errors: invalid_input if it cannot be called; else what the callee returns.
  Result<Value> call(const Value& callee, const Args& args);
  /// An undefined value of this run's mode.
  [[nodiscard]] Value missing(std::string_view name, std::string_view owner = {}) const;
  [[nodiscard]] Meter& meter() { return meter_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Scope& globals() const { return *globals_; }
  /// In native rendering the filters as_bool, as_number and as_native convert; otherwise they do nothing.
  [[nodiscard]] bool is_native() const { return is_native_; }
  void make_native() { is_native_ = true; }
  /// "orders.sql:3:7", the call being evaluated; empty outside of one. For host functions that warn.
  [[nodiscard]] std::string call_site() const;

 private:
  friend class Evaluator;
  friend Result<Value> unwind_macro(Run& run, const Args& args);

  struct Site {
    const Source* source = nullptr;  // borrows; the template lives as long as the call
    std::uint32_t offset = 0;
  };
  [[nodiscard]] Error located(const Source& source, std::uint32_t offset, Error error);

  Options options_;
  Meter meter_;
  const Scope* globals_;  // borrows; outlives us
  bool is_native_ = false;
  Site site_;
  std::size_t macro_depth_ = 0;
  std::optional<Value> returning_;  // set while return(x) unwinds its macro
  std::string located_message_;     // of the last error that got its place, so that it gets only one
};

/// The built-in functions: range, dict, namespace, return. Absent: no such function.
[[nodiscard]] std::optional<Value> builtin(std::string_view name);
[[nodiscard]] std::vector<std::string> builtin_names();

}  // namespace millrace::jinja
