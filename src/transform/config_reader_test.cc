#include "transform/config_reader.h"

#include <gtest/gtest.h>

namespace millrace::transform {
namespace {

const yaml::Place kPlace{"dbt_project.yml", "models"};

Result<Config> config_of(std::string_view yaml_text, const std::vector<std::string>& fqn) {
  const auto tree = *yaml::parse(yaml_text, "dbt_project.yml");
  return config_for(tree, kPlace, fqn);
}

TEST(ConfigTree, deeper_levels_win_and_tags_add_up) {
  const auto got = config_of(
      "+materialized: view\n+tags: a\norders:\n  silver:\n    +materialized: table\n    +schema: silver\n    +tags: "
      "[b]\n",
      {"orders", "silver", "orders"});

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->materialized, Materialization::table);
  EXPECT_EQ(got->schema, "silver");
  EXPECT_EQ(got->tags, (std::vector<std::string>{"a", "b"}));
}

TEST(ConfigTree, a_key_without_plus_is_a_config_only_if_it_is_no_mapping) {
  EXPECT_EQ(config_of("orders:\n  materialized: table\n", {"orders", "x"})->materialized, Materialization::table);
  EXPECT_EQ(config_of("orders:\n  schema:\n    +materialized: table\n", {"orders", "schema", "x"})->materialized,
            Materialization::table);
}

TEST(ConfigTree, what_would_change_the_build_and_is_not_there_yet_is_an_error_at_its_line) {
  const auto tree = *yaml::parse("orders:\n  +materialized: incremental\n", "dbt_project.yml");

  const auto got = check_config_tree(tree, kPlace);

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(got.error().message,
            "dbt_project.yml:2:18: models.orders.+materialized: materialized: incremental comes with a later version "
            "of millrace");
  EXPECT_FALSE(config_of("orders:\n  +post-hook: grant\n", {"orders", "x"}));
  EXPECT_TRUE(config_of("orders:\n  +meta: {owner: me}\n  +docs: {show: false}\n  +my_own: 1\n", {"orders", "x"}));
}

}  // namespace
}  // namespace millrace::transform
