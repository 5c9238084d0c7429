#include "transform/run/statements.h"

#include <gtest/gtest.h>

namespace millrace::transform {
namespace {

using Texts = std::vector<std::string>;

TEST(SplitStatements, semicolons_inside_of_texts_names_comments_and_tags_do_not_cut) {
  EXPECT_EQ(split_statements("select ';'; select \";\" -- ;\n; /* ; */ select $$;$$; select $a$ ; $$ $a$ ;;"),
            (Texts{"select ';'", "select \";\" -- ;", "/* ; */ select $$;$$", "select $a$ ; $$ $a$"}));
  EXPECT_EQ(split_statements("select $1; select 'open ; "), (Texts{"select $1", "select 'open ;"}));
  EXPECT_EQ(split_statements(" ; -- nothing\n"), Texts{});
}

TEST(FirstWord, comments_in_front_are_passed_over) {
  EXPECT_EQ(first_word("-- a\n /* b */ commit work"), "COMMIT");
  EXPECT_EQ(first_word("(select 1)"), "");
}

TEST(TransactionControl, a_statement_that_would_end_the_build_is_refused) {
  for (const char* sql : {"commit", "BEGIN TRANSACTION", "/* x */ rollback", "end"})
    EXPECT_EQ(check_no_transaction_control(sql).error().kind, ErrorKind::unsupported) << sql;
  EXPECT_TRUE(check_no_transaction_control("insert into t select 'commit'"));
}

TEST(CompiledSqlErrors, the_line_is_that_of_the_compiled_sql_and_the_caret_stays_under_its_character) {
  const Error error{
      ErrorKind::invalid_input, "m.sql: Parser Error: no\n\nLINE 12: select frm\n                ^", "", {}};
  const Error told = about_compiled_sql(error, 9, 4, "target/m.sql");
  EXPECT_EQ(told.message, "m.sql: Parser Error: no\nline 3 of the compiled SQL:\n  select frm\n         ^");
  EXPECT_EQ(told.hint, "the compiled SQL lies in target/m.sql");
  EXPECT_EQ(told.kind, ErrorKind::invalid_input);
}

TEST(CompiledSqlErrors, a_place_outside_of_the_compiled_sql_is_left_out) {
  const Error error{ErrorKind::invalid_input, "no\n\nLINE 2: x\n        ^", "do", {}};
  EXPECT_EQ(about_compiled_sql(error, 2, 1, "").message, "no");
  EXPECT_EQ(about_compiled_sql(error, 2, 1, "f").hint, "do; the compiled SQL lies in f");
}

}  // namespace
}  // namespace millrace::transform
