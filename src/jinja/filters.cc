#include "jinja/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/words.h"

namespace millrace::jinja {
namespace {

std::array<std::span<const NamedFilter>, 4> groups() {
  return {text_filters(), number_filters(), sequence_filters(), selection_filters()};
}

Error unknown_filter(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kLeftOut{"e",         "escape", "filesizeformat", "forceescape",
                                                             "pprint",    "safe",   "slice",          "striptags",
                                                             "urlencode", "urlize", "wordwrap",       "xmlattr"};
  if (std::find(kLeftOut.begin(), kLeftOut.end(), name) != kLeftOut.end())
    return {
        ErrorKind::unsupported, fmt::format("found the filter '{}', which Millrace does not support", name), {}, {}};
  std::vector<std::string> known;
  for (const auto group : groups())
    for (const NamedFilter& f : group) known.emplace_back(f.name);
  const std::string near = nearest(name, known);
  return {ErrorKind::invalid_input,
          fmt::format("found the filter '{}', which is not known", name),
          near.empty() ? "" : fmt::format("did you mean '{}'?", near),
          {}};
}

}  // namespace

Result<Value> apply_filter(std::string_view name, Run& run, const Value& subject, const Args& args) {
  for (const auto group : groups())
    for (const NamedFilter& f : group)
      if (f.name == name) return f.apply(run, subject, args);
  return unknown_filter(name);
}

}  // namespace millrace::jinja
