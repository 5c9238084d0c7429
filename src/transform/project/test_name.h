#pragma once
/// \file transform/project/test_name.h
/// How dbt names a generic test, so that selections, docs and dashboards keep working.
/// Source: contracts/dbt.md section 5 "Tests"; the ids of contracts/dbt-acceptance are reproduced.

#include <string>
#include <string_view>

#include "base/result.h"
#include "jinja/value.h"

namespace millrace::transform {

struct TestName {
  std::string full;    ///< "not_null_orders_order_id": the node's name
  std::string alias;   ///< the same, or shortened to 30 characters and a hash where it has 64 or more
  std::string suffix;  ///< ten hex digits of the unique id, which tell namesakes apart
};

/// `type`: "not_null", "dbt_utils_equality", "source_unique". `about`: the node's name, "raw_orders" for a source
/// table. `kwargs`: as declared, with column_name and model. Errors: those of printing a value.
Result<TestName> name_test(std::string_view type, std::string_view about, std::string_view name_space,
                           std::string_view name, const jinja::Value& kwargs);

/// As name_test, where the user has said the name.
Result<std::string> test_suffix(std::string_view full_name, std::string_view name_space, std::string_view name,
                                const jinja::Value& kwargs);

}  // namespace millrace::transform
