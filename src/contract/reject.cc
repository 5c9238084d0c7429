#include "contract/reject.h"

#include <array>

#include "base/result.h"

namespace millrace {
namespace {

using enum RejectCode;

constexpr std::array kMeanings{
    RejectMeaning{wrong_column_count, "wrong_column_count", false,
                  "The record has more or fewer fields than the header.",
                  "correct the record at the sender, or quote fields that hold the delimiter"},
    RejectMeaning{unbalanced_quote, "unbalanced_quote", false, "A quoted field is opened and never closed.",
                  "close the quote; write a quote inside a field as two quotes"},
    RejectMeaning{text_after_quote, "text_after_quote", false, "Text follows a closing quote.",
                  "write a quote inside a field as two quotes"},
    RejectMeaning{field_too_long, "field_too_long", false, "A field is longer than 1 MiB.",
                  "shorten the field at the sender"},
    RejectMeaning{bad_utf8, "bad_utf8", false, "The record holds bytes that are not UTF-8.",
                  "export the file as UTF-8"},
    RejectMeaning{nul_byte, "nul_byte", false, "The record holds a NUL byte.", "remove the byte at the sender"},
    RejectMeaning{repeated_header, "repeated_header", false, "The header line stands again in the middle of the file.",
                  "join exports without their headers; no data is missing"},
    RejectMeaning{missing_value, "missing_value", false, "A required column is empty.",
                  "supply the value, or drop required: true from the contract"},
    RejectMeaning{bad_integer, "bad_integer", false, "The value is not a whole number of 64 bits.",
                  "write digits only, with a minus sign where needed"},
    RejectMeaning{bad_decimal, "bad_decimal", false, "The value is no decimal of the declared precision and scale.",
                  "write 1234.56; nothing is rounded"},
    RejectMeaning{bad_number, "bad_number", false, "The value is not a finite number.", "write 1234.56 or 1.2e3"},
    RejectMeaning{bad_boolean, "bad_boolean", false, "The value is neither true nor false.", "write true or false"},
    RejectMeaning{bad_date, "bad_date", false, "The value is no calendar date of the declared format.",
                  "write the declared format, or declare another in logicalTypeOptions.format"},
    RejectMeaning{bad_timestamp, "bad_timestamp", false, "The value is no date and time of the declared format.",
                  "write the declared format, or declare another in logicalTypeOptions.format"},
    RejectMeaning{not_accepted, "not_accepted", false, "The value is not among those the contract accepts.",
                  "correct the value, or add it to validValues"},
    RejectMeaning{in_the_future, "in_the_future", false, "The time lies after the moment of loading.",
                  "correct the year at the sender"},
    RejectMeaning{duplicate_key, "duplicate_key", false, "A value of a unique column is already loaded.",
                  "remove the second record, or drop unique: true from the contract"},
    RejectMeaning{not_csv, "not_csv", true, "The file is no delimited text.", "deliver CSV under this name"},
    RejectMeaning{compressed, "compressed", true, "The file is compressed, which this version does not read.",
                  "deliver it uncompressed"},
    RejectMeaning{wrong_delimiter, "wrong_delimiter", true, "The header uses another delimiter than declared.",
                  "export with the declared delimiter"},
    RejectMeaning{bad_header, "bad_header", true, "The first record is not the header of the contract.",
                  "write the column names into the first line"},
    RejectMeaning{missing_column, "missing_column", true, "A column of the contract is missing in the header.",
                  "deliver the column, or remove it from the contract"},
    RejectMeaning{extra_column, "extra_column", true, "The header has a column that the contract does not know.",
                  "add the column to the contract, or leave it out of the file"},
    RejectMeaning{duplicate_column, "duplicate_column", true, "The header names a column twice.",
                  "give each column one name"},
    RejectMeaning{record_too_long, "record_too_long", true, "A line is longer than 16 MiB.",
                  "check that the file has line ends"},
    RejectMeaning{too_many_rejects, "too_many_rejects", true, "More records were broken than the source allows.",
                  "look at the examples; raise reject_limit if this is expected"},
    RejectMeaning{broken_record, "broken_record", true,
                  "A record is broken, and the source is declared on_reject: fail_file.",
                  "correct the record, or set on_reject: quarantine"},
    RejectMeaning{other_bytes, "other_bytes", true,
                  "Other bytes were loaded under this name, and the source is declared on_new_bytes: refuse.",
                  "deliver it under a new name, or set on_new_bytes: replace"},
};

}  // namespace

std::span<const RejectMeaning> reject_meanings() { return kMeanings; }

const RejectMeaning& meaning_of(RejectCode code) {
  MR_INVARIANT(code != none, "only a reject has a meaning");
  return kMeanings.at(static_cast<std::size_t>(code) - 1);
}

std::string_view name_of(RejectCode code) { return meaning_of(code).name; }

}  // namespace millrace
