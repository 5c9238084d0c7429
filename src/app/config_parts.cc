#include "app/config_parts.h"

#include "base/words.h"

namespace millrace::app {

using yaml::Fields;
using yaml::Node;

Error wrong(const Fields& f, std::string_view key, std::string_view message, std::string hint) {
  const Node* node = f.node().find(key);
  return yaml::error_at(f.place().member(key), node == nullptr ? f.node() : *node, message, std::move(hint));
}

Result<Fields> section(Fields& f, std::string_view key) {
  static const Node empty = [] {
    Node n;
    n.kind = Node::Kind::mapping;
    return n;
  }();
  MR_TRY(const Node* node, f.mapping(key));
  return Fields::of(node == nullptr ? empty : *node, f.place().member(key));
}

Result<std::chrono::milliseconds> duration(Fields& f, std::string_view key, std::string_view otherwise) {
  MR_TRY(const std::string text, f.text(key, otherwise));
  auto value = parse_duration(text);
  if (!value) return wrong(f, key, value.error().message);
  return *value;
}

Result<std::uint64_t> bytes(Fields& f, std::string_view key, std::string_view otherwise) {
  MR_TRY(const std::string text, f.text(key, otherwise));
  auto value = parse_bytes(text);
  if (!value) return wrong(f, key, value.error().message);
  return *value;
}

}  // namespace millrace::app
