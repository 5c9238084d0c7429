#include "lake/ndjson/ndjson_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/random.h"
#include "base/sha256.h"
#include "lake/plain_stream.h"
#include "testing/text_object.h"

namespace millrace::lake::ndjson {
namespace {

/// Memory for one batch of (int64, text, decimal(9,2), more text…, line, offset, length).
struct Batch {
  explicit Batch(std::size_t texts)
      : memory(6 + texts, std::vector<std::array<char, 16>>(kBatchRows)), valid(6 + texts), buffers(6 + texts) {}
  std::span<ColumnBuffer> fresh() {
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      valid[i].assign(kBatchRows / 64, ~0ULL);
      buffers[i] = {memory[i].data(), valid[i].data(), false};
    }
    return buffers;
  }
  template <class T>
  T at(std::size_t column, std::size_t row) const {
    return static_cast<const T*>(buffers[column].values)[row];
  }
  bool null(std::size_t column, std::size_t row) const { return (valid[column][row / 64] >> (row % 64) & 1U) == 0; }

  std::vector<std::vector<std::array<char, 16>>> memory;
  std::vector<std::vector<std::uint64_t>> valid;
  std::vector<ColumnBuffer> buffers;
};

struct NdjsonSourceTest : ::testing::Test {
  NdjsonSourceTest() {
    ColumnContract id, name, price;
    id.name = "id";
    id.type = {TypeKind::int64};
    id.required = true;
    name.name = "name";
    name.aliases = {"title"};
    price.name = "price";
    price.type = {TypeKind::decimal, 9, 2};
    contract.columns = {id, name, price};
  }

  auto try_start(const std::string& text) {
    auto started = NdjsonSource::start(plain_stream(testing::text_object(text)), contract, {}, options);
    EXPECT_TRUE(started);
    return *std::move(started);
  }
  std::unique_ptr<NdjsonSource> start(const std::string& text) {
    auto started = try_start(text);
    if (const auto* reject = std::get_if<FileReject>(&started)) ADD_FAILURE() << reject->reason;
    return std::get<0>(std::move(started));
  }
  std::string refusal(const std::string& text) {
    auto started = try_start(text);
    const auto* reject = std::get_if<FileReject>(&started);
    return reject == nullptr ? "started" : std::string(name_of(reject->code)) + ": " + reject->reason;
  }

  /// "line@offset+length: id name price more" of each row of one cursor.
  static std::vector<std::string> rows_of(NdjsonSource& source) {
    const std::size_t more = source.new_columns().size();
    std::vector<std::string> out;
    auto cursor = *source.open();
    for (Batch b(more);;) {
      const auto n = cursor->next(b.fresh());
      if (!n || *n == 0) return out;
      for (std::size_t i = 0; i < *n; ++i) {
        std::string row = std::to_string(b.at<std::int64_t>(3 + more, i)) + "@" +
                          std::to_string(b.at<std::int64_t>(4 + more, i)) + "+" +
                          std::to_string(b.at<std::int32_t>(5 + more, i)) + ": " +
                          std::to_string(b.at<std::int64_t>(0, i)) + " ";
        row += b.null(1, i) ? "NULL" : std::string(b.at<StringCell>(1, i).view());
        row += b.null(2, i) ? " NULL" : " " + std::to_string(b.at<std::int32_t>(2, i));
        for (std::size_t m = 0; m < more; ++m)
          row += b.null(3 + m, i) ? " NULL" : " " + std::string(b.at<StringCell>(3 + m, i).view());
        out.push_back(row);
      }
    }
  }
  static std::vector<std::string> told(std::vector<Reject> all) {
    std::vector<std::string> out;
    for (const Reject& r : all)
      out.push_back(std::to_string(r.line) + " " + std::string(name_of(r.code)) + " " + r.column + ": " + r.reason);
    return out;
  }

  Contract contract;
  csv::SourceOptions options;
};

using Lines = std::vector<std::string>;

TEST_F(NdjsonSourceTest, keys_become_columns_in_any_order_and_what_is_missing_is_null) {
  auto source = start(
      "{\"name\":\"a longer name \\u00e9\",\"id\":1,\"price\":1.50}\n{\"id\":\"2\"}\r\n\n"
      "{\"id\":3,\"name\":null,\"price\":null}\n{\"id\":4,\"name\":\"\"}");

  EXPECT_EQ(rows_of(*source), (Lines{"1@0+52: 1 a longer name \xc3\xa9 150", "2@52+12: 2 NULL NULL",
                                     "4@65+34: 3 NULL NULL", "5@99+18: 4  NULL"}));
  const auto facts = source->facts();
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->records, 4);
  EXPECT_EQ(facts->blank_lines, 1);
  EXPECT_EQ(facts->bytes, 117U);
}

