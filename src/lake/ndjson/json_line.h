#pragma once
/// \file lake/ndjson/json_line.h
/// One line as one JSON object, validated to its last byte: what a line says of each key, as it is
/// written there. Numbers keep their digits, which a general parser would turn into 64 bits; nested
/// values keep their text, which one that skips them would not have looked at.
/// Source: RFC 8259; the tests compare with simdjson.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/field_rules.h"
#include "contract/reject.h"

namespace millrace::lake::ndjson {

/// Views point into the line or into the parser.
struct Member {
  std::string_view key;
  FieldText value;  ///< data is nullptr for null
};

/// Threads: one thread at a time.
class JsonLine {
 public:
  static constexpr std::size_t kMostDepth = 200;  ///< of nested values; deeper is refused

  struct Fault {
    RejectCode code = RejectCode::bad_json;
    std::string reason;  ///< with the byte, 1-based
  };

  /// nullopt: `line` is one JSON object and members() are its members, in order, keys as written.
  /// Requires: UTF-8, without its line end.
  std::optional<Fault> parse(std::string_view line);
  [[nodiscard]] std::span<const Member> members() const { return members_; }

  /// Gives the memory of decoded texts back: members of all lines so far are gone.
  void clear() { texts_.clear(); }

 private:
  bool value(FieldText& out);
  bool skip_value(std::size_t depth);
  bool skip_list(std::size_t depth, char close);
  bool string(std::string_view& out);
  bool escape(std::string* out);
  bool unicode_escape(std::string* out);
  bool hex4(unsigned& out);
  bool number();
  bool literal(std::string_view word);
  bool take(char c);
  void blanks();
  bool fail(std::string_view expected);

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<Member> members_;
  std::deque<std::string> texts_;  // a deque: its elements stay where they are
  std::optional<Fault> fault_;
};

}  // namespace millrace::lake::ndjson
