#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "jinja/parser.h"

namespace millrace::jinja {
namespace {}  // namespace

Result<ExprPtr> Parser::postfix(ExprPtr object) {
  for (;;) {
    const std::uint32_t offset = now().offset;
    if (sees(".")) {
      MR_TRY(object, attribute(std::move(object)));
    } else if (sees("[")) {
      MR_TRY(object, subscript(std::move(object)));
    } else if (sees("(")) {
      const std::uint32_t start = object->offset;
      MR_TRY(Arguments args, arguments());
      // Errors of a call point at what is called, not at the bracket.
      const bool is_method = std::holds_alternative<Attribute>(object->node);
      MR_TRY(object, make(is_method ? start : std::min(start, offset), Call{std::move(object), std::move(args)}));
    } else {
      return object;
    }
  }
}

Result<ExprPtr> Parser::attribute(ExprPtr object) {
  ++at_;
  const Token& name = now();
  if (name.kind == TokenKind::literal && name.value.is(Kind::integer)) {
    ++at_;
    MR_TRY(ExprPtr index, make(name.offset, Literal{name.value}));
    return make(name.offset, Subscript{std::move(object), std::move(index)});
  }
  if (name.kind != TokenKind::name) return fail("a name after '.'");
  ++at_;
  return make(name.offset, Attribute{std::move(object), std::string(name.text)});
}

Result<ExprPtr> Parser::subscript(ExprPtr object) {
  const std::uint32_t offset = now().offset;
  ++at_;
  ExprPtr from, to, step;
  bool is_slice = false;
  if (!sees(":")) {
    MR_TRY(from, expression_or_tuple(true));
  }
  if (take(":")) {
    is_slice = true;
    if (!sees(":") && !sees("]")) {
      MR_TRY(to, expression());
    }
    if (take(":") && !sees("]")) {
      MR_TRY(step, expression());
    }
  }
  MR_CHECK(expect("]"));
  if (!is_slice) return make(offset, Subscript{std::move(object), std::move(from)});
  return make(offset, Slice{std::move(object), std::move(from), std::move(to), std::move(step)});
}

Result<Arguments> Parser::arguments() {
  MR_CHECK(expect("("));
  Arguments out;
  while (!take(")")) {
    MR_CHECK(argument(out));
    if (!sees(")") && !take(",")) return fail("',' or ')'");
  }
  return out;
}

Status Parser::argument(Arguments& to) {
  Argument arg;
  const std::uint32_t offset = now().offset;
  if (take("*")) {
    arg.spread = Spread::list;
  } else if (take("**")) {
    arg.spread = Spread::dict;
  } else if (now().kind == TokenKind::name && ahead(1).kind == TokenKind::symbol && ahead(1).text == "=") {
    arg.name = now().text;
    at_ += 2;
  }
  const auto is_named = [](const Argument& a) { return !a.name.empty() || a.spread == Spread::dict; };
  if (!is_named(arg) && std::any_of(to.begin(), to.end(), is_named))
    return fail_at(offset, "found a positional argument after a named one", "put positional arguments first");
  if (!arg.name.empty() && std::any_of(to.begin(), to.end(), [&](const Argument& a) { return a.name == arg.name; }))
    return fail_at(offset, fmt::format("found the argument '{}' twice", arg.name));
  MR_TRY(arg.value, expression());
  to.push_back(std::move(arg));
  return ok();
}

Result<ExprPtr> Parser::filters_and_tests(ExprPtr subject) {
  for (;;) {
    if (take("|")) {
      MR_TRY(subject, filter(std::move(subject)));
    } else if (take_word("is")) {
      MR_TRY(subject, test(std::move(subject)));
    } else if (sees("(")) {
      const std::uint32_t offset = now().offset;
      MR_TRY(Arguments args, arguments());
      MR_TRY(subject, make(offset, Call{std::move(subject), std::move(args)}));
    } else {
      return subject;
    }
  }
}

Result<ExprPtr> Parser::filter(ExprPtr subject) {
  const std::uint32_t offset = now().offset;
  MR_TRY(const std::string_view first, expect_name("the name of a filter"));
  std::string name(first);
  while (take(".")) {
    MR_TRY(const std::string_view more, expect_name("a name after '.'"));
    name += fmt::format(".{}", more);
  }
  Arguments args;
  if (sees("(")) {
    MR_TRY(args, arguments());
  }
  return make(offset, Filter{std::move(subject), std::move(name), std::move(args)});
}

Result<ExprPtr> Parser::test(ExprPtr subject) {
  static constexpr std::array<std::string_view, 7> kNoArgument{"else", "or", "and", "if", "not", "in", "is"};
  const bool negated = take_word("not");
  const std::uint32_t offset = now().offset;
  MR_TRY(const std::string_view first, expect_name("the name of a test"));
  std::string name(first);
  while (take(".")) {
    MR_TRY(const std::string_view more, expect_name("a name after '.'"));
    name += fmt::format(".{}", more);
  }
  Arguments args;
  if (sees("(")) {
    MR_TRY(args, arguments());
  } else if (now().kind == TokenKind::literal || sees("[") || sees("{") ||
             (now().kind == TokenKind::name &&
              std::find(kNoArgument.begin(), kNoArgument.end(), now().text) == kNoArgument.end())) {
    MR_TRY(ExprPtr value, primary());
    MR_TRY(value, postfix(std::move(value)));
    args.push_back({{}, Spread::none, std::move(value)});
  }
  if (sees_word("is")) return fail("one test at a time; join tests by `and`");
  MR_TRY(ExprPtr made, make(offset, Test{std::move(subject), std::move(name), std::move(args)}));
  if (!negated) return made;
  return make(offset, Unary{UnaryOp::logical_not, std::move(made)});
}

}  // namespace millrace::jinja