TEST_F(NdjsonSourceTest, broken_lines_are_rejects_with_their_bytes_and_cost_no_other) {
  const std::string text =
      "{\"id\":1}\n{\"id\":1e3}\n{\"id\":2} x\n[3]\n{\"name\":\"no id\"}\n{\"id\":4,\"id\":4}\n{\"id\":[5]}\n"
      "{\"id\":6,\"name\":{\"a\":1}}\n{\"id\":7,\"price\":1.005}\n{\"id\":8,\"name\":\"a\xff\"}\n{\"id\":9,\"name\":"
      "\"\\u0000\"}\n"
      "{\"id\":true}\n{\"id\":10,\"name\":\"x\",\"title\":\"y\"}\n{\"id\":\"\"}\n";
  auto source = start(text);

  EXPECT_EQ(rows_of(*source), (Lines{"1@0+9: 1 NULL NULL", "8@79+24: 6 {\"a\":1} NULL"}));
  auto rejects = source->take_rejects();
  for (const Reject& r : rejects) EXPECT_EQ(text.substr(r.byte_offset, r.byte_length), r.raw + "\n");
  EXPECT_EQ(
      told(std::move(rejects)),
      (Lines{"2 bad_integer id: id: found \"1e3\", expected a whole number",
             "3 bad_json : byte 10: found \"x\", expected nothing behind the object",
             "4 bad_json : byte 1: found \"[3]\", expected one JSON object in each line",
             "5 missing_value id: id: found nothing, expected a value", "6 bad_json : the object names \"id\" twice",
             "7 json_nesting id: id: The value is an object or a list, and the column is not text.",
             "9 bad_decimal price: price: found \"1.005\", expected decimal(9,2)",
             "10 bad_utf8 : byte 18 of the record, 0xff, is not UTF-8", "11 nul_byte : byte 17: found \\u0000",
             "12 bad_integer id: id: found \"true\", expected a whole number",
             "13 bad_json : the object names \"title\" twice",
             "14 missing_value id: id: found nothing, expected a value"}));
  const auto facts = source->facts();
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->records, 14);
  EXPECT_EQ(facts->sha256, sha256_hex(text));
}

TEST_F(NdjsonSourceTest, a_key_that_the_contract_does_not_know_refuses_the_file) {
  auto source = start("{\"id\":1}\n{\"id\":2,\"nmae\":\"x\"}\n");

  rows_of(*source);

  ASSERT_TRUE(source->file_reject());
  EXPECT_EQ(source->file_reject()->code, RejectCode::extra_column);
  EXPECT_EQ(source->file_reject()->reason,
            "line 2: found key \"nmae\", which the contract does not know (it knows \"name\")");
}

TEST_F(NdjsonSourceTest, unknown_keys_are_left_out_with_one_word_for_each) {
  options.policy.columns = SchemaMode::discard_value;
  auto source = start("{\"id\":1,\"x\":1}\n{\"id\":2,\"x\":[2],\"y\":3}\n{\"id\":3,\"x\":1,\"x\":2}\n");

  EXPECT_EQ(rows_of(*source).size(), 2U);
  EXPECT_EQ(told(source->take_rejects()), (Lines{"3 bad_json : the object names \"x\" twice"}));
  EXPECT_EQ(told(source->take_flags()), (Lines{"0 discarded_column x: the contract does not know it",
                                               "0 discarded_column y: the contract does not know it"}));
  EXPECT_EQ(source->facts()->flagged, 0);
}

TEST_F(NdjsonSourceTest, records_with_an_unknown_value_are_rejected_where_the_policy_says_so) {
  options.policy.columns = SchemaMode::discard_row;
  auto source = start("{\"id\":1,\"x\":null}\n{\"id\":2,\"x\":\"v\"}\n");

  EXPECT_EQ(rows_of(*source).size(), 1U);
  EXPECT_EQ(told(source->take_rejects()),
            (Lines{"2 extra_value : x: found \"v\", and the contract does not know the column"}));
}

