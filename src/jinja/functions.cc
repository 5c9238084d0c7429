#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "jinja/arguments.h"
#include "jinja/compare.h"
#include "jinja/run.h"

namespace millrace::jinja {

/// return(x): leaves the macro by an error that only the macro's call catches.
Result<Value> unwind_macro(Run& run, const Args& args) {
  MR_TRY(const Bound a, Bound::match("return", args, {"data"}));
  if (run.macro_depth_ == 0)
    return Error{
        ErrorKind::invalid_input, "found return() outside of a macro", "remove it, or put it into a macro", {}};
  run.returning_ = a.value(0);
  return Error{ErrorKind::cancelled, "return() leaves its macro", {}, {}};
}

namespace {

Result<Value> range(Run& run, const Args& args) {
  MR_TRY(const Bound a, Bound::match("range", args, {"start", "stop", "step"}, 1));
  MR_TRY(std::int64_t from, a.integer(0, 0));
  MR_TRY(std::int64_t to, a.integer(1, 0));
  MR_TRY(const std::int64_t step, a.integer(2, 1));
  if (!a.has(1)) to = std::exchange(from, 0);
  if (step == 0) return Error{ErrorKind::invalid_input, "range: found the step 0", {}, {}};
  // Asked before the list is made, so that range(10 ** 12) costs nothing.
  const double turns = (static_cast<double>(to) - static_cast<double>(from)) / static_cast<double>(step);
  MR_CHECK(run.meter().spend(turns < 1 ? 1 : static_cast<std::uint64_t>(std::min(turns, 1e18))));
  std::vector<Value> out;
  for (std::int64_t i = from; step > 0 ? i < to : i > to;) {
    out.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return Value::list(std::move(out));
}

Result<Dict> entries_of(Run& run, const Args& args, std::string_view what) {
  if (args.positional.size() > 1)
    return Error{ErrorKind::invalid_input, fmt::format("{}: found several dicts, expected one", what), {}, {}};
  Dict out;
  if (!args.positional.empty() && args.positional[0].is(Kind::dict)) {
    MR_CHECK(run.meter().spend(args.positional[0].dict_entries().size()));
    out = Dict(args.positional[0].dict_entries());
  } else if (!args.positional.empty()) {
    MR_TRY(const std::vector<Value> pairs, iterate(args.positional[0], run.meter()));
    for (const Value& pair : pairs) {
      MR_TRY(const std::vector<Value> entry, iterate(pair, run.meter()));
      if (entry.size() != 2)
        return Error{ErrorKind::invalid_input, fmt::format("{}: expected a dict or a list of pairs", what), {}, {}};
      MR_CHECK(out.set_key(entry[0], entry[1]));
    }
  }
  for (const auto& [name, value] : args.named) out.set(name, value);
  return out;
}

Result<Value> dict(Run& run, const Args& args) {
  MR_TRY(Dict entries, entries_of(run, args, "dict"));
  return Value::dict(std::move(entries));
}

Result<Value> name_space(Run& run, const Args& args) {
  MR_TRY(Dict entries, entries_of(run, args, "namespace"));
  return Value::name_space(std::move(entries));
}

struct Builtin {
  std::string_view name;
  Result<Value> (*call)(Run& run, const Args& args);
};
constexpr std::array<Builtin, 4> kBuiltins{
    {{"range", range}, {"dict", dict}, {"namespace", name_space}, {"return", unwind_macro}}};

}  // namespace

std::optional<Value> builtin(std::string_view name) {
  const auto* const at =
      std::find_if(kBuiltins.begin(), kBuiltins.end(), [&](const Builtin& b) { return b.name == name; });
  if (at == kBuiltins.end()) return std::nullopt;
  return Value::function(std::string(name), at->call);
}

std::vector<std::string> builtin_names() {
  std::vector<std::string> out;
  for (const Builtin& b : kBuiltins) out.emplace_back(b.name);
  return out;
}

}  // namespace millrace::jinja
