#include "base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "base/files.h"
#include "base/words.h"

namespace millrace::yaml {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;  // an alias bomb ends here (CWE-776)
constexpr std::size_t kMostDepth = 100;

struct Problem {  // thrown only inside parse(), through yaml-cpp's C++ frames
  YAML::Mark mark;
  std::string what;
};
struct Misplaced {  // likewise, at a node
  int line, column;
  std::string what;
};

std::string_view kind_in_words(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "a single value";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::mapping: return "a mapping";
  }
  return "";
}

std::size_t count_nodes(const Node& node) {
  std::size_t n = 1;
  for (const Node& i : node.items) n += count_nodes(i);
  for (const auto& [key, value] : node.members) n += count_nodes(value);
  return n;
}

/// The parser counts the bytes of a line, people count its characters.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    const bool wide = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") || text.substr(0, 4).find('\0') < 4;
    if (wide) return;  // the parser transcodes it: its bytes are not those of the text
    begins_.push_back(text.starts_with("\xef\xbb\xbf") ? 3 : 0);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
      begins_.push_back(at + 1);
  }
  /// 1-based, of a 0-based position as the parser tells it.
  [[nodiscard]] int column(const YAML::Mark& mark) const {
    if (mark.line < 0 || mark.column < 0 || static_cast<std::size_t>(mark.line) >= begins_.size())
      return mark.column + 1;
    const std::string_view before =
        text_.substr(begins_[static_cast<std::size_t>(mark.line)], static_cast<std::size_t>(mark.column));
    return static_cast<int>(std::count_if(before.begin(), before.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; })) +
           1;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const Lines& lines, Leniency leniency = {}) : lines_(lines), leniency_(leniency) {}
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, {}, false, true); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = tag == "!";
    const bool is_null =
        !quoted && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL");
    leaf(mark, anchor, value, quoted, is_null);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) throw Problem{mark, "an alias stands inside its own anchor"};
    count(mark, count_nodes(it->second));
    add(it->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, Node::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::optional<std::string> key;  // of a mapping, while its value is awaited
    int key_line = 0, key_column = 0;
  };

  void count(const YAML::Mark& mark, std::size_t more) {
    nodes_ += more;
    if (nodes_ > kMostNodes) throw Problem{mark, "the document is larger than 1,000,000 nodes"};
  }

  Node at(const YAML::Mark& mark, Node::Kind kind) const {
    Node n;
    n.kind = kind;
    n.line = mark.line + 1;
    n.column = lines_.column(mark);
    return n;
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& value, bool quoted, bool is_null) {
    count(mark, 1);
    Node n = at(mark, is_null ? Node::Kind::null : Node::Kind::scalar);
    n.quoted = quoted;
    if (!is_null) n.scalar = value;
    if (anchor != 0) anchors_[anchor] = n;
    // A null key ("? :") is kept as the text it was, so that the reader can name it.
    if (is_null && !stack_.empty() && stack_.back().node.kind == Node::Kind::mapping && !stack_.back().key) {
      n.kind = Node::Kind::scalar;
      n.scalar = value.empty() ? "null" : value;
    }
    add(std::move(n));
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Node::Kind kind) {
    count(mark, 1);
    if (stack_.size() >= kMostDepth) throw Problem{mark, "the document is nested deeper than 100 levels"};
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::mapping && !stack_.back().key)
      throw Problem{mark, "a key is a list or mapping, expected text"};
    stack_.push_back({at(mark, kind), anchor, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = done.node;
    add(std::move(done.node));
  }

  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == Node::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != Node::Kind::scalar)
        throw Misplaced{node.line, node.column, "a key is a list or mapping, expected text"};
      if (!leniency_.last_key_wins && parent.node.find(node.scalar) != nullptr)
        throw Misplaced{node.line, node.column, fmt::format("key \"{}\" is given twice", node.scalar)};
      parent.key = std::move(node.scalar);
      parent.key_line = node.line;
      parent.key_column = node.column;
    } else {
      node.key_line = parent.key_line;
      node.key_column = parent.key_column;
      if (leniency_.last_key_wins)
        std::erase_if(parent.node.members, [&](const Member& m) { return m.key == *parent.key; });
      parent.node.members.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    }
  }

  const Lines& lines_;
  Leniency leniency_;
  Node root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
};

Error problem_at(std::string_view file, int line, int column, std::string_view what) {
  return {ErrorKind::invalid_input, fmt::format("{}:{}:{}: {}", file, line, column, what), {}, {}};
}

Error problem_at(std::string_view file, const Lines& lines, const YAML::Mark& mark, std::string_view what) {
  if (!mark.is_null()) return problem_at(file, mark.line + 1, lines.column(mark), what);
  return {ErrorKind::invalid_input, fmt::format("{}: {}", file, what), {}, {}};
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

Result<Node> parse(std::string_view text, std::string_view file, Leniency leniency) {
  std::istringstream in{std::string(text)};
  const Lines lines(text);
  Builder builder(lines, leniency);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return Node{};
    Node root = builder.take_root();
    Builder second(lines);
    if (parser.HandleNextDocument(second))
      return problem_at(file, lines, YAML::Mark::null_mark(), "found a second document after ---, expected one");
    return root;
  } catch (const Problem& p) {
    return problem_at(file, lines, p.mark, p.what);
  } catch (const Misplaced& p) {
    return problem_at(file, p.line, p.column, p.what);
  } catch (const YAML::Exception& e) {
    Error error = problem_at(file, lines, e.mark, "not valid YAML: " + e.msg);
    error.hint = "look at the indentation here and in the line above, and at quotes and brackets that do not close";
    return error;
  } catch (const std::exception& e) {
    return problem_at(file, lines, YAML::Mark::null_mark(), std::string("not valid YAML: ") + e.what());
  }
}

