#include <fmt/format.h>

#include <algorithm>

#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/methods.h"
#include "jinja/operations.h"
#include "jinja/text.h"

namespace millrace::jinja {
namespace {

using Out = Result<Value>;

template <std::string (*Map)(std::string_view)>
Out mapped(Run& run, const Value& self, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("this method", args, {}));
  MR_CHECK(run.meter().spend_text(self.text().size()));
  return Value(Map(self.text()));
}

template <std::string_view (*Strip)(std::string_view, std::string_view)>
Out strip(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("strip", args, {"chars"}));
  MR_CHECK(run.meter().spend_text(self.text().size()));
  if (a.value(0).is(Kind::none)) return Value(Strip(self.text(), kSpaces));
  MR_TRY(const std::string of, a.text(0));
  MR_CHECK(run.meter().spend(of.size() * (self.text().size() / 16 + 1)));
  return Value(Strip(self.text(), of));
}

Out replace(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("replace", args, {"old", "new", "count"}, 2));
  MR_TRY(const std::string old_text, a.text(0));
  MR_TRY(const std::string new_text, a.text(1));
  MR_TRY(const std::int64_t count, a.integer(2, -1));
  MR_TRY(std::string out, replaced(self.text(), old_text, new_text, count, run.meter()));
  return Value(std::move(out));
}

/// startswith and endswith take one text or a tuple of them.
template <bool AtStart>
Out has_edge(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match(AtStart ? "startswith" : "endswith", args, {"text"}, 1));
  const std::string_view text = self.text();
  const auto matches = [&](const Value& v) {
    return v.is(Kind::text) && (AtStart ? text.starts_with(v.text()) : text.ends_with(v.text()));
  };
  const Value wanted = a.value(0);
  if (wanted.is(Kind::tuple)) {
    MR_CHECK(run.meter().spend(wanted.items().size()));
    return Value(std::any_of(wanted.items().begin(), wanted.items().end(), matches));
  }
  MR_TRY([[maybe_unused]] const std::string checked, a.text(0));
  return Value(matches(wanted));
}

template <bool FromRight>
Out split(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match(FromRight ? "rsplit" : "split", args, {"sep", "maxsplit"}));
  MR_TRY(const std::int64_t most, a.integer(1, -1));
  MR_CHECK(run.meter().spend(self.text().size()));
  std::vector<std::string_view> parts;
  if (a.value(0).is(Kind::none)) {
    parts = split_at_spaces(self.text(), most, FromRight);
  } else {
    MR_TRY(const std::string separator, a.text(0));
    if (separator.empty()) return Error{ErrorKind::invalid_input, "split: found an empty separator", {}, {}};
    parts = split_at(self.text(), separator, most, FromRight);
    return Value::list({parts.begin(), parts.end()});
  }
  return Value::list({parts.begin(), parts.end()});
}

Out splitlines(Run& run, const Value& self, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("splitlines", args, {}));
  MR_CHECK(run.meter().spend(self.text().size()));
  const std::vector<std::string_view> lines = lines_of(self.text());
  return Value::list({lines.begin(), lines.end()});
}

Out join(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("join", args, {"items"}, 1));
  MR_TRY(const std::vector<Value> items, iterate(a.value(0), run.meter()));
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is(Kind::text))
      return Error{ErrorKind::invalid_input,
                   fmt::format("join: found {} in the list, expected a str", items[i].type_name()),
                   "the filter join takes any value",
                   {}};
    if (i != 0) out += self.text();
    out += items[i].text();
    MR_CHECK(run.meter().spend_text(self.text().size() + items[i].text().size()));
    if (out.size() > run.meter().limits().output_bytes) MR_CHECK(run.meter().spend_text(out.size()));
  }
  return Value(std::move(out));
}

Out format(Run& run, const Value& self, const Args& args) {
  MR_TRY(std::string out, brace_format(self.text(), args, run));
  return Value(std::move(out));
}

template <bool IsIndex, bool FromRight>
Out find(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match(IsIndex ? "index" : "find", args, {"text"}, 1));
  MR_TRY(const std::string wanted, a.text(0));
  MR_CHECK(run.meter().spend(self.text().size() / 8 + 1));
  const std::size_t at = FromRight ? self.text().rfind(wanted) : self.text().find(wanted);
  if (at != std::string::npos) return Value(count_characters(std::string_view(self.text()).substr(0, at)));
  if (IsIndex) return Error{ErrorKind::invalid_input, "index: the text was not found", {}, {}};
  return Value(-1);
}

