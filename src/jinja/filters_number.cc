#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/filters.h"
#include "jinja/numbers.h"

namespace millrace::jinja {
namespace {

using Out = Result<Value>;

/// Python's int() and float() of an undefined value name it; a pass that only collects names goes on.
Status need_value(const Value& v) {
  if (!v.is(Kind::undefined) || v.absence().mode == Missing::callable) return ok();
  return Error{ErrorKind::invalid_input, v.absence().message(), {}, {}};
}

Out to_int(Run& /*run*/, const Value& subject, const Args& args) {
  MR_CHECK(need_value(subject));
  MR_TRY(const Bound a, Bound::match("int", args, {"default", "base"}));
  MR_TRY(const std::int64_t base, a.integer(1, 10));
  if (base != 0 && (base < 2 || base > 36))
    return Error{ErrorKind::invalid_input, "int: expected a base of 2 to 36", {}, {}};
  if (subject.is_integral()) return Value(subject.integer());
  std::optional<double> real;
  if (subject.is(Kind::text)) {
    if (const auto whole = read_integer(subject.text(), static_cast<int>(base))) return Value(*whole);
    real = read_real(subject.text());
  } else if (subject.is(Kind::real)) {
    real = subject.real();
  }
  if (!real || std::isnan(*real) || std::isinf(*real)) return a.value(0, Value(0));
  constexpr double kTwo63 = 9223372036854775808.0;
  if (*real >= kTwo63 || *real < -kTwo63)
    return Error{ErrorKind::invalid_input, "int: found a number that needs more than 64 bits", {}, {}};
  return Value(static_cast<std::int64_t>(*real));
}

Out to_float(Run& /*run*/, const Value& subject, const Args& args) {
  MR_CHECK(need_value(subject));
  MR_TRY(const Bound a, Bound::match("float", args, {"default"}));
  if (subject.is_number()) return Value(subject.real());
  if (subject.is(Kind::text))
    if (const auto real = read_real(subject.text())) return Value(*real);
  return a.value(0, Value(0.0));
}

Status need_number(std::string_view filter, const Value& v) {
  if (v.is_number()) return ok();
  if (v.is(Kind::undefined)) return Error{ErrorKind::invalid_input, v.absence().message(), {}, {}};
  return Error{ErrorKind::invalid_input, fmt::format("{}: found {}, expected a number", filter, v.type_name()), {}, {}};
}

Out absolute(Run& /*run*/, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("abs", args, {}));
  MR_CHECK(need_number("abs", subject));
  if (subject.is(Kind::real)) return Value(std::fabs(subject.real()));
  if (subject.integer() == INT64_MIN)
    return Error{ErrorKind::invalid_input, "abs: found a number that needs more than 64 bits", {}, {}};
  return Value(std::abs(subject.integer()));
}

/// Python's round(float, digits): the decimal nearest to the exact binary value.
double rounded(double number, std::int64_t digits) {
  if (!std::isfinite(number) || digits > 300) return number;
  if (digits >= 0) return std::strtod(fmt::format("{:.{}f}", number, digits).c_str(), nullptr);
  if (digits < -300) return 0 * number;
  const double factor = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(number / factor) * factor;
}

Out round(Run& /*run*/, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("round", args, {"precision", "method"}));
  MR_CHECK(need_number("round", subject));
  MR_TRY(const std::int64_t digits, a.integer(0, 0));
  MR_TRY(const std::string method, a.text(1, "common"));
  if (method == "common") {
    if (subject.is_integral() && digits >= 0) return Value(subject.integer());
    const double real = rounded(subject.real(), digits);
    constexpr double kExact = 9007199254740992.0;
    if (!subject.is_integral() || std::fabs(real) > kExact) return Value(real);
    return Value(static_cast<std::int64_t>(real));
  }
  if (method != "ceil" && method != "floor")
    return Error{ErrorKind::invalid_input,
                 fmt::format("round: found the method '{}', expected common, ceil or floor", printable(method, 40)),
                 {},
                 {}};
  if (digits < -300 || digits > 300)
    return Error{ErrorKind::invalid_input, "round: expected a precision up to 300", {}, {}};
  const double factor = std::pow(10.0, static_cast<double>(digits));
  const double scaled = subject.real() * factor;
  return Value((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / factor);
}

/// dbt's as_bool, as_number, as_native: in native rendering the text is read as a Python literal.
enum class As { boolean, number, native };

template <As Wanted>
Out literal(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("as_native", args, {}));
  if (!run.is_native() || !subject.is(Kind::text)) return subject;
  const std::string_view text = stripped(subject.text());
  std::optional<Value> read;
  if (text == "True" || text == "true") read = Value(true);
  if (text == "False" || text == "false") read = Value(false);
  if (text == "None") read = Value();
  if (!read) {
    if (const auto whole = read_integer(text, 10)) {
      read = Value(*whole);
    } else if (const auto real = read_real(text)) {
      read = Value(*real);
    }
  }
  const bool fits =
      read && (Wanted == As::native || (Wanted == As::boolean ? read->is(Kind::boolean) : read->is_number()));
  if (fits) return *read;
  if (Wanted == As::native) return subject;
  return Error{ErrorKind::invalid_input,
               fmt::format("found '{}', expected {}", printable(text, 60),
                           Wanted == As::boolean ? "True or False for as_bool" : "a number for as_number"),
               {},
               {}};
}

Out same(Run& /*run*/, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("as_text", args, {}));
  return subject;
}

}  // namespace

std::span<const NamedFilter> number_filters() {
  static constexpr NamedFilter kFilters[] = {
      {"abs", absolute},
      {"as_bool", literal<As::boolean>},
      {"as_native", literal<As::native>},
      {"as_number", literal<As::number>},
      {"as_text", same},
      {"float", to_float},
      {"int", to_int},
      {"round", round},
  };
  return kFilters;
}

}  // namespace millrace::jinja
