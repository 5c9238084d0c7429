#pragma once
/// \file contract/schema_policy.h
/// What happens where a file is not shaped as the contract says: the matrix of dlt's schema
/// contracts, with the same words.
/// Source: dlthub.com/docs/general-usage/schema-contracts

#include <cstdint>

namespace millrace {

enum class SchemaMode : std::uint8_t {
  freeze,         ///< the file is refused
  evolve,         ///< the landing table follows the file: a new text column, or a variant column <name>__v_text
  discard_row,    ///< the rows concerned go to quarantine
  discard_value,  ///< the value is left out, with a counted warning
};

struct SchemaPolicy {
  SchemaMode columns = SchemaMode::freeze;          ///< a column that the contract does not know
  SchemaMode missing_columns = SchemaMode::freeze;  ///< a column of the contract that the file lacks
  SchemaMode data_type = SchemaMode::discard_row;   ///< a value that is not of its column's type
};

}  // namespace millrace
