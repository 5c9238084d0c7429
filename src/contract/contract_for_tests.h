#pragma once
/// \file contract/contract_for_tests.h
/// A contract of one column, from the text a user would write, and fields put to it.

#include <array>
#include <bit>
#include <string>

#include "contract/field_rules.h"

namespace millrace {

inline std::string one_column(std::string_view keys) {
  return "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1.0.0\nstatus: active\nschema:\n"
         "  - name: t\n    properties:\n      - {name: c, " +
         std::string(keys) + "}\n";
}

/// One column and one row.
class ColumnProbe {
 public:
  /// `keys`: those of the column, in one line of YAML. Not parsed: reads abort with the error's message.
  explicit ColumnProbe(std::string_view keys) : contract_(parse_contract(one_column(keys), "c.yaml")) {}

  RejectCode write(std::string_view text, bool quoted = false) {
    flags.clear();
    cells_ = {};
    valid_ = ~0ULL;
    out_ = {cells_.data(), &valid_, false};
    text_ = {text, quoted};
    return write_field(column(), text_, now_us, out_, 0, flags);
  }
  /// What the last text was loaded as. Requires: it was good.
  [[nodiscard]] bool is_null() const { return (valid_ & 1) == 0; }
  [[nodiscard]] std::string text() const { return std::string(static_cast<const StringCell*>(out_.values)->view()); }
  [[nodiscard]] std::int64_t number() const { return static_cast<std::int64_t>(number_of(column().type, out_, 0)); }
  [[nodiscard]] double real() const { return std::bit_cast<double>(number()); }
  [[nodiscard]] Int128 wide() const { return number_of(column().type, out_, 0); }
  /// "c: found …" of the last text.
  [[nodiscard]] std::string reason(RejectCode code) const { return reason_of(column(), text_, code); }
  [[nodiscard]] const ColumnContract& column() const { return contract_->columns[0]; }

  FlagSet flags;
  std::int64_t now_us = 1'500'000'000'000'000;  // 2017-07-14 02:40:00

 private:
  Result<Contract> contract_;
  alignas(16) std::array<Int128, 1> cells_{};
  std::uint64_t valid_ = 0;
  ColumnBuffer out_;
  FieldText text_;
};

}  // namespace millrace
