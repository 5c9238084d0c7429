#pragma once
/// \file transform/test_name.h
/// How dbt names a generic test, so that selections, docs and dashboards keep working.
/// Source: behaviour of dbt 1.11 (../docs: test names of 64 characters and more are shortened).

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::transform {

struct TestName {
  std::string name;    ///< "not_null_orders_order_id"
  std::string suffix;  ///< of the unique id: ten hex digits that tell namesakes apart
};

/// `arguments`: by name; a list's items are joined.
TestName name_test(std::string_view test, std::string_view model,
                   const std::map<std::string, std::vector<std::string>>& arguments);

}  // namespace millrace::transform
