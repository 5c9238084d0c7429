#include "contract/contract.h"

#include <algorithm>

namespace millrace {

AcceptedValues::AcceptedValues(std::vector<std::string> v, Severity s) : values(std::move(v)), severity(s) {
  lookup.insert(values.begin(), values.end());
}

AcceptedValues& AcceptedValues::operator=(const AcceptedValues& other) {
  if (this != &other) *this = AcceptedValues(other);
  return *this;
}

std::vector<std::vector<std::size_t>> Contract::unique_sets() const {
  std::vector<std::vector<std::size_t>> sets;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].unique) sets.push_back({i});
  const bool covered =
      std::any_of(primary_key.begin(), primary_key.end(), [&](std::size_t i) { return columns[i].unique; });
  if (!primary_key.empty() && !covered) sets.push_back(primary_key);
  return sets;
}

}  // namespace millrace
