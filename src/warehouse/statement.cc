#include "warehouse/statement.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>

namespace millrace::warehouse {

std::string to_text(const Value& value) {
  struct {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return fmt::format("{}", d); }
    std::string operator()(const std::string& s) const { return s; }
  } visitor;
  return std::visit(visitor, value);
}

std::int64_t to_integer(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return 0;
  const auto* number = std::get_if<std::int64_t>(&value);
  MR_INVARIANT(number != nullptr, "the column was asked for as an integer");
  return *number;
}

std::string fill(std::string_view sql, std::initializer_list<std::pair<std::string_view, std::string>> names) {
  std::string out;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t open = sql.find('{', at);
    if (open == std::string_view::npos) return out.append(sql.substr(at));
    const std::size_t close = sql.find('}', open);
    MR_INVARIANT(close != std::string_view::npos, "a template closes its braces");
    out.append(sql.substr(at, open - at));
    const std::string_view name = sql.substr(open + 1, close - open - 1);
    at = close + 1;
    if (name == "rows") {
      out.append("{rows}");
      continue;
    }
    bool found = false;
    for (const auto& [key, text] : names) {
      if (key != name) continue;
      out.append(text);
      found = true;
      break;
    }
    MR_INVARIANT(found, "every name of a template is given");
  }
  return out;
}

}  // namespace millrace::warehouse
