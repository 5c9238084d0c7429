#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/print.h"

namespace millrace::jinja {
namespace {

/// json.dumps, ASCII only as Python's default; base/json.h writes UTF-8 without blanks and cannot stand in.
class JsonPrinter {
 public:
  JsonPrinter(const JsonStyle& style, Meter& meter) : style_(style), meter_(&meter) {}
  std::string out;

  Status add(const Value& v, int depth) {
    MR_CHECK(meter_->spend());
    MR_CHECK(meter_->check_stack());
    switch (v.kind()) {
      case Kind::none: return put("null");
      case Kind::boolean: return put(v.boolean() ? "true" : "false");
      case Kind::integer: return put(fmt::format_int(v.integer()).str());
      case Kind::real: return put(number(v.real()));
      case Kind::text: return put_text(v.text());
      case Kind::list:
      case Kind::tuple: return add_row(v.items(), depth);
      case Kind::dict: return add_dict(v.dict_entries(), depth);
      default:
        return Error{
            ErrorKind::invalid_input, fmt::format("found {}, expected a value that JSON has", v.type_name()), {}, {}};
    }
  }

 private:
  Status put(std::string_view text) {
    MR_CHECK(meter_->spend_text(out.size() + text.size() > meter_->limits().output_bytes ? out.size() + text.size()
                                                                                         : text.size()));
    out += text;
    return ok();
  }

  static std::string number(double d) {
    if (std::isnan(d)) return "NaN";
    if (std::isinf(d)) return d < 0 ? "-Infinity" : "Infinity";
    return float_text(d);
  }

  Status put_text(std::string_view text) {
    std::string escaped = "\"";
    while (!text.empty()) {
      const std::string_view c = first_character(text);
      text.remove_prefix(c.size());
      append_escaped(escaped, c);
    }
    return put(escaped + '"');
  }

  void append_escaped(std::string& to, std::string_view character) const {
    static constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
    const std::uint32_t code = code_point(character);
    if (const auto at = kShort.find(character); at != std::string_view::npos) {
      to += '\\';
      to += kLetters[at];
    } else if (character.size() == 1 && code >= 0x80) {
      to += "\\ufffd";
    } else if (code >= 0x10000) {
      const std::uint32_t rest = code - 0x10000;
      to += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10U), 0xdc00 + (rest & 0x3ffU));
    } else if (code < 0x20 || code >= 0x7f ||
               (style_.html_safe && std::string_view("<>&'").find(character) != std::string_view::npos)) {
      // Python leaves DEL alone; every reader takes the escape too, but golden files compare bytes.
      to += code == 0x7f ? std::string(character) : fmt::format("\\u{:04x}", code);
    } else {
      to += character;
    }
  }

  Status new_line(int depth) {
    if (style_.indent < 0) return ok();
    MR_CHECK(put("\n"));
    return put(std::string(static_cast<std::size_t>(style_.indent) * static_cast<std::size_t>(depth), ' '));
  }

  Status between(bool first, int depth) {
    if (!first) MR_CHECK(put(style_.indent < 0 ? ", " : ","));
    return new_line(depth);
  }

  Status add_row(const std::vector<Value>& items, int depth) {
    if (items.empty()) return put("[]");
    MR_CHECK(put("["));
    for (std::size_t i = 0; i < items.size(); ++i) {
      MR_CHECK(between(i == 0, depth + 1));
      MR_CHECK(add(items[i], depth + 1));
    }
    MR_CHECK(new_line(depth));
    return put("]");
  }

  static Result<std::string> key_text(const Value& key) {
    switch (key.kind()) {
      case Kind::none: return std::string("null");
      case Kind::boolean: return std::string(key.boolean() ? "true" : "false");
      case Kind::integer: return fmt::format_int(key.integer()).str();
      case Kind::real: return number(key.real());
      case Kind::text: return key.text();
      default:
        return Error{ErrorKind::invalid_input,
                     fmt::format("found {} as a key, expected a key that JSON has", key.type_name()),
                     {},
                     {}};
    }
  }

  Status add_dict(const Dict& dict, int depth) {
    if (dict.size() == 0) return put("{}");
    std::vector<std::pair<std::string, const Value*>> members;
    for (const Dict::Entry& e : dict.entries()) {
      MR_TRY(std::string key, key_text(e.key));
      members.emplace_back(std::move(key), &e.value);
    }
    if (style_.sort_keys)
      std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    MR_CHECK(put("{"));
    for (std::size_t i = 0; i < members.size(); ++i) {
      MR_CHECK(between(i == 0, depth + 1));
      MR_CHECK(put_text(members[i].first));
      MR_CHECK(put(": "));
      MR_CHECK(add(*members[i].second, depth + 1));
    }
    MR_CHECK(new_line(depth));
    return put("}");
  }

  JsonStyle style_;
  Meter* meter_;  // borrows; outlives us
};

}  // namespace

Result<std::string> to_json(const Value& v, const JsonStyle& style, Meter& meter) {
  JsonStyle bounded = style;
  bounded.indent = std::min(style.indent, 32);
  JsonPrinter printer(bounded, meter);
  MR_CHECK(printer.add(v, 0));
  return std::move(printer.out);
}

}  // namespace millrace::jinja
