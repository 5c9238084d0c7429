#include "lake/record_fields.h"

#include <gtest/gtest.h>

#include "testing/text_object.h"

namespace millrace::lake {
namespace {

struct RecordFieldsTest : ::testing::Test {
  RecordFieldsTest() {
    for (const char* name : {"id", "name", "note"}) {
      ColumnContract c;
      c.name = name;
      contract.columns.push_back(c);
    }
    contract.columns[1].aliases = {"nom"};
    contract.columns[2].required = true;
  }
  RecordFields of(const std::string& text, const csv::Dialect& dialect = {}) {
    auto got = RecordFields::of(std::make_unique<testing::TextObject>(text), how, contract, dialect);
    EXPECT_TRUE(got) << got.error().message;
    return *std::move(got);
  }
  /// "what stands there | what it says".
  static std::string found(const RecordFields& fields, const std::string& raw, std::string_view column) {
    const auto f = fields.find(raw, column);
    return f ? raw.substr(f->begin, f->end - f->begin) + " | " + f->text : "nothing";
  }
  Contract contract;
  FileOptions how;
};

TEST_F(RecordFieldsTest, fields_are_found_by_what_the_header_calls_them) {
  const auto fields = of("Note,NOM, id ,more\n1,2,3,4\n");

  EXPECT_EQ(found(fields, "a,b,7,x", "id"), "7 | 7");
  EXPECT_EQ(found(fields, "a,\"b,\"\"c\"\"\n\",7,x", "name"), "\"b,\"\"c\"\"\n\" | b,\"c\"\n");
  EXPECT_EQ(found(fields, "a,\"b,c\",7,x", "ID"), "7 | 7") << "a delimiter in quotes parts nothing";
  EXPECT_EQ(found(fields, "a,b,7,x", "more"), "x | x") << "columns that only the file has are found too";
  EXPECT_EQ(found(fields, ",b,7,x", "note"), " | ");
  EXPECT_EQ(found(fields, "a,b,7", "id"), "nothing") << "a record of another width says nothing";
  EXPECT_EQ(found(fields, "\"a,b,7,x", "id"), "nothing");
  EXPECT_EQ(found(fields, "a,b,7,x", "absent"), "nothing");
}

TEST_F(RecordFieldsTest, the_declared_dialect_is_followed_and_a_header_may_lack_columns) {
  csv::Dialect dialect;
  dialect.delimiter = ';';
  dialect.quote = '\'';
  dialect.escape = '\\';
  dialect.skip_lines = 1;
  const auto fields = of("Orders\rid;name\r1;2\r", dialect);

  EXPECT_EQ(found(fields, "'7\\'';x\"y", "id"), "'7\\'' | 7'");
  EXPECT_EQ(found(fields, "7;x\"y", "name"), "x\"y | x\"y");
  EXPECT_EQ(found(fields, "7;x", "note"), "nothing");
}

TEST_F(RecordFieldsTest, values_of_json_are_found_and_null_by_its_key) {
  how.format = FileFormat::ndjson;
  const auto fields = of("");

  const std::string raw = R"({"name": "id", "nom2": 1, "id": 7, "note": null})";
  EXPECT_EQ(found(fields, raw, "id"), "7 | 7");
  EXPECT_EQ(found(fields, raw, "name"), "\"id\" | id");
  EXPECT_EQ(found(fields, raw, "note"), "\"note\" | ");
  EXPECT_TRUE(fields.find(raw, "note")->null);
  EXPECT_EQ(found(fields, R"({"nom":"x"})", "name"), "\"x\" | x");
  EXPECT_EQ(found(fields, R"({"id": "a\u0041"})", "id"), "\"id\" | aA");
  EXPECT_EQ(found(fields, "{\"id\": ", "id"), "nothing");
}

TEST_F(RecordFieldsTest, a_file_without_a_header_of_the_contract_is_an_error) {
  EXPECT_FALSE(RecordFields::of(std::make_unique<testing::TextObject>("x,y\n"), how, contract, {}));
  EXPECT_FALSE(RecordFields::of(std::make_unique<testing::TextObject>(""), how, contract, {}));
}

}  // namespace
}  // namespace millrace::lake
