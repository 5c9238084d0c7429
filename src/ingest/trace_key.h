#pragma once
/// \file ingest/trace_key.h
/// One value of a key that somebody asks for, and records of files against it: by value, not by how it is written.

#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"
#include "lake/record_fields.h"

namespace millrace::ingest {

/// Threads: one thread at a time.
class KeyPart {
 public:
  /// An empty text asks for rows without the value (of a text column: or with the empty one).
  KeyPart(const ColumnContract& column, std::string text);

  [[nodiscard]] const ColumnContract& column() const { return column_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool asks_for_null() const { return text_.empty(); }
  /// Is the text a value of the column's type, as the contract writes it or in the standard way? Nothing is rounded.
  [[nodiscard]] bool is_value() const;

  /// Does the field of a record say this value?
  [[nodiscard]] bool matches(const lake::RecordFields::Found& field) const;
  /// Of a record that cannot be read as fields: does it stand there by itself, not inside a longer number or word?
  [[nodiscard]] bool stands_in(std::string_view raw) const;
  /// Bytes that every delimited record with the value holds; "" where it may be written in any way.
  [[nodiscard]] std::string needle() const;

 private:
  [[nodiscard]] std::optional<Int128> number_in(const ColumnContract& column, std::string_view text) const;

  ColumnContract column_;  // without its rules: a value that breaks one is still the value
  ColumnContract plain_;   // of the same type, written in the standard way
  std::string text_;
  std::optional<Int128> number_;  // of a value that is no text
};

}  // namespace millrace::ingest
