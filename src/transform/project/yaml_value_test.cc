#include "transform/project/yaml_value.h"

#include <gtest/gtest.h>

#include "jinja/print.h"

namespace millrace::transform {
namespace {

std::string typed(const std::string& scalar) {
  const auto node = yaml::parse("k: " + scalar, "t.yml");
  if (!node) return node.error().message;
  const jinja::Value v = yaml_value(*node->find("k"));
  return v.type_name() + " " + *jinja::to_text(v);
}

TEST(YamlValue, plain_scalars_are_typed_by_yaml_1_1) {
  EXPECT_EQ(typed("yes"), "bool True");
  EXPECT_EQ(typed("Off"), "bool False");
  EXPECT_EQ(typed("010"), "int 8");
  EXPECT_EQ(typed("0x1F"), "int 31");
  EXPECT_EQ(typed("0b11"), "int 3");
  EXPECT_EQ(typed("1_000"), "int 1000");
  EXPECT_EQ(typed("-7"), "int -7");
  EXPECT_EQ(typed("1:30"), "int 90");
  EXPECT_EQ(typed("1.0"), "float 1.0");
  EXPECT_EQ(typed("1.5e+3"), "float 1500.0");
  EXPECT_EQ(typed("-.inf"), "float -inf");
}

TEST(YamlValue, what_only_looks_like_a_number_is_text) {
  EXPECT_EQ(typed("1e3"), "str 1e3");
  EXPECT_EQ(typed("08"), "str 08");
  EXPECT_EQ(typed("1.2.3"), "str 1.2.3");
  EXPECT_EQ(typed("2020-01-01"), "str 2020-01-01");
  EXPECT_EQ(typed("y"), "str y");
  EXPECT_EQ(typed("'yes'"), "str yes");
  EXPECT_EQ(typed("\"1\""), "str 1");
}

TEST(YamlValue, merge_keys_fill_what_a_mapping_does_not_say) {
  const auto node = yaml::parse("base: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}", "t.yml");
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ(*jinja::to_text(yaml_value(*node->find("mine"))), "{'y': 3, 'x': 1}");
}

TEST(YamlValue, a_text_that_is_one_expression_keeps_the_type_of_its_value) {
  const auto node = yaml::parse("a: '{{ 1 + 1 }}'\nb: 'x{{ 1 }}'\nc: plain", "t.yml");
  ASSERT_TRUE(node) << node.error().message;
  const auto value = rendered_value(*node, {"t.yml", ""}, jinja::MapScope());
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(*jinja::to_text(*value), "{'a': 2, 'b': 'x1', 'c': 'plain'}");
}

TEST(YamlValue, a_mistake_in_a_template_is_at_its_place_in_the_file) {
  const auto node = yaml::parse("a:\n  b: '{{ 1 + }}'", "t.yml");
  ASSERT_TRUE(node) << node.error().message;
  const auto value = rendered_value(*node, {"t.yml", ""}, jinja::MapScope());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().message.substr(0, 8), "t.yml:2:") << value.error().message;
}

}  // namespace
}  // namespace millrace::transform
