#pragma once
/// \file transform/render/ephemeral.h
/// Ephemeral models as CTEs in front of a query. Source: contracts/dbt.md section 5 "Ephemeral".

#include <string>
#include <string_view>
#include <vector>

namespace millrace::transform {

struct Cte {
  std::string name;  ///< "__dbt__cte__orders"
  std::string sql;
};

/// The query with the CTEs in front: after its own leading WITH [RECURSIVE], or with a new one.
std::string with_ctes(std::string_view query, const std::vector<Cte>& ctes);

}  // namespace millrace::transform
