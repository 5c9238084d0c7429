#include "jinja/meter.h"

#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

/// A message that names a limit, whatever place it starts with.
bool ends_at_a_limit(std::string_view text) {
  Options options;
  options.limits.steps = 1'000'000;
  const Error e = error_of(text, MapScope(), options);
  return e.kind == ErrorKind::invalid_input && !e.hint.empty() && e.message.starts_with("t.sql:");
}

TEST(Meter, a_loop_without_end_ends) {
  EXPECT_TRUE(ends_at_a_limit("{% for i in range(10 ** 12) %}{% endfor %}"));
  EXPECT_TRUE(ends_at_a_limit("{% for i in range(2000) %}{% for j in range(2000) %}{% endfor %}{% endfor %}"));
}

TEST(Meter, a_macro_that_calls_itself_ends_and_its_trail_stays_short) {
  const Error e = error_of("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}");

  EXPECT_EQ(e.message, "t.sql:1:19: found more than 200 macros inside each other");
  EXPECT_EQ(e.hint, "'f' seems to call itself without end");
  EXPECT_LE(e.trail.size(), 25U);
}

TEST(Meter, recursion_through_a_call_block_ends) {
  EXPECT_EQ(
      rendered("{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{% call f() %}{% endcall %}")
          .substr(0, 6),
      "error:");
}

TEST(Meter, texts_cannot_grow_without_bound) {
  EXPECT_TRUE(ends_at_a_limit(
      "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"));
  EXPECT_TRUE(ends_at_a_limit("{{ 'a' * 10 ** 12 }}"));
  EXPECT_TRUE(ends_at_a_limit("{{ [0] * 10 ** 12 }}"));
  EXPECT_TRUE(ends_at_a_limit("{{ '{:999999999999}'.format(1) }}"));
  EXPECT_TRUE(ends_at_a_limit("{{ '%999999999d' % 1 }}"));
  EXPECT_TRUE(ends_at_a_limit("{{ 'x'.ljust(10 ** 12) }}"));
  EXPECT_TRUE(ends_at_a_limit("{{ 'x' | center(10 ** 12) }}"));
}

TEST(Meter, the_output_is_bounded) {
  Options options;
  options.limits.output_bytes = 10;

  EXPECT_EQ(rendered("{% for i in range(3) %}abc{% endfor %}", MapScope(), options), "abcabcabc");
  EXPECT_EQ(rendered("{% for i in range(4) %}abc{% endfor %}", MapScope(), options),
            "error: t.sql:1:24: found a text of 12 B, expected at most 10 B");
}

TEST(Meter, a_list_that_holds_one_list_many_times_cannot_be_unfolded) {
  const std::string doubled =
      "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, "
      "ns.y] %}"
      "{% endfor %}";

  EXPECT_TRUE(ends_at_a_limit(doubled + "{{ ns.x }}"));
  EXPECT_TRUE(ends_at_a_limit(doubled + "{{ ns.x == ns.y }}"));
  EXPECT_TRUE(ends_at_a_limit(doubled + "{{ ns.x | tojson }}"));
}

/// A list of lists, 50,000 deep, made from the outside in.
constexpr std::string_view kDeep =
    "{% set top = [] %}{% set ns = namespace(at=top) %}"
    "{% for i in range(50000) %}{% set next = [] %}{% do ns.at.append(next) %}{% set ns.at = next %}{% endfor %}";

TEST(Meter, values_nested_deeply_are_freed_without_a_deep_stack) {
  EXPECT_EQ(rendered(std::string(kDeep) + "{{ top | length }}"), "1");
}

TEST(Meter, values_nested_deeply_cannot_be_printed_compared_or_made_keys) {
  EXPECT_TRUE(ends_at_a_limit(std::string(kDeep) + "{{ top }}"));
  EXPECT_TRUE(ends_at_a_limit(std::string(kDeep) + "{{ top == [[[]]] or top == top[0] }}"));
  EXPECT_TRUE(ends_at_a_limit(std::string(kDeep) + "{{ top | tojson }}"));
  EXPECT_EQ(
      rendered(
          "{% set ns = namespace(t=()) %}{% for i in range(300) %}{% set ns.t = (ns.t,) %}{% endfor %}{{ {ns.t: 1} }}"),
      "error: t.sql:1:99: found a tuple too large to be a key");
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Meter, source_nested_deeply_is_refused_by_the_parser) {
  for (const std::string_view open : {"(", "[", "{1:", "-", "not ", "f(", "x[", "1 if ", "a ~ -"})
    EXPECT_EQ(rendered("{{ " + repeated(open, 100'000) + " }}").substr(0, 6), "error:") << open;
  for (const std::string_view tail : {".a", "[0]", "()", "|upper", " + 1", " ** 1", " and 1", " is none"})
    EXPECT_EQ(rendered("{{ x" + repeated(tail, 100'000) + " }}").substr(0, 6), "error:") << tail;
  for (const std::string_view open :
       {"{% if x %}", "{% for x in y %}", "{% macro m() %}", "{% set x %}", "{% filter upper %}"})
    EXPECT_EQ(rendered(repeated(open, 100'000)).substr(0, 6), "error:") << open;
  EXPECT_EQ(rendered("{% for " + repeated("(", 100'000) + " %}").substr(0, 6), "error:");
}

TEST(Meter, source_nested_as_people_do_is_fine) {
  EXPECT_EQ(rendered("{{ " + repeated("(", 100) + "1" + repeated(")", 100) + " }}"), "1");
  EXPECT_EQ(rendered("{{ 0" + repeated(" + 1", 500) + " }}"), "500");
  EXPECT_EQ(rendered("{{ ''" + repeated(" ~ 1", 5000) + " }}"), repeated("1", 5000));
  EXPECT_EQ(rendered(repeated("{% if true %}", 50) + "x" + repeated("{% endif %}", 50)), "x");
}

}  // namespace
}  // namespace millrace::jinja
