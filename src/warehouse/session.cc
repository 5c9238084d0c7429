#include "warehouse/session.h"

#include <fmt/format.h>

namespace millrace::warehouse {

Result<RelationName> parse_relation(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size() ||
      text.find('.', dot + 1) != std::string_view::npos)
    return Error{ErrorKind::invalid_input,
                 fmt::format("found \"{}\", expected schema.name", text),
                 "for example raw.orders",
                 {}};
  return RelationName{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

}  // namespace millrace::warehouse
