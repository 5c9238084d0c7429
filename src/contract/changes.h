#pragma once
/// \file contract/changes.h
/// What differs between two contracts, in the words that a person would use.

#include <string>
#include <vector>

#include "contract/contract.h"

namespace millrace {

/// One difference. "" stands for what is not there.
struct ContractChange {
  std::string subject;  ///< "column price", "rule paid", "primary key"
  std::string aspect;   ///< "type", "format", "minimum and maximum"; "" where the subject came or went
  std::string before, after;
  [[nodiscard]] std::string text() const;  ///< "column price: type decimal(10,2) becomes decimal(12,2)"
};

/// In the order of the columns of `after`, then what is gone, then key and rules. Empty: both mean the same.
std::vector<ContractChange> changes_between(const Contract& before, const Contract& after);

}  // namespace millrace
