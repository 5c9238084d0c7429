#pragma once
/// \file lake/row_writer.h
/// One record's fields against the contract: a row, or a reject with its reason. The same for every
/// format of files.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/field_rules.h"
#include "contract/row_source.h"
#include "contract/schema_policy.h"
#include "lake/findings.h"

namespace millrace::lake {

/// What the rows of one file look like. Borrows the contract.
struct RowShape {
  const Contract* contract = nullptr;
  SchemaPolicy policy;
  std::int64_t now_us = 0;  ///< the moment of the load, microseconds since the epoch
  std::size_t max_field_bytes = 1 << 20;
  std::vector<std::string> new_columns;    ///< text columns behind the contract's
  std::vector<std::size_t> variants = {};  ///< columns of the contract with a variant column, behind the new ones

  /// The contract's columns, the new ones, the variants, then line, offset, length.
  [[nodiscard]] std::vector<Column> columns() const;
  [[nodiscard]] std::size_t width() const { return first_variant() + variants.size(); }
  [[nodiscard]] std::size_t first_variant() const { return contract->columns.size() + new_columns.size(); }
  /// Where a column's variant stands, or npos.
  [[nodiscard]] std::size_t variant_of(std::size_t column) const;
  /// May the column have one? Not where another column has that name already.
  [[nodiscard]] bool may_vary(std::size_t column) const;
  /// What the landing table is to have beside the contract's columns.
  [[nodiscard]] std::vector<std::string> added_columns() const;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// "amount__v_text": as dlt names the column for values that are not of the declared type.
std::string variant_name(std::string_view column);

/// Is `code` said of a value that is not of its column's type (schema_contract.data_type)?
bool is_type_code(RejectCode code);

/// What becomes of a field that broke a rule, by the policy on types.
/// none: the row stands without the value, which is NULL now, or in the variant column; to be flagged with
/// kept_as(policy). Where the variant column is not known yet, the tally is told.
RejectCode settle(const RowShape& shape, std::size_t column, FieldText field, RejectCode code, const Place& place,
                  Tally& tally, std::span<ColumnBuffer> out, std::size_t row);
RejectCode kept_as(const SchemaPolicy& policy);
/// Before the row's fields are written.
void clear_variants(const RowShape& shape, std::span<ColumnBuffer> out, std::size_t row);

/// A word on one column of a row that may stand: said only when the row does.
struct PendingFlag {
  static constexpr std::size_t kRecord = static_cast<std::size_t>(-1);  ///< no column: the whole record
  std::size_t column = 0;
  RejectCode flag = RejectCode::none;
  RejectCode why = RejectCode::none;  ///< what reason_of() is asked for
};

/// Threads: one thread at a time. Borrows all.
class RowWriter {
 public:
  /// Gives the memory of texts that it made back: before a new batch.
  void clear_texts() { texts_.clear(); }

  RowWriter(const RowShape& shape, Findings& findings, Tally& tally)
      : shape_(&shape), findings_(&findings), tally_(&tally) {}

  /// Writes row `row` of `out` and counts it, or counts and keeps a reject; true: the row stands.
  /// `fields`: one for each column of the contract, then one for each new column; text borrowed by
  /// `out`. A field whose data is nullptr is absent: NULL, and never a rejected one.
  /// `flag`: a word on the whole record, said where the row stands.
  bool write(std::span<const FieldText> fields, const Place& place, std::string_view raw, std::span<ColumnBuffer> out,
             std::size_t row, RejectCode flag = RejectCode::none);

  /// A record that cannot be read as fields.
  void reject(const Place& place, std::string_view raw, RejectCode code, std::string reason);

 private:
  const RowShape* shape_;
  Findings* findings_;
  Tally* tally_;
  std::vector<PendingFlag> pending_;  // of the present row
  std::deque<std::string> texts_;     // a deque: its elements stay where they are
};

/// The field as the column is to have it: in Unicode's composed form, where the contract asks for it. A new text
/// is kept in `texts`, and told as a flag.
FieldText as_declared(const ColumnContract& column, FieldText field, std::deque<std::string>& texts, FlagSet& flags);

/// Text as it is; NULL where nothing is written.
void write_new_column(FieldText field, ColumnBuffer& out, std::size_t row);

/// Writes the columns that say where row `row` comes from.
void write_place(const RowShape& shape, const Place& place, std::span<ColumnBuffer> out, std::size_t row);

}  // namespace millrace::lake