TEST_F(NdjsonSourceTest, new_keys_of_the_head_become_text_columns) {
  options.policy.columns = SchemaMode::evolve;
  const std::string text = "{\"id\":1,\"x\":1.50,\"Name\":\"n\"}\n{\"id\":2,\"y\":{\"z\":1}}\n{\"id\":3}" +
                           std::string(csv::BlockReader::kHeadBytes, ' ') +
                           "\n{\"id\":4,\"late\":1,\"x\":\"\",\"NAME\":1}\n";
  auto source = start(text);

  EXPECT_EQ(source->new_columns(), (Lines{"x", "y"}));
  EXPECT_EQ(rows_of(*source).size(), 4U);
  EXPECT_EQ(source->late_columns().keys, Lines{"late"});
  EXPECT_EQ(source->facts().error().kind, ErrorKind::cancelled) << "without its column the file is not to be loaded";

  options.late = source->late_columns();
  auto whole = start(text);
  EXPECT_EQ(whole->new_columns(), (Lines{"x", "y", "late"}));
  const auto rows = rows_of(*whole);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_TRUE(rows[3].ends_with(": 4 NULL NULL  NULL 1")) << rows[3];
  EXPECT_TRUE(whole->late_columns().empty());
  EXPECT_TRUE(whole->facts());
  options.late = {};

  auto again = start("{\"id\":1,\"x\":1.50}\n{\"id\":2,\"x\":{\"z\":1}}\n{\"id\":3}\n");
  EXPECT_EQ(rows_of(*again),
            (Lines{"1@0+18: 1 NULL NULL 1.50", "2@18+21: 2 NULL NULL {\"z\":1}", "3@39+9: 3 NULL NULL NULL"}));
  const auto words = told(source->take_flags());
  EXPECT_EQ(std::count_if(words.begin(), words.end(), [](auto& w) { return w.starts_with("0 new_column"); }), 2);
  EXPECT_EQ(std::count_if(words.begin(), words.end(), [](auto& w) { return w.starts_with("0 discarded_column"); }), 2)
      << "Name and NAME";
}

TEST_F(NdjsonSourceTest, an_alias_is_the_column_and_is_told_once) {
  auto source = start("{\"id\":1,\"title\":\"a\"}\n{\"id\":2,\"title\":\"b\"}\n");

  EXPECT_EQ(rows_of(*source), (Lines{"1@0+21: 1 a NULL", "2@21+21: 2 b NULL"}));
  EXPECT_EQ(told(source->take_flags()), (Lines{"0 renamed_column name: the file calls it \"title\""}));
}

TEST_F(NdjsonSourceTest, a_value_of_another_type_is_settled_by_the_policy) {
  options.policy.data_type = SchemaMode::discard_value;
  auto source = start("{\"id\":1,\"price\":[1]}\n{\"id\":2,\"price\":\"dear\"}\n{\"id\":{}}\n");

  EXPECT_EQ(rows_of(*source), (Lines{"1@0+21: 1 NULL NULL", "2@21+24: 2 NULL NULL"}));
  EXPECT_EQ(source->take_flags().size(), 2U);
  EXPECT_EQ(source->take_rejects().size(), 1U);
}

TEST_F(NdjsonSourceTest, files_of_other_formats_are_refused) {
  EXPECT_EQ(refusal("[{\"id\":1},\n{\"id\":2}]\n"),
            "not_csv: found a JSON array, expected JSON lines, one object in each");
  EXPECT_EQ(refusal("{\n  \"id\": 1\n}\n"),
            "not_csv: found a JSON document over several lines, expected JSON lines, one object in each");
  EXPECT_EQ(refusal("id,name\n1,a\n"), "not_csv: found \"id,name\", expected JSON lines, one object in each");
  EXPECT_EQ(refusal("BZh91AY"), "unsupported_compression: found bzip2, expected JSON lines, one object in each");
  EXPECT_EQ(refusal("oops\n{\"id\":1}\n"), "started");
}

TEST_F(NdjsonSourceTest, files_without_objects_are_empty_and_no_mistake) {
  for (const char* text : {"", "\n", "\n\n", "\xef\xbb\xbf"}) {
    auto source = start(text);
    EXPECT_TRUE(rows_of(*source).empty());
    const auto facts = source->facts();
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->records, 0);
    EXPECT_EQ(facts->bytes, std::string(text).size());
    EXPECT_EQ(source->take_flags().size(), 1U);
  }
}

TEST_F(NdjsonSourceTest, block_size_and_cursors_never_change_the_outcome) {
  Random random(4);
  std::string text = "\xef\xbb\xbf";
  for (int i = 0; i < 6000; ++i) {
    switch (random.below(10)) {
      case 0: text += "{\"id\":\"x\"}\n"; break;
      case 1: text += "{\"id\":" + std::to_string(i) + "\n"; break;
      case 2: text += "{\"id\":" + std::to_string(i) + ",\"name\":\"quote \\\" and more\\n\"}\r\n"; break;
      case 3: text += "\n"; break;
      default:
        text +=
            "{\"id\":" + std::to_string(i) + ",\"name\":\"name number " + std::to_string(random.below(99)) + "\"}\n";
    }
  }
  auto whole = start(text);
  auto rows = rows_of(*whole);
  std::sort(rows.begin(), rows.end());
  const auto rejects = told(whole->take_rejects());
  for (const std::size_t block : {std::size_t{64}, std::size_t{1000}, std::size_t{65536}}) {
    options.read_bytes = block;
    auto source = start(text);
    Lines a, b;
    std::thread other([&] { b = rows_of(*source); });
    a = rows_of(*source);
    other.join();
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end());

    EXPECT_EQ(a, rows) << block;
    EXPECT_EQ(told(source->take_rejects()), rejects) << block;
    ASSERT_TRUE(source->facts()) << block;
  }
}

}  // namespace
}  // namespace millrace::lake::ndjson
