#include "jinja/operations.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/methods.h"

namespace millrace::jinja {
namespace {

constexpr std::array<std::string_view, 7> kSigns{"+", "-", "*", "/", "//", "%", "**"};

std::string_view sign_of(BinaryOp op) { return kSigns[static_cast<std::size_t>(op)]; }

Error no_operator(BinaryOp op, const Value& a, const Value& b) {
  const bool with_text = op == BinaryOp::add && (a.is(Kind::text) || b.is(Kind::text));
  return {ErrorKind::invalid_input,
          fmt::format("found {} {} {}, which have no such operator", a.type_name(), sign_of(op), b.type_name()),
          with_text ? "join texts and numbers with ~" : "",
          {}};
}

Error overflow(BinaryOp op, std::int64_t a, std::int64_t b) {
  return {
      ErrorKind::invalid_input, fmt::format("{} {} {} needs more than 64 bits", a, sign_of(op), b), "use a float", {}};
}

Error division_by_zero() { return {ErrorKind::invalid_input, "found a division by zero", {}, {}}; }

Result<Value> integer_power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return division_by_zero();
    return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  std::int64_t result = 1, square = base;
  for (std::int64_t left = exponent;;) {
    if (left % 2 == 1 && __builtin_mul_overflow(result, square, &result))
      return overflow(BinaryOp::power, base, exponent);
    left /= 2;
    if (left == 0) return Value(result);
    if (__builtin_mul_overflow(square, square, &square)) return overflow(BinaryOp::power, base, exponent);
  }
}

Result<Value> integers(BinaryOp op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool too_large = false;
  switch (op) {
    case BinaryOp::add: too_large = __builtin_add_overflow(a, b, &out); break;
    case BinaryOp::subtract: too_large = __builtin_sub_overflow(a, b, &out); break;
    case BinaryOp::multiply: too_large = __builtin_mul_overflow(a, b, &out); break;
    case BinaryOp::divide:
      if (b == 0) return division_by_zero();
      return Value(static_cast<double>(a) / static_cast<double>(b));
    case BinaryOp::floor_divide:
      if (b == 0) return division_by_zero();
      if (b == -1) return integers(BinaryOp::subtract, 0, a);
      out = a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
      break;
    case BinaryOp::modulo:
      if (b == 0) return division_by_zero();
      if (b == -1) return Value(0);
      out = a % b;
      if (out != 0 && (out < 0) != (b < 0)) out += b;
      break;
    case BinaryOp::power: return integer_power(a, b);
  }
  if (too_large) return overflow(op, a, b);
  return Value(out);
}

Result<Value> reals(BinaryOp op, double a, double b) {
  const bool divides = op == BinaryOp::divide || op == BinaryOp::floor_divide || op == BinaryOp::modulo;
  if (divides && b == 0) return division_by_zero();
  switch (op) {
    case BinaryOp::add: return Value(a + b);
    case BinaryOp::subtract: return Value(a - b);
    case BinaryOp::multiply: return Value(a * b);
    case BinaryOp::divide: return Value(a / b);
    case BinaryOp::floor_divide: return Value(std::floor(a / b));
    case BinaryOp::modulo: {
      const double rest = std::fmod(a, b);
      return Value(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
    }
    case BinaryOp::power:
      if (a == 0 && b < 0) return division_by_zero();
      if (a < 0 && b != std::trunc(b))
        return Error{ErrorKind::invalid_input, "found a root of a negative number", {}, {}};
      return Value(std::pow(a, b));
  }
  return Value();
}

bool is_row(const Value& v) { return v.is(Kind::list) || v.is(Kind::tuple); }

Result<Value> repeated(const Value& v, std::int64_t times, Meter& meter) {
  const auto n = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  const std::size_t size = v.is(Kind::text) ? v.text().size() : v.items().size();
  std::size_t total = 0;
  if (__builtin_mul_overflow(size, n, &total)) total = SIZE_MAX / 2;
  if (v.is(Kind::text)) {
    MR_CHECK(meter.spend_text(total));
    std::string out;
    if (total == 0) return Value(std::move(out));
    out.reserve(total);
    for (std::size_t i = 0; i < n; ++i) out += v.text();
    return Value(std::move(out));
  }
  MR_CHECK(meter.spend(total));
  std::vector<Value> out;
  if (total != 0) out.reserve(total);
  for (std::size_t i = 0; total != 0 && i < n; ++i) out.insert(out.end(), v.items().begin(), v.items().end());
  return v.is(Kind::tuple) ? Value::tuple(std::move(out)) : Value::list(std::move(out));
}

Result<Value> joined(const Value& a, const Value& b, Meter& meter) {
  if (a.is(Kind::text)) {
    MR_CHECK(meter.spend_text(a.text().size() + b.text().size()));
    return Value(a.text() + b.text());
  }
  MR_CHECK(meter.spend(a.items().size() + b.items().size()));
  std::vector<Value> out = a.items();
  out.insert(out.end(), b.items().begin(), b.items().end());
  return a.is(Kind::tuple) ? Value::tuple(std::move(out)) : Value::list(std::move(out));
}

Error of_undefined(const Value& v) { return {ErrorKind::invalid_input, v.absence().message(), {}, {}}; }

}  // namespace

Result<Value> binary(BinaryOp op, const Value& a, const Value& b, Run& run) {
  if (a.is(Kind::undefined)) return of_undefined(a);
  if (op == BinaryOp::modulo && a.is(Kind::text)) {
    MR_TRY(std::string text, percent_format(a.text(), b, run.meter()));
    return Value(std::move(text));
  }
  if (b.is(Kind::undefined)) return of_undefined(b);
  if (a.is_integral() && b.is_integral()) return integers(op, a.integer(), b.integer());
  if (a.is_number() && b.is_number()) return reals(op, a.real(), b.real());
  const auto repeats = [](const Value& v) { return v.is(Kind::text) || is_row(v); };
  if (op == BinaryOp::multiply && repeats(a) && b.is_integral()) return repeated(a, b.integer(), run.meter());
  if (op == BinaryOp::multiply && repeats(b) && a.is_integral()) return repeated(b, a.integer(), run.meter());
  if (op == BinaryOp::add && a.kind() == b.kind() && repeats(a)) return joined(a, b, run.meter());
  return no_operator(op, a, b);
}

Result<Value> unary(UnaryOp op, const Value& v) {
  if (v.is(Kind::undefined)) return of_undefined(v);
  if (!v.is_number())
    return Error{
        ErrorKind::invalid_input, fmt::format("found {} after a sign, expected a number", v.type_name()), {}, {}};
  if (v.is(Kind::real)) return Value(op == UnaryOp::negate ? -v.real() : v.real());
  return integers(op == UnaryOp::negate ? BinaryOp::subtract : BinaryOp::add, 0, v.integer());
}

Result<bool> compare(CompareOp op, const Value& a, const Value& b, Meter& meter) {
  switch (op) {
    case CompareOp::equal: return equal(a, b, meter);
    case CompareOp::in: return contains(b, a, meter);
    case CompareOp::not_equal:
    case CompareOp::not_in: {
      MR_TRY(const bool holds, op == CompareOp::not_in ? contains(b, a, meter) : equal(a, b, meter));
      return !holds;
    }
    default: break;
  }
  if (a.is(Kind::undefined)) return of_undefined(a);
  if (b.is(Kind::undefined)) return of_undefined(b);
  MR_TRY(const Order found, order(a, b, meter));
  switch (op) {
    case CompareOp::less: return found == Order::less;
    case CompareOp::less_equal: return found == Order::less || found == Order::equal;
    case CompareOp::greater: return found == Order::greater;
    default: return found == Order::greater || found == Order::equal;
  }
}

}  // namespace millrace::jinja
