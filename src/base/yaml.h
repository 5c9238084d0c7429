#pragma once
/// \file base/yaml.h
/// YAML files with positions, read strictly: every problem is reported at file:line:column with
/// its key path, a key given twice and a key nobody asked for are errors.
/// Aliases are resolved; merge keys (<<) are not interpreted. The parser is yaml-cpp's.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace millrace::yaml {

struct Member;

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  bool quoted = false;               ///< a scalar written with quotes or as a block: always text
  int line = 0, column = 0;          ///< 1-based; columns are characters, as editors count them
  int key_line = 0, key_column = 0;  ///< of the key, where the node is a mapping's value
  std::string scalar;                ///< as written; a plain ~, null or nothing is Kind::null
  std::vector<Node> items;
  std::vector<Member> members;  ///< in file order, keys unique

  [[nodiscard]] const Node* find(std::string_view key) const;  ///< nullptr: no such member
  [[nodiscard]] bool is_text() const { return kind == Kind::scalar; }
};

struct Member {
  std::string key;
  Node value;
};

/// Where the files of another tool are read as that tool reads them.
struct Leniency {
  bool last_key_wins = false;  ///< a key given twice is no error
};

/// One document. An empty file is a null node.
/// Errors: invalid_input with "file:line:column: …"; also for more than 1,000,000 nodes, depth
/// over 100 and a second document.
Result<Node> parse(std::string_view text, std::string_view file, Leniency leniency = {});

/// Reads and parses. Errors: those of read_file and parse.
Result<Node> load(const std::string& path);

/// Where a node stands, for messages: "orders.yaml:14:5: schema[0].properties[2]".
struct Place {
  std::string file;  ///< as messages shall show it
  std::string path;  ///< key path from the root; "" at the root
  [[nodiscard]] Place member(std::string_view key) const;
  [[nodiscard]] Place item(std::size_t index) const;
};

/// "file:line:col: path: found …, expected …" as invalid_input.
Error error_at(const Place& place, const Node& node, std::string_view message, std::string hint = {});

/// One mapping, read key by key. Ask for every key the format has, then call done().
/// Threads: one thread at a time. Borrows the node, which outlives the reader.
class Fields {
 public:
  /// Errors: invalid_input if `node` is no mapping.
  static Result<Fields> of(const Node& node, Place place);

  Result<std::string> text(std::string_view key);                              ///< required scalar
  Result<std::string> text(std::string_view key, std::string_view otherwise);  ///< default where absent
  Result<bool> boolean(std::string_view key, bool otherwise);
  Result<std::int64_t> integer(std::string_view key, std::int64_t otherwise);
  Result<std::vector<std::string>> texts(std::string_view key);  ///< a list of scalars, or one scalar; [] where absent
  const Node* any(std::string_view key);                         ///< nullptr where absent or null
  Result<const Node*> mapping(std::string_view key);             ///< nullptr where absent
  Result<const Node*> sequence(std::string_view key);            ///< nullptr where absent
  void ignore(std::string_view key) { asked_.insert(std::string(key)); }

  /// Errors: invalid_input for the first key nobody asked for, with the nearest known one.
  [[nodiscard]] Status done() const;
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] const Node& node() const { return *node_; }

 private:
  Fields(const Node& node, Place place) : node_(&node), place_(std::move(place)) {}
  Result<const Node*> of_kind(std::string_view key, Node::Kind kind, std::string_view expected);
  const Node* node_;  // borrows; never null
  Place place_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace millrace::yaml
