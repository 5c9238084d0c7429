#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/filters.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/text.h"

namespace millrace::jinja {
namespace {

using Out = Result<Value>;

/// A filter without arguments that turns the printed subject into another text.
template <std::string (*Map)(std::string_view)>
Out mapped(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("this filter", args, {}));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  return Value(Map(text));
}

/// Words begin after blanks, - and opening brackets; the method title() also begins one after an apostrophe.
std::string title(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t word = std::min(text.find_first_not_of("- \t\n\r\f\v({[<"), text.size());
    out += text.substr(0, word);
    text.remove_prefix(word);
    const std::size_t end = std::min(text.find_first_of("- \t\n\r\f\v({[<"), text.size());
    out += capitalized(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::string same(std::string_view text) { return std::string(text); }

Out trim(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("trim", args, {"chars"}));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  if (a.value(0).is(Kind::none)) return Value(stripped(text));
  MR_TRY(const std::string chars, a.text(0));
  MR_CHECK(run.meter().spend(chars.size() * (text.size() / 16 + 1)));
  return Value(stripped(text, chars));
}

Out replace(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("replace", args, {"old", "new", "count"}, 2));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  MR_TRY(const std::string old_text, to_text(a.value(0), run.meter()));
  MR_TRY(const std::string new_text, to_text(a.value(1), run.meter()));
  std::int64_t count = -1;
  if (!a.value(2).is(Kind::none)) {
    MR_TRY(count, a.integer(2, -1));
  }
  MR_TRY(std::string out, replaced(text, old_text, new_text, count, run.meter()));
  return Value(std::move(out));
}

Out indent(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("indent", args, {"width", "first", "blank"}));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  std::string by;
  if (a.value(0).is(Kind::text)) {
    by = a.value(0).text();
  } else {
    MR_TRY(const std::int64_t width, a.integer(0, 4));
    MR_TRY(by, padded("", width, " ", Side::left, run.meter()));
  }
  MR_TRY(const bool first, a.flag(1, false));
  MR_TRY(const bool blank, a.flag(2, false));
  std::string out;
  const std::vector<std::string_view> lines = split_at(text, "\n", -1, false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != 0) out += '\n';
    if (i == 0 ? first : (blank || !lines[i].empty())) out += by;
    out += lines[i];
    MR_CHECK(run.meter().spend_text(by.size() + lines[i].size()));
    if (out.size() > run.meter().limits().output_bytes) MR_CHECK(run.meter().spend_text(out.size()));
  }
  return Value(std::move(out));
}

Out format(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const std::string pattern, to_text(subject, run.meter()));
  Value values = Value::tuple(args.positional);
  if (!args.named.empty()) {
    if (!args.positional.empty())
      return Error{ErrorKind::invalid_input, "format: found positional and named arguments, expected one sort", {}, {}};
    Dict named;
    for (const auto& [name, value] : args.named) named.set(name, value);
    values = Value::dict(std::move(named));
  }
  MR_TRY(std::string out, percent_format(pattern, values, run.meter()));
  return Value(std::move(out));
}

Out join(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("join", args, {"d", "attribute"}));
  MR_TRY(const std::string between, to_text(a.value(0, Value("")), run.meter()));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    MR_TRY(const Value item, value_at(items[i], a.value(1), run));
    MR_TRY(const std::string text, to_text(item, run.meter()));
    if (i != 0) out += between;
    out += text;
    MR_CHECK(run.meter().spend_text(between.size() + text.size()));
    if (out.size() > run.meter().limits().output_bytes) MR_CHECK(run.meter().spend_text(out.size()));
  }
  return Value(std::move(out));
}

Out tojson(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("tojson", args, {"indent"}));
  JsonStyle style{true, true, -1};
  if (!a.value(0).is(Kind::none)) {
    MR_TRY(const std::int64_t by, a.integer(0, 0));
    style.indent = static_cast<int>(std::clamp<std::int64_t>(by, 0, 32));
  }
  MR_TRY(std::string out, to_json(subject, style, run.meter()));
  return Value(std::move(out));
}

Out center(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("center", args, {"width"}));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  MR_TRY(const std::int64_t width, a.integer(0, 80));
  MR_TRY(std::string out, padded(text, width, " ", Side::both, run.meter()));
  return Value(std::move(out));
}

Out truncate(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("truncate", args, {"length", "killwords", "end", "leeway"}));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  MR_TRY(const std::int64_t length, a.integer(0, 255));
  MR_TRY(const bool kill_words, a.flag(1, false));
  MR_TRY(const std::string end, a.text(2, "..."));
  MR_TRY(const std::int64_t leeway, a.integer(3, 5));
  const std::vector<std::string_view> all = characters(text);
  const auto have = static_cast<std::int64_t>(all.size());
  const std::int64_t room = length - static_cast<std::int64_t>(count_characters(end));
  if (room < 0 || leeway < 0 || leeway > INT32_MAX)
    return Error{ErrorKind::invalid_input, "truncate: expected a length that holds at least the end", {}, {}};
  if (have <= length || have - length <= leeway) return Value(text);
  std::string out;
  for (std::int64_t i = 0; i < room; ++i) out += all[static_cast<std::size_t>(i)];
  if (!kill_words) out = out.substr(0, out.rfind(' '));
  return Value(out + end);
}

Out wordcount(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("wordcount", args, {}));
  MR_TRY(const std::string text, to_text(subject, run.meter()));
  const auto in_word = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((u | 0x20U) >= 'a' && (u | 0x20U) <= 'z');
  };
  std::int64_t words = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (in_word(text[i]) && (i == 0 || !in_word(text[i - 1]))) ++words;
  return Value(words);
}

}  // namespace

std::span<const NamedFilter> text_filters() {
  static constexpr NamedFilter kFilters[] = {
      {"capitalize", mapped<capitalized>},
      {"center", center},
      {"format", format},
      {"indent", indent},
      {"join", join},
      {"lower", mapped<lower>},
      {"replace", replace},
      {"string", mapped<same>},
      {"title", mapped<title>},
      {"tojson", tojson},
      {"trim", trim},
      {"truncate", truncate},
      {"upper", mapped<upper>},
      {"wordcount", wordcount},
  };
  return kFilters;
}

}  // namespace millrace::jinja
