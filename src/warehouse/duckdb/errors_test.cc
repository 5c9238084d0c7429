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

TEST(DuckDbErrors, a_full_disk_says_so_and_does_not_pass_for_damage) {
  const Error full = to_error(
      "commit", "TransactionContext Error: Failed to commit: Could not write file \"w.wal\": No space left on device");

  EXPECT_EQ(full.kind, ErrorKind::unavailable);
  EXPECT_TRUE(full.hint.starts_with("free space"));
  EXPECT_FALSE(is_damaged_log(
      to_error("opening w", "IO Error: Failure while replaying WAL file \"w.wal\": No space left on device")));
}

TEST(DuckDbErrors, damage_of_the_log_and_of_the_file_are_told_apart) {
  const Error log = to_error(
      "opening w", "IO Error: Failure while replaying WAL file \"w.wal\": Corrupt WAL file: entry at byte position 24");
  const Error file =
      to_error("opening w", "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2");

  EXPECT_TRUE(is_damaged_log(log));
  EXPECT_FALSE(is_damaged_file(log));
  EXPECT_TRUE(is_damaged_file(file));
  EXPECT_FALSE(is_damaged_log(file));
  EXPECT_NE(file.hint.find("--rebuild"), std::string::npos);
}

TEST(DuckDbErrors, the_engine_has_stopped_where_it_says_fatal_now_or_before) {
  EXPECT_TRUE(has_stopped("FATAL Error: Failed to create checkpoint because of error: Could not write"));
  EXPECT_TRUE(has_stopped("Invalid Error: database has been invalidated because of a previous fatal error"));
  EXPECT_FALSE(has_stopped("IO Error: No space left on device"));
}

}  // namespace
}  // namespace millrace::warehouse::duckdb
