#include "jinja/template.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

/// A relation as dbt's `this`.
class Relation final : public Object {
 public:
  std::string type_name() const override { return "Relation"; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name == "schema") return Value("raw");
    if (name == "include")
      return Value::function("include",
                             [](jinja::Run&, const Args& args) { return Result<Value>(Value(args.named.size())); });
    return std::nullopt;
  }
  std::string to_text() const override { return "\"raw\".\"orders\""; }
  std::optional<std::vector<Value>> items() const override { return std::vector<Value>{Value(1), Value(2)}; }
};

Value function(std::string name, std::function<Result<Value>(const Args&)> f) {
  return Value::function(std::move(name), [f = std::move(f)](Run&, const Args& args) { return f(args); });
}

TEST(Template, host_objects_show_attributes_methods_items_and_text) {
  MapScope globals;
  globals.set("this", Value(std::make_shared<Relation>()));

  EXPECT_EQ(rendered("{{ this }} {{ this.schema }} {{ this['schema'] }} {{ this.include(a=1, b=2) }}", globals),
            "\"raw\".\"orders\" raw raw 2");
  EXPECT_EQ(rendered("{{ this | list }}{{ this.nothing }}{{ 2 in this }}", globals), "[1, 2]True");
  EXPECT_EQ(rendered("{{ this() }}", globals), "error: t.sql:1:4: found Relation, expected something to call");
}

TEST(Template, host_functions_take_arguments_and_their_errors_get_the_place_of_the_call) {
  MapScope globals;
  globals.set("ref", function("ref", [](const Args& a) -> Result<Value> {
                if (a.positional[0].text() == "orders") return Value("raw.orders");
                return Error{ErrorKind::not_found, "no model 'ordrs'", "did you mean 'orders'?", {}};
              }));

  EXPECT_EQ(rendered("select * from {{ ref('orders') }}", globals), "select * from raw.orders");
  const Error e = error_of("select *\nfrom {{ ref('ordrs') }}", globals);
  EXPECT_EQ(e.kind, ErrorKind::not_found);
  EXPECT_EQ(e.message, "t.sql:2:9: no model 'ordrs'");
  EXPECT_EQ(e.hint, "did you mean 'orders'?");
}

TEST(Template, host_functions_can_call_back_and_ask_where_they_were_called) {
  MapScope globals;
  globals.set("statement", Value::function("statement", [](jinja::Run& run, const Args& args) -> Result<Value> {
                MR_TRY(const Value body, run.call(*args.find("caller"), {}));
                return Value("<" + body.text() + ">");
              }));
  globals.set("here", Value::function(
                          "here", [](jinja::Run& run, const Args&) { return Result<Value>(Value(run.call_site())); }));

  EXPECT_EQ(rendered("{% call statement() %}x{{ 1 }}{% endcall %}", globals), "<x1>");
  EXPECT_EQ(rendered("\n {{ here() }}", globals), "\n t.sql:2:5");
  const Error e = error_of("{% call statement() %}{{ 1 + 'a' }}{% endcall %}", globals);
  EXPECT_EQ(e.message, "t.sql:1:28: found int + str, which have no such operator");
}

TEST(Template, a_name_of_the_scope_wins_over_a_builtin_and_the_template_over_both) {
  MapScope behind, globals(&behind);
  behind.set("a", Value("behind"));
  behind.set("range", Value("mine"));
  globals.set("b", Value("front"));

  EXPECT_EQ(rendered("{{ a }} {{ b }} {{ range }} {% set b = 1 %}{{ b }}", globals), "behind front mine 1");
}

TEST(Template, an_unknown_function_suggests_a_known_one) {
  MapScope globals;
  globals.set("cents_to_dollars", Value(1));

  EXPECT_EQ(error_of("{{ cents_to_dolars(1) }}", globals).hint, "did you mean 'cents_to_dollars'?");
  EXPECT_EQ(error_of("{% set x = [] %}{{ x.apend(1) }}").hint, "did you mean 'append'?");
}

TEST(Template, top_level_macros_can_be_listed_and_called_with_the_scope_of_the_caller) {
  const auto file =
      parse("{% set hidden = 1 %}\n{% macro a(x, y=2) %}{{ x }}{{ y }}{{ hidden }}{{ b() }}{% endmacro %}", "m.sql");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->macros().size(), 1U);
  EXPECT_EQ(file->macros()[0].name, "a");
  EXPECT_EQ(file->macros()[0].place.line, 2U);
  EXPECT_TRUE(file->macros()[0].parameters[1].has_default);

  MapScope globals;
  globals.set("a", *file->macro("a"));
  globals.set("b", function("b", [](const Args&) { return Result<Value>(Value("B")); }));
  EXPECT_EQ(rendered("{{ a(1) }}", globals), "12B");
}

