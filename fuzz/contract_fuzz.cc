// Any text as a contract, and any text as a field: an error with a message, a reject with a reason, or a value that
// stays within what the column promises; never a crash.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "contract/field_rules.h"

namespace {

using namespace millrace;

/// Columns of every type, with every way of writing a value.
constexpr std::string_view kEverything = R"yaml(
apiVersion: v3.1.0
kind: DataContract
id: f
version: 1
status: active
schema:
  - name: t
    properties:
      - {name: i8, logicalType: integer, logicalTypeOptions: {format: i8, minimum: -5, exclusiveMaximum: 9, multipleOf: 3}}
      - {name: i64, logicalType: integer, customProperties: [{property: integralDecimals, value: true}]}
      - {name: id, logicalType: string, unique: true}
      - {name: text, logicalType: string, logicalTypeOptions: {minLength: 2, maxLength: 5, pattern: "^[a-z]+"}}
      - {name: mail, logicalType: string, logicalTypeOptions: {format: email}}
      - {name: ip, logicalType: string, logicalTypeOptions: {format: ipv6}}
      - {name: money, logicalType: number, physicalType: "decimal(9,2)"}
      - {name: wide, logicalType: number, physicalType: "decimal(38,10)", logicalTypeOptions: {multipleOf: 0.5}}
      - name: german
        logicalType: number
        customProperties: [{property: decimalSeparator, value: ","}, {property: groupSeparator, value: "."}]
      - name: words
        logicalType: boolean
        customProperties: [{property: trueValues, value: [sim]}, {property: falseValues, value: ["no"]}, {property: trim, value: true}]
      - {name: day, logicalType: date, logicalTypeOptions: {format: d/M/yyyy}}
      - {name: naive, logicalType: timestamp, quality: [{type: custom, engine: millrace, implementation: not_in_future}]}
      - {name: loose, logicalType: timestamp, logicalTypeOptions: {format: "yyyy-M-d H:mm[:ss.SSS]"}}
      - {name: zoned, logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: UTC}}
      - {name: epoch, logicalType: timestamp, customProperties: [{property: unit, value: ms}]}
      - name: listed
        logicalType: integer
        quality: [{metric: invalidValues, arguments: {validValues: [1, 2]}, mustBe: 0, severity: warning}]
        customProperties: [{property: nullValues, value: ["", NA]}]
)yaml";

void must(bool condition) {
  if (!condition) std::abort();
}

void put_to(const ColumnContract& column, FieldText field) {
  alignas(16) std::array<Int128, 1> cell{};
  std::uint64_t valid = ~0ULL;
  ColumnBuffer out{cell.data(), &valid, false};
  FlagSet flags;
  const RejectCode code = write_field(column, field, 0, out, 0, flags);
  if (code != RejectCode::none) must(!reason_of(column, field, code).empty());
  for (const RejectCode flag : flags) must(!reason_of(column, field, flag).empty());
  if (code != RejectCode::none || out.has_nulls) return;
  must(!(column.required && out.has_nulls));
  if (column.type.kind == TypeKind::text) {
    must(static_cast<const StringCell*>(out.values)->view() == field.text || column.trim);
  } else if (column.limits && column.type.kind != TypeKind::float64) {
    const Int128 number = number_of(column.type, out, 0);
    must(number >= column.limits->low && number <= column.limits->high);
  } else if (column.format && column.type.kind != TypeKind::date) {
    const auto micros = static_cast<std::int64_t>(number_of(column.type, out, 0));
    must(micros >= -719'162 * kMicrosPerDay && micros < 2'932'897 * kMicrosPerDay);
  }
}

void put_all(const Contract& contract, std::string_view texts) {
  while (true) {
    const auto end = texts.find('\n');
    for (const ColumnContract& column : contract.columns)
      for (const bool quoted : {false, true}) {
        const std::string exact(texts.substr(0, end));  // its own bytes: reading past them is seen
        put_to(column, {exact, quoted});
      }
    if (end == std::string_view::npos) return;
    texts.remove_prefix(end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Result<Contract> everything = parse_contract(kEverything, "everything.yaml");
  must(everything.has_value());
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!input.empty() && input.front() == '=') {  // fields, one on each line
    put_all(*everything, input.substr(1));
    return 0;
  }
  const auto end = input.find('\0');  // a contract, and fields for it
  const auto got = parse_contract(input.substr(0, end), "fuzz.yaml");
  if (!got) {
    must(!got.error().message.empty());
    return 0;
  }
  must(!got->columns.empty());
  if (end != std::string_view::npos) put_all(*got, input.substr(end + 1));
  return 0;
}
