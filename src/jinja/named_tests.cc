#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/compare.h"
#include "jinja/filters.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/text.h"

namespace millrace::jinja {
namespace {

struct NamedTest {
  std::string_view name;
  Result<bool> (*apply)(Run& run, const Value& subject, const Args& args);
};

template <bool Wanted>
Result<bool> is_defined(Run& /*run*/, const Value& v, const Args& /*args*/) {
  return v.is(Kind::undefined) != Wanted;
}

template <Kind... Kinds>
Result<bool> is_kind(Run& /*run*/, const Value& v, const Args& /*args*/) {
  MR_CHECK(need_defined(v));
  return (v.is(Kinds) || ...);
}

template <bool Wanted>
Result<bool> is_exactly(Run& /*run*/, const Value& v, const Args& /*args*/) {
  MR_CHECK(need_defined(v));
  return v.is(Kind::boolean) && v.boolean() == Wanted;
}

Result<bool> is_number(Run& /*run*/, const Value& v, const Args& /*args*/) {
  MR_CHECK(need_defined(v));
  return v.is_number();
}

Result<bool> is_iterable(Run& /*run*/, const Value& v, const Args& /*args*/) {
  MR_CHECK(need_defined(v));
  if (v.is(Kind::object)) return v.object()->items().has_value();
  return v.is(Kind::undefined) || v.is(Kind::text) || v.is(Kind::list) || v.is(Kind::tuple) || v.is(Kind::dict);
}

Result<bool> is_callable(Run& /*run*/, const Value& v, const Args& /*args*/) {
  MR_CHECK(need_defined(v));
  return v.is(Kind::function) || v.is(Kind::undefined) || (v.is(Kind::object) && v.object()->callable());
}

Result<std::int64_t> remainder(const Value& v, std::int64_t by, Run& run) {
  MR_TRY(const Value rest, binary(BinaryOp::modulo, v, Value(by), run));
  if (rest.is(Kind::real)) return rest.real() == 0 ? 0 : rest.real() == 1 ? 1 : 2;
  if (!rest.is_integral()) return Error{ErrorKind::invalid_input, "expected a number to test", {}, {}};
  return rest.integer();
}

template <std::int64_t Rest>
Result<bool> is_parity(Run& run, const Value& v, const Args& /*args*/) {
  MR_TRY(const std::int64_t rest, remainder(v, 2, run));
  return rest == Rest;
}

Result<bool> is_divisible(Run& run, const Value& v, const Args& args) {
  MR_TRY(const Bound a, Bound::match("divisibleby", args, {"num"}, 1));
  MR_TRY(const std::int64_t by, a.integer(0, 1));
  MR_TRY(const std::int64_t rest, remainder(v, by, run));
  return rest == 0;
}

template <bool Upper>
Result<bool> is_case(Run& run, const Value& v, const Args& /*args*/) {
  MR_TRY(const std::string text, to_text(v, run.meter()));
  return has_case(text, Upper);
}

template <CompareOp Op>
Result<bool> compares(Run& run, const Value& v, const Args& args) {
  MR_TRY(const Bound a, Bound::match("this test", args, {"other"}, 1));
  return compare(Op, v, a.value(0), run.meter());
}

Result<bool> is_same(Run& run, const Value& v, const Args& args) {
  MR_TRY(const Bound a, Bound::match("sameas", args, {"other"}, 1));
  const Value other = a.value(0);
  if (v.kind() != other.kind()) return false;
  if (v.identity() != nullptr) return v.identity() == other.identity();
  return equal(v, other, run.meter());
}

constexpr NamedTest kTests[] = {
    {"!=", compares<CompareOp::not_equal>},
    {"<", compares<CompareOp::less>},
    {"<=", compares<CompareOp::less_equal>},
    {"==", compares<CompareOp::equal>},
    {">", compares<CompareOp::greater>},
    {">=", compares<CompareOp::greater_equal>},
    {"boolean", is_kind<Kind::boolean>},
    {"callable", is_callable},
    {"defined", is_defined<true>},
    {"divisibleby", is_divisible},
    {"eq", compares<CompareOp::equal>},
    {"equalto", compares<CompareOp::equal>},
    {"even", is_parity<0>},
    {"false", is_exactly<false>},
    {"float", is_kind<Kind::real>},
    {"ge", compares<CompareOp::greater_equal>},
    {"greaterthan", compares<CompareOp::greater>},
    {"gt", compares<CompareOp::greater>},
    {"in", compares<CompareOp::in>},
    {"integer", is_kind<Kind::integer>},
    {"iterable", is_iterable},
    {"le", compares<CompareOp::less_equal>},
    {"lessthan", compares<CompareOp::less>},
    {"lower", is_case<false>},
    {"lt", compares<CompareOp::less>},
    {"mapping", is_kind<Kind::dict>},
    {"ne", compares<CompareOp::not_equal>},
    {"none", is_kind<Kind::none>},
    {"number", is_number},
    {"odd", is_parity<1>},
    {"sameas", is_same},
    {"sequence", is_kind<Kind::text, Kind::list, Kind::tuple, Kind::dict, Kind::undefined>},
    {"string", is_kind<Kind::text>},
    {"true", is_exactly<true>},
    {"undefined", is_defined<false>},
    {"upper", is_case<true>},
};

}  // namespace

Result<bool> apply_test(std::string_view name, Run& run, const Value& subject, const Args& args) {
  for (const NamedTest& t : kTests)
    if (t.name == name) return t.apply(run, subject, args);
  if (name == "escaped" || name == "filter" || name == "test")
    return Error{
        ErrorKind::unsupported, fmt::format("found the test '{}', which Millrace does not support", name), {}, {}};
  std::vector<std::string> known;
  for (const NamedTest& t : kTests) known.emplace_back(t.name);
  const std::string near = nearest(name, known);
  return Error{ErrorKind::invalid_input,
               fmt::format("found the test '{}', which is not known", printable(name, 60)),
               near.empty() ? "" : fmt::format("did you mean '{}'?", near),
               {}};
}

}  // namespace millrace::jinja
