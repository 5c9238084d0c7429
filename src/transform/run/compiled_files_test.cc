#include "transform/run/compiled_files.h"

#include <gtest/gtest.h>

#include "testing/temp_folder.h"

namespace millrace::transform {
namespace {

Node made(const std::string& sql) {
  Node node;
  node.package = "shop";
  node.original_path = "models/gold/orders.sql";
  node.compiled_code = sql;
  return node;
}

TEST(CompiledFiles, a_shorter_text_leaves_nothing_of_the_longer_one) {
  testing::TempFolder folder;
  CompiledFiles files((folder.path() / "target").string());
  for (const char* sql : {"select 1 as id", "select 1", "select 2", "select 2", ""}) {
    ASSERT_TRUE(files.write_compiled(made(sql)));
    EXPECT_EQ(folder.read("target/compiled/shop/models/gold/orders.sql"), sql);
  }
}

TEST(CompiledFiles, a_generic_test_lies_below_the_file_that_declares_it) {
  Node test = made("");
  test.original_path = "models/schema.yml";
  test.path = "unique_orders_id.sql";
  test.generic.emplace();
  EXPECT_EQ(CompiledFiles::path_of(test, "run"), "run/shop/models/schema.yml/unique_orders_id.sql");
  EXPECT_EQ(CompiledFiles("/x/target").shown(test), "target/compiled/shop/models/schema.yml/unique_orders_id.sql");
  EXPECT_EQ(CompiledFiles("").shown(test), "");
}

TEST(CompiledFiles, a_file_that_cannot_be_written_is_named) {
  testing::TempFolder folder;
  folder.write("target/compiled/shop/models", "a file where a folder is wanted");
  CompiledFiles files((folder.path() / "target").string());
  const Status done = files.write_compiled(made("select 1"));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("target/compiled/shop/models/gold"), std::string::npos) << done.error().message;
}

}  // namespace
}  // namespace millrace::transform
