#pragma once
/// \file contract/reject.h
/// Why a record or a file was not loaded: one closed list of codes, each with its meaning and
/// the next step, so that messages, quarantine, documents and tests speak the same words.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace millrace {

enum class RejectCode : std::uint8_t {
  none,
  // A record
  wrong_column_count,
  unbalanced_quote,
  text_after_quote,
  field_too_long,
  bad_utf8,
  nul_byte,
  repeated_header,
  missing_value,
  bad_integer,
  bad_decimal,
  bad_number,
  bad_boolean,
  bad_date,
  bad_timestamp,
  not_accepted,
  in_the_future,
  duplicate_key,
  out_of_range,
  bad_length,
  no_match,
  broken_rule,
  ambiguous_time,
  unexpected_zone,
  extra_value,
  bad_json,
  json_nesting,
  // A file
  not_csv,
  unsupported_compression,
  wrong_delimiter,
  bad_header,
  missing_column,
  extra_column,
  duplicate_column,
  too_many_columns,
  record_too_long,
  too_many_rejects,
  broken_record,
  other_bytes,
  broken_stream,
  too_large_unpacked,
  wrong_encoding,
  nul_tail,
  bad_type,
  empty_file,
  unreadable_file,
  // Loaded, and worth a word
  leading_zeros,
  minus_zero,
  date_only,
  stray_quote,
  mixed_line_ends,
  header_normalised,
  renamed_column,
  control_z,
  trailing_delimiter,
  discarded_value,
  discarded_column,
  absent_column,
  new_column,
  no_bytes,
  no_records,
  variant_value,
  composed_text,
};

/// How many codes there are, `none` included.
inline constexpr std::size_t kRejectCodes = static_cast<std::size_t>(RejectCode::composed_text) + 1;

/// Codes that hold at once for one field, or for one row. Threads: one thread at a time.
class FlagSet {
 public:
  void add(RejectCode code) { bits_ |= bit(code); }
  void add(const FlagSet& other) { bits_ |= other.bits_; }
  void clear() { bits_ = 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] bool contains(RejectCode code) const { return (bits_ & bit(code)) != 0; }
  bool operator==(const FlagSet&) const = default;

  /// Over the codes, in the order of the enumeration.
  class Iterator {
   public:
    Iterator(const FlagSet& set, int code) : set_(&set), code_(code) { skip(); }
    RejectCode operator*() const { return static_cast<RejectCode>(code_); }
    Iterator& operator++() {
      ++code_;
      skip();
      return *this;
    }
    bool operator==(const Iterator& other) const { return code_ == other.code_; }

   private:
    void skip() {
      while (code_ < kMost && !set_->contains(static_cast<RejectCode>(code_))) ++code_;
    }
    const FlagSet* set_;  // borrows; never null
    int code_;
  };
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, kMost}; }

  static constexpr int kMost = static_cast<int>(kRejectCodes);

 private:
  __extension__ using Bits = unsigned __int128;  // one word would be full with three codes more
  static Bits bit(RejectCode code) { return Bits{1} << static_cast<unsigned>(code); }
  Bits bits_ = 0;
};

/// What a code stops: the record, the whole file, or nothing.
enum class CodeScope : std::uint8_t { record, file, warning };

struct RejectMeaning {
  RejectCode code;
  int number;             ///< 113 is shown as MR0113; never given again to another code
  std::string_view name;  ///< as stored and shown: "bad_integer"
  CodeScope scope;
  std::string_view meaning;  ///< one sentence
  std::string_view example;  ///< what it looks like, in Markdown
  std::string_view hint;     ///< what to do
};

/// All codes but `none`, in the order of the enumeration.
std::span<const RejectMeaning> reject_meanings();
/// Requires: code != none.
const RejectMeaning& meaning_of(RejectCode code);
std::string_view name_of(RejectCode code);
/// "MR0113".
std::string number_of(const RejectMeaning& meaning);
/// By name or number, in any case: "bad_date", "MR0113", "113"; nullptr: there is none.
const RejectMeaning* find_meaning(std::string_view text);

/// Why a whole file is refused; nothing of it is loaded.
struct FileReject {
  RejectCode code = RejectCode::none;
  std::string reason;  ///< found, expected
};

/// One record that was not loaded, or (flagged) was loaded in spite of a broken warning rule.
struct Reject {
  std::int64_t line = 0;          ///< of the record's first byte, 1-based, counting physical lines
  std::uint64_t byte_offset = 0;  ///< in the decoded text of the file
  std::uint64_t byte_length = 0;  ///< with its line end
  RejectCode code = RejectCode::none;
  std::string column;  ///< "" where the whole record is meant
  std::string reason;  ///< found, expected
  std::string raw;     ///< the record's bytes without the line end; empty for a flag
};

}  // namespace millrace
