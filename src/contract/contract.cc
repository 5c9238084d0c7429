#include "contract/contract.h"

#include <algorithm>
#include <set>

namespace millrace {

AcceptedValues::AcceptedValues(std::vector<std::string> v, Severity s) : values(std::move(v)), severity(s) { index(); }

AcceptedValues::AcceptedValues(const AcceptedValues& other)
    : values(other.values), severity(other.severity), numbers_(other.numbers_) {
  index();
}

AcceptedValues& AcceptedValues::operator=(const AcceptedValues& other) {
  if (this != &other) *this = AcceptedValues(other);
  return *this;
}

void AcceptedValues::index() {
  if (values.size() <= kFew)
    for (const std::string& value : values) {
      cells_.push_back(StringCell::of(value));
      heads_.push_back(cells_.back().head());
    }
  else
    lookup_.insert(values.begin(), values.end());
  heads_differ_ = std::set<std::uint64_t>(heads_.begin(), heads_.end()).size() == heads_.size();
}

void AcceptedValues::add_number(Int128 number) {
  numbers_.insert(std::upper_bound(numbers_.begin(), numbers_.end(), number), number);
}

bool AcceptedValues::contains(Int128 number) const {
  return std::binary_search(numbers_.begin(), numbers_.end(), number);
}

void ColumnContract::settle() {
  read_plainly = null_values == std::vector<std::string>{""} && !trim && !composed && !integral_decimals && !marks &&
                 !words && !epoch_unit && type.kind != TypeKind::timestamptz;
  const bool ruled = limits || length || !patterns.empty() || (identifies && type.kind == TypeKind::text);
  judged = ruled || accepted || not_in_future;
  plain_ = read_plainly && !ruled && !accepted && !flag_nulls;
  listed_ = read_plainly && !ruled && accepted && !flag_nulls && type.kind == TypeKind::text;
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
