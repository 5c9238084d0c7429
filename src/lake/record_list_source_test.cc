#include "lake/record_list_source.h"

#include <gtest/gtest.h>

#include <array>

namespace millrace::lake {
namespace {

constexpr std::string_view kContract = R"yaml(
apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: note, logicalType: string}
)yaml";

struct RecordListTest : ::testing::Test {
  std::string read_lines(const std::vector<std::string>& raws) {
    return told(RecordListSource::start_lines(listed(raws), contract, dialect, {}));
  }
  std::string read(std::string_view head, const std::vector<std::string>& raws) {
    return told(RecordListSource::start(head, listed(raws), contract, dialect, {}));
  }
  static std::vector<ListedRecord> listed(const std::vector<std::string>& raws) {
    std::vector<ListedRecord> records;
    for (std::size_t i = 0; i < raws.size(); ++i)
      records.push_back({{100 + static_cast<std::int64_t>(i), 1000 * (i + 1), 7}, raws[i]});
    return records;
  }
  /// "line:id" of the rows that stand, and then "line code" of the rejects.
  static std::string told(Result<RecordListSource::Started> started) {
    if (!started) return started.error().message;
    if (const auto* reject = std::get_if<FileReject>(&*started)) return std::string(name_of(reject->code));
    RecordListSource& source = *std::get<0>(*started);
    auto cursor = *source.open();
    std::array<std::array<std::int64_t, kBatchRows * 2>, 5> values;
    std::array<std::array<std::uint64_t, kBatchRows / 64>, 5> valid;
    std::string out;
    while (true) {
      std::array<ColumnBuffer, 5> buffers;
      for (std::size_t c = 0; c < 5; ++c) {
        valid[c].fill(~std::uint64_t{0});
        buffers[c] = {values[c].data(), valid[c].data(), false};
      }
      const auto rows = cursor->next(buffers);
      if (!rows || *rows == 0) break;
      for (std::size_t r = 0; r < *rows; ++r)
        if (values[2][r] > 0)
          out += std::to_string(values[2][r]) + ":" + std::to_string(values[0][r]) + "@" +
                 std::to_string(values[3][r]) + " ";
    }
    for (const Reject& r : source.take_rejects())
      out += std::to_string(r.line) + " " + std::string(name_of(r.code)) + " ";
    for (const Reject& r : source.take_flags()) out += std::to_string(r.line) + "! ";
    return out;
  }
  Contract contract = *parse_contract(kContract, "c.yaml");
  csv::Dialect dialect;
};

TEST_F(RecordListTest, records_are_read_with_the_places_of_their_file_and_the_head_is_not_among_them) {
  EXPECT_EQ(read("note,id\nx,1\ny,2\n", {"a,7", "b,x", "\"two\nlines\",8"}), "100:7@1000 102:8@3000 101 bad_integer ");
}

TEST_F(RecordListTest, a_record_with_an_open_quote_does_not_swallow_the_next_one) {
  EXPECT_EQ(read("note,id\nx,1\n\"head,1\n", {"\"open,7", "b,8", "\"c\",9"}),
            "101:8@2000 102:9@3000 100 unbalanced_quote ");
}

TEST_F(RecordListTest, how_records_end_is_decided_by_the_first_ones_of_the_file) {
  EXPECT_EQ(read("note,id\nx,1\n", {"a,7,"}), "100 wrong_column_count ");
  EXPECT_EQ(read("note,id\nx,1,\n", {"a,7,"}), "100:7@1000 ");
  EXPECT_EQ(read("note,id\nx,1,\n\"broken,2,\n", {"a,7,"}), "100 wrong_column_count ");
}

TEST_F(RecordListTest, a_header_that_does_not_fit_any_more_refuses_all) {
  EXPECT_EQ(read("note\nx\n", {"a"}), "missing_column");
}

TEST_F(RecordListTest, lines_of_json_have_no_head) {
  EXPECT_EQ(read_lines({R"({"id":7})", R"({"id":"x"})", "{", R"({"note":"n","id":9})"}),
            "100:7@1000 103:9@4000 101 bad_integer 102 bad_json ");
}

TEST_F(RecordListTest, what_is_no_record_now_is_in_neither_list) {
  dialect.comment = '#';
  EXPECT_EQ(read("note,id\n", {"# said,1", "a,2"}), "101:2@2000 ");
}

}  // namespace
}  // namespace millrace::lake