Out count(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("count", args, {"text"}, 1));
  MR_TRY(const std::string wanted, a.text(0));
  MR_CHECK(run.meter().spend(self.text().size() / 8 + 1));
  if (wanted.empty()) return Value(count_characters(self.text()) + 1);
  std::int64_t n = 0;
  for (std::size_t at = self.text().find(wanted); at != std::string::npos;
       at = self.text().find(wanted, at + wanted.size()))
    ++n;
  return Value(n);
}

/// ljust, rjust, center and zfill.
template <Side S>
Out justify(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("this method", args, {"width", "fillchar"}, 1));
  MR_TRY(const std::int64_t width, a.integer(0, 0));
  MR_TRY(const std::string fill, a.text(1, " "));
  if (count_characters(fill) != 1) return Error{ErrorKind::invalid_input, "fillchar: expected one character", {}, {}};
  MR_TRY(std::string out, padded(self.text(), width, fill, S, run.meter()));
  return Value(std::move(out));
}

Out zfill(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("zfill", args, {"width"}, 1));
  MR_TRY(const std::int64_t width, a.integer(0, 0));
  const std::string_view text = self.text();
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const std::int64_t rest = std::max(width, std::int64_t{0}) - static_cast<std::int64_t>(sign);
  MR_TRY(const std::string out, padded(text.substr(sign), rest, "0", Side::left, run.meter()));
  return Value(std::string(text.substr(0, sign)) + out);
}

template <bool Prefix>
Out remove_edge(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match(Prefix ? "removeprefix" : "removesuffix", args, {"text"}, 1));
  MR_TRY(const std::string edge, a.text(0));
  MR_CHECK(run.meter().spend_text(self.text().size()));
  std::string_view text = self.text();
  if (Prefix && text.starts_with(edge)) text.remove_prefix(edge.size());
  if (!Prefix && text.ends_with(edge)) text.remove_suffix(edge.size());
  return Value(text);
}

template <bool (*Is)(std::uint32_t)>
Out every(Run& run, const Value& self, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("this method", args, {}));
  MR_CHECK(run.meter().spend(self.text().size()));
  const std::vector<std::string_view> all = characters(self.text());
  return Value(!all.empty() &&
               std::all_of(all.begin(), all.end(), [](std::string_view c) { return Is(code_point(c)); }));
}

bool is_digit(std::uint32_t c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(std::uint32_t c) { return is_digit(c) || is_letter(c); }
bool is_blank(std::uint32_t c) { return c < 0x80 && kSpaces.find(static_cast<char>(c)) != std::string_view::npos; }

template <bool Upper>
Out is_case(Run& run, const Value& self, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("this method", args, {}));
  MR_CHECK(run.meter().spend_text(self.text().size() * 2));
  return Value(has_case(self.text(), Upper));
}

}  // namespace

std::span<const Method> text_methods() {
  static constexpr Method kMethods[] = {
      {"capitalize", mapped<capitalized>},
      {"center", justify<Side::both>},
      {"count", count},
      {"endswith", has_edge<false>},
      {"find", find<false, false>},
      {"format", format},
      {"index", find<true, false>},
      {"isalnum", every<is_alphanumeric>},
      {"isalpha", every<is_letter>},
      {"isdecimal", every<is_digit>},
      {"isdigit", every<is_digit>},
      {"islower", is_case<false>},
      {"isnumeric", every<is_digit>},
      {"isspace", every<is_blank>},
      {"isupper", is_case<true>},
      {"join", join},
      {"ljust", justify<Side::right>},
      {"lower", mapped<lower>},
      {"lstrip", strip<left_stripped>},
      {"removeprefix", remove_edge<true>},
      {"removesuffix", remove_edge<false>},
      {"replace", replace},
      {"rfind", find<false, true>},
      {"rjust", justify<Side::left>},
      {"rsplit", split<true>},
      {"rstrip", strip<right_stripped>},
      {"split", split<false>},
      {"splitlines", splitlines},
      {"startswith", has_edge<true>},
      {"strip", strip<stripped>},
      {"title", mapped<titled>},
      {"upper", mapped<upper>},
      {"zfill", zfill},
  };
  return kMethods;
}

}  // namespace millrace::jinja
