#include "jinja/arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/compare.h"

namespace millrace::jinja {

Result<Bound> Bound::match(std::string_view what, const Args& args, std::initializer_list<std::string_view> parameters,
                           std::size_t required) {
  const auto bad = [&](std::string_view text) {
    return Error{ErrorKind::invalid_input, fmt::format("{}: {}", what, text), {}, {}};
  };
  Bound out;
  out.what_ = what;
  out.parameters_ = parameters;
  out.values_.resize(parameters.size());
  if (args.positional.size() > parameters.size())
    return bad(fmt::format("found {} arguments, expected at most {}", args.positional.size(), parameters.size()));
  std::copy(args.positional.begin(), args.positional.end(), out.values_.begin());
  for (const auto& [name, value] : args.named) {
    const auto at = std::find(out.parameters_.begin(), out.parameters_.end(), name);
    if (at == out.parameters_.end()) {
      const std::vector<std::string> known(parameters.begin(), parameters.end());
      return bad(fmt::format("found the argument '{}', expected {}", name, known.empty() ? "none" : join(known, ", ")));
    }
    auto& slot = out.values_[static_cast<std::size_t>(at - out.parameters_.begin())];
    if (slot) return bad(fmt::format("found the argument '{}' twice", name));
    slot = value;
  }
  for (std::size_t i = 0; i < required; ++i)
    if (!out.has(i)) return bad(fmt::format("found no argument '{}'", out.parameters_[i]));
  return out;
}

Error Bound::wrong_type(std::size_t i, std::string_view expected) const {
  const Value& v = *values_[i];
  if (v.is(Kind::undefined)) return {ErrorKind::invalid_input, v.absence().message(), {}, {}};
  return {ErrorKind::invalid_input,
          fmt::format("{}: found {} as '{}', expected {}", what_, v.type_name(), parameters_[i], expected),
          {},
          {}};
}

Result<std::int64_t> Bound::integer(std::size_t i, std::int64_t otherwise) const {
  if (!has(i)) return otherwise;
  if (values_[i]->is_integral()) return values_[i]->integer();
  return wrong_type(i, "an int");
}

Result<std::string> Bound::text(std::size_t i, std::string_view otherwise) const {
  if (!has(i)) return std::string(otherwise);
  if (values_[i]->is(Kind::text)) return values_[i]->text();
  return wrong_type(i, "a str");
}

Result<bool> Bound::flag(std::size_t i, bool otherwise) const {
  if (!has(i)) return otherwise;
  return truth(*values_[i]);
}

}  // namespace millrace::jinja
