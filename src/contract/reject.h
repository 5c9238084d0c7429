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
  // A file
  not_csv,
  compressed,
  wrong_delimiter,
  bad_header,
  missing_column,
  extra_column,
  duplicate_column,
  record_too_long,
  too_many_rejects,
  broken_record,
  other_bytes,
};

struct RejectMeaning {
  RejectCode code;
  std::string_view name;     ///< as stored and shown: "bad_integer"
  bool whole_file;           ///< nothing of the file is loaded
  std::string_view meaning;  ///< one sentence
  std::string_view hint;     ///< what to do
};

/// All codes but `none`, in the order of the enumeration.
std::span<const RejectMeaning> reject_meanings();
/// Requires: code != none.
const RejectMeaning& meaning_of(RejectCode code);
std::string_view name_of(RejectCode code);

/// One record that was not loaded, or (flagged) was loaded in spite of a broken warning rule.
struct Reject {
  std::int64_t line = 0;          ///< of the record's first byte, 1-based, counting physical lines
  std::uint64_t byte_offset = 0;  ///< in the uncompressed file
  std::uint64_t byte_length = 0;  ///< with its line end
  RejectCode code = RejectCode::none;
  std::string column;  ///< "" where the whole record is meant
  std::string reason;  ///< found, expected
  std::string raw;     ///< the record's bytes without the line end; empty for a flag
};

}  // namespace millrace
