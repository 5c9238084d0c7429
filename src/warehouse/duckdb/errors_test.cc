#include "warehouse/duckdb/errors.h"

#include <gtest/gtest.h>

namespace millrace::warehouse::duckdb {
namespace {

TEST(DuckDbErrors, each_class_of_message_has_the_kind_that_names_its_remedy) {
  const std::pair<const char*, ErrorKind> cases[] = {
      {"TransactionContext Error: Conflict on update!", ErrorKind::conflict},
      {"IO Error: Could not set lock on file \"x\": Conflicting lock is held", ErrorKind::conflict},
      {"IO Error: No space left on device", ErrorKind::unavailable},
      {"Out of Memory Error: failed to pin", ErrorKind::unavailable},
      {"Constraint Error: Duplicate key", ErrorKind::contract_violation},
      {"Binder Error: Referenced column \"x\" not found", ErrorKind::invalid_input},
      {"INTERRUPT Error: Interrupted!", ErrorKind::cancelled},
      {"FATAL Error: database has been invalidated", ErrorKind::internal},
      {"something new", ErrorKind::internal},
  };
  for (const auto& [message, kind] : cases) EXPECT_EQ(to_error("s", message).kind, kind) << message;
}

TEST(DuckDbErrors, the_message_names_the_statement) {
  EXPECT_EQ(to_error("model silver.orders", "Binder Error: no x\n").message, "model silver.orders: Binder Error: no x");
}

}  // namespace
}  // namespace millrace::warehouse::duckdb