Result<Node> load(const std::string& path) {
  MR_TRY(const std::string text, read_file(path));
  return parse(text, path);
}

Place Place::member(std::string_view key) const {
  return {file, path.empty() ? std::string(key) : fmt::format("{}.{}", path, key)};
}
Place Place::item(std::size_t index) const { return {file, fmt::format("{}[{}]", path, index)}; }

Error error_at(const Place& place, const Node& node, std::string_view message, std::string hint) {
  const std::string where = place.path.empty() ? "" : place.path + ": ";
  return {ErrorKind::invalid_input,
          fmt::format("{}:{}:{}: {}{}", place.file, node.line, node.column, where, message),
          std::move(hint),
          {}};
}

Result<Fields> Fields::of(const Node& node, Place place) {
  if (node.kind != Node::Kind::mapping)
    return error_at(place, node, fmt::format("found {}, expected a mapping of keys", kind_in_words(node)));
  return Fields(node, std::move(place));
}

const Node* Fields::any(std::string_view key) {
  asked_.insert(std::string(key));
  const Node* n = node_->find(key);
  return n == nullptr || n->kind == Node::Kind::null ? nullptr : n;
}

Result<const Node*> Fields::of_kind(std::string_view key, Node::Kind kind, std::string_view expected) {
  const Node* n = any(key);
  if (n != nullptr && n->kind != kind)
    return error_at(place_.member(key), *n, fmt::format("found {}, expected {}", kind_in_words(*n), expected));
  return n;
}

Result<const Node*> Fields::mapping(std::string_view key) {
  return of_kind(key, Node::Kind::mapping, "a mapping of keys");
}
Result<const Node*> Fields::sequence(std::string_view key) { return of_kind(key, Node::Kind::sequence, "a list"); }

Result<std::string> Fields::text(std::string_view key) {
  MR_TRY(const Node* n, of_kind(key, Node::Kind::scalar, "a single value"));
  if (n == nullptr)
    return error_at(place_, *node_, fmt::format("key \"{}\" is missing", key), fmt::format("add {}: …", key));
  return n->scalar;
}

Result<std::string> Fields::text(std::string_view key, std::string_view otherwise) {
  MR_TRY(const Node* n, of_kind(key, Node::Kind::scalar, "a single value"));
  return n == nullptr ? std::string(otherwise) : n->scalar;
}

Result<bool> Fields::boolean(std::string_view key, bool otherwise) {
  MR_TRY(const Node* n, of_kind(key, Node::Kind::scalar, "true or false"));
  if (n == nullptr) return otherwise;
  if (!n->quoted && (n->scalar == "true" || n->scalar == "True")) return true;
  if (!n->quoted && (n->scalar == "false" || n->scalar == "False")) return false;
  return error_at(place_.member(key), *n, fmt::format("found \"{}\", expected true or false", n->scalar));
}

Result<std::int64_t> Fields::integer(std::string_view key, std::int64_t otherwise) {
  MR_TRY(const Node* n, of_kind(key, Node::Kind::scalar, "a whole number"));
  if (n == nullptr) return otherwise;
  std::int64_t value = 0;
  const char* end = n->scalar.data() + n->scalar.size();
  if (const auto [at, ec] = std::from_chars(n->scalar.data(), end, value); ec == std::errc{} && at == end) return value;
  return error_at(place_.member(key), *n, fmt::format("found \"{}\", expected a whole number", n->scalar));
}

Result<std::vector<std::string>> Fields::texts(std::string_view key) {
  const Node* n = any(key);
  std::vector<std::string> out;
  if (n == nullptr) return out;
  if (n->kind == Node::Kind::scalar) {
    out.push_back(n->scalar);
    return out;
  }
  if (n->kind != Node::Kind::sequence)
    return error_at(place_.member(key), *n, fmt::format("found {}, expected a list of values", kind_in_words(*n)));
  for (std::size_t i = 0; i < n->items.size(); ++i) {
    const Node& item = n->items[i];
    if (item.kind != Node::Kind::scalar)
      return error_at(place_.member(key).item(i), item,
                      fmt::format("found {}, expected a single value", kind_in_words(item)));
    out.push_back(item.scalar);
  }
  return out;
}

Status Fields::done() const {
  for (const auto& [key, value] : node_->members) {
    if (asked_.contains(key)) continue;
    std::vector<std::string> known(asked_.begin(), asked_.end());
    const std::string meant = nearest(key, known);
    const std::string hint = meant.empty() ? "known keys: " + join(known, ", ") : "did you mean \"" + meant + "\"?";
    Node at_key = value;
    at_key.line = value.key_line;
    at_key.column = value.key_column;
    return error_at(place_, at_key, fmt::format("unknown key \"{}\"", key), hint);
  }
  return ok();
}

}  // namespace millrace::yaml