TEST(Template, a_macro_bound_to_a_scope_does_not_look_at_the_callers) {
  const auto file = parse("{% macro a() %}{{ where }}{% endmacro %}", "m.sql");
  MapScope of_package, of_run;
  of_package.set("where", Value("package"));
  of_run.set("where", Value("run"));
  of_run.set("a", *file->macro("a", &of_package));

  EXPECT_EQ(rendered("{{ a() }} {{ where }}", of_run), "package run");
}

TEST(Template, a_macro_can_be_called_from_the_host_with_its_value) {
  const auto file = parse("{% macro a(x) %}{{ return([x]) }}{% endmacro %}", "m.sql");
  const auto result = call_macro(*file->macro("a"), Args{{Value(5)}, {}}, MapScope());

  ASSERT_TRUE(result);
  EXPECT_EQ(result->items()[0].integer(), 5);
  EXPECT_EQ(file->macro("b").error().kind, ErrorKind::not_found);
}

TEST(Template, tags_of_the_host_define_macros_too) {
  const auto file = parse("{% test not_null(model) %}{{ model }}{% endtest %}", "m.sql", {{}, {"test"}});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->macros()[0].tag, "test");
  EXPECT_EQ(call_macro(*file->macro("not_null"), Args{{Value("m")}, {}}, MapScope())->text(), "m");
}

TEST(Template, native_rendering_keeps_the_type_of_a_single_expression) {
  const auto native = [](std::string_view text) { return *render_native(*parse(text, "y"), MapScope()); };

  EXPECT_EQ(native("{{ 1 + 1 }}").integer(), 2);
  EXPECT_TRUE(native("{{ none }}").is(Kind::none));
  EXPECT_EQ(native("{{ [1] }}").items().size(), 1U);
  EXPECT_EQ(native("{{ 1 }}{{ 2 }}").text(), "12");
  EXPECT_EQ(native("plain").text(), "plain");
  EXPECT_EQ(native("{{ '1' }}").text(), "1");
}

TEST(Template, native_filters_read_literals_and_do_nothing_in_sql) {
  const auto native = [](std::string_view text) { return *render_native(*parse(text, "y"), MapScope()); };

  EXPECT_TRUE(native("{{ 'True' | as_bool }}").boolean());
  EXPECT_EQ(native("{{ '12' | as_number }}").integer(), 12);
  EXPECT_EQ(native("{{ 'x' | as_native }}").text(), "x");
  EXPECT_FALSE(render_native(*parse("{{ 'x' | as_bool }}", "y"), MapScope()));
  EXPECT_EQ(printed("'12' | as_number | as_bool"), "12");
}

TEST(Template, evaluate_takes_an_expression_without_braces) {
  EXPECT_EQ(evaluate("{'a': [1, 2]}['a'][1]", MapScope())->integer(), 2);
  EXPECT_EQ(evaluate("1 +", MapScope(), {}, "vars").error().message, "vars:1:4: found the end, expected an expression");
  EXPECT_EQ(evaluate("1 }} 2", MapScope()).error().kind, ErrorKind::invalid_input);
}

TEST(Template, a_part_of_a_file_is_reported_at_its_place_in_the_file) {
  const auto parsed = parse("{{ 1\n + 'a' }} {{ }}", "f.sql", {{10, 5}, {}});

  EXPECT_EQ(parsed.error().message, "f.sql:11:14: found '}}', expected an expression");
  EXPECT_EQ(parse("{{ }}", "f.sql", {{10, 5}, {}}).error().message, "f.sql:10:8: found '}}', expected an expression");
}

TEST(Template, what_a_host_function_throws_becomes_an_error) {
  MapScope globals;
  globals.set("boom", function("boom", [](const Args&) -> Result<Value> { throw std::runtime_error("boom"); }));

  EXPECT_EQ(error_of("{{ boom() }}", globals).kind, ErrorKind::internal);
}

TEST(Template, the_filter_random_needs_a_source_of_randomness) {
  Options options;
  options.random = [] { return std::uint64_t{7}; };

  EXPECT_EQ(printed("[1, 2, 3] | random", MapScope(), options), "2");
  EXPECT_EQ(error_of("{{ [1] | random }}").kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace millrace::jinja
