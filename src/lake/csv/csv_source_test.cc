#include "lake/csv/csv_source.h"
#include "lake/plain_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <thread>

#include "base/random.h"
#include "base/sha256.h"

namespace millrace::lake::csv {
namespace {

class TextObject final : public ObjectReader {
 public:
  explicit TextObject(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min(into.size(), text_.size() - at_);
    std::memcpy(into.data(), text_.data() + at_, n);
    at_ += n;
    return n;
  }
  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    return text_.substr(offset, length);
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// Memory for one batch of (int64, text, line, offset, length).
struct Batch {
  std::vector<std::int64_t> ids = std::vector<std::int64_t>(kBatchRows), lines = ids, offsets = ids;
  std::vector<StringCell> names = std::vector<StringCell>(kBatchRows);
  std::vector<std::int32_t> lengths = std::vector<std::int32_t>(kBatchRows);
  std::array<std::vector<std::uint64_t>, 5> valid;
  std::array<ColumnBuffer, 5> buffers;

  std::span<ColumnBuffer> fresh() {
    void* const memory[] = {ids.data(), names.data(), lines.data(), offsets.data(), lengths.data()};
    for (std::size_t i = 0; i < 5; ++i) {
      valid[i].assign(kBatchRows / 64, ~0ULL);
      buffers[i] = {memory[i], valid[i].data(), false};
    }
    return buffers;
  }
};

/// Memory for rows of int64 columns, then text columns.
class VariantBatch {
 public:
  explicit VariantBatch(std::size_t numbers) : numbers_(numbers) {}
  std::span<ColumnBuffer> fresh(std::size_t columns) {
    memory_.assign(columns, std::vector<std::array<char, 16>>(kBatchRows));
    valid_.assign(columns, std::vector<std::uint64_t>(kBatchRows / 64, ~0ULL));
    buffers_.clear();
    for (std::size_t c = 0; c < columns; ++c) buffers_.push_back({memory_[c].data(), valid_[c].data(), false});
    return buffers_;
  }
  std::string row(std::size_t row, std::size_t columns) const {
    std::string out;
    for (std::size_t c = 0; c < columns; ++c) {
      const bool null = (valid_[c][row / 64] >> (row % 64) & 1U) == 0;
      out += c > 0 ? " " : "";
      out += null           ? "NULL"
             : c < numbers_ ? std::to_string(static_cast<const std::int64_t*>(buffers_[c].values)[row])
                            : std::string(static_cast<const StringCell*>(buffers_[c].values)[row].view());
    }
    return out;
  }

 private:
  std::size_t numbers_;
  std::vector<std::vector<std::array<char, 16>>> memory_;
  std::vector<std::vector<std::uint64_t>> valid_;
  std::vector<ColumnBuffer> buffers_;
};

struct CsvSourceTest : ::testing::Test {
  CsvSourceTest() {
    ColumnContract id, name;
    id.name = "id";
    id.type = {TypeKind::int64};
    id.required = true;
    name.name = "name";
    contract.columns = {id, name};
  }
  std::unique_ptr<CsvSource> start(std::string text, SourceOptions options = {}) {
    auto got =
        CsvSource::start(plain_stream(std::make_unique<TextObject>(std::move(text))), contract, Dialect{}, options);
    EXPECT_TRUE(got);
    return std::move(std::get<0>(*got));
  }
  /// "line@offset+length: id name" of every row of one cursor.
  static std::vector<std::string> rows_of(CsvSource& source) {
    std::vector<std::string> out;
    auto cursor = *source.open();
    for (Batch b;;) {
      const auto n = cursor->next(b.fresh());
      if (!n || *n == 0) return out;
      for (std::size_t i = 0; i < *n; ++i) {
        const bool null = (b.valid[1][i / 64] >> (i % 64) & 1U) == 0;
        out.push_back(std::to_string(b.lines[i]) + "@" + std::to_string(b.offsets[i]) + "+" +
                      std::to_string(b.lengths[i]) + ": " + std::to_string(b.ids[i]) + " " +
                      (null ? "NULL" : std::string(b.names[i].view())));
      }
    }
  }
  Contract contract;
};

TEST_F(CsvSourceTest, rows_carry_their_line_and_bytes_and_rejects_their_reason) {
  auto source = start("id,name\n1,a\nx,b\n\n3,\"long \"\"quoted\"\" text\"\n4\n5,\n");

  const auto rows = rows_of(*source);

  EXPECT_EQ(rows, (std::vector<std::string>{"2@8+4: 1 a", "5@17+25: 3 long \"quoted\" text", "7@44+3: 5 NULL"}));
  const auto rejects = source->take_rejects();
  ASSERT_EQ(rejects.size(), 2U);
  EXPECT_EQ(rejects[0].line, 3);
  EXPECT_EQ(rejects[0].raw, "x,b");
  EXPECT_EQ(rejects[0].reason, "id: found \"x\", expected a whole number");
  EXPECT_EQ(rejects[1].code, RejectCode::wrong_column_count);
  EXPECT_EQ(rejects[1].reason, "found 1 field, expected 2");
}

TEST_F(CsvSourceTest, the_facts_account_for_every_record_and_byte) {
  const std::string text = "\xef\xbb\xbfname,id\r\na,1\r\n\r\nb,x\r\nc,3";
  auto source = start(text);
  EXPECT_EQ(rows_of(*source).size(), 2U);

  const auto facts = source->facts();

  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->bytes, text.size());
  EXPECT_EQ(facts->header_bytes, 12U);
  EXPECT_EQ(facts->blank_lines, 1);
  EXPECT_EQ(facts->records, 3);
  EXPECT_EQ(facts->loaded + facts->rejected, facts->records);
  EXPECT_EQ(facts->sha256, sha256_hex(text));
}

TEST_F(CsvSourceTest, a_value_of_another_type_is_kept_in_a_variant_column_that_the_end_of_the_file_asks_for) {
  contract.columns[0].required = false;
  contract.columns[1].type = {TypeKind::int64};
  SourceOptions options;
  options.policy.data_type = SchemaMode::evolve;
  const std::string text = "id,name\nx,1\n2,\"say \"\"y\"\"\"\n3,\n4,\"5\"\n";
  auto source = start(text, options);
  auto cursor = *source->open();
  VariantBatch batch(2);
  EXPECT_EQ(*cursor->next(batch.fresh(5)), 4U);
  EXPECT_EQ(*cursor->next(batch.fresh(5)), 0U);
  EXPECT_EQ(source->late_columns().variants, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(source->facts().error().kind, ErrorKind::cancelled);

  options.late = source->late_columns();
  auto whole = start(text, options);
  EXPECT_EQ(whole->new_columns(), (std::vector<std::string>{"id__v_text", "name__v_text"}));
  cursor = *whole->open();
  ASSERT_EQ(*cursor->next(batch.fresh(7)), 4U);
  EXPECT_EQ(batch.row(0, 4), "NULL 1 x NULL");
  EXPECT_EQ(batch.row(1, 4), "2 NULL NULL say \"y\"");
  EXPECT_EQ(batch.row(2, 4), "3 NULL NULL NULL");
  EXPECT_EQ(batch.row(3, 4), "4 5 NULL NULL");
  EXPECT_EQ(*cursor->next(batch.fresh(7)), 0U);
  const auto facts = whole->facts();
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->warnings.at(RejectCode::variant_value), 2);
  EXPECT_EQ(facts->warnings.at(RejectCode::new_column), 2);
  EXPECT_EQ(whole->take_flags().back().reason, "name: found \"say \"y\"\", expected a whole number");
}

TEST_F(CsvSourceTest, no_variant_where_the_value_is_required_or_its_name_is_taken) {
  contract.columns[1].type = {TypeKind::int64};
  ColumnContract taken;
  taken.name = "NAME__V_TEXT";
  contract.columns.push_back(taken);
  SourceOptions options;
  options.policy.data_type = SchemaMode::evolve;
  auto source = start("id,name,name__v_text\nx,1,\n2,y,\n", options);
  auto cursor = *source->open();
  VariantBatch batch(2);
  EXPECT_EQ(*cursor->next(batch.fresh(6)), 0U);

  EXPECT_TRUE(source->late_columns().empty());
  const auto rejects = source->take_rejects();
  ASSERT_EQ(rejects.size(), 2U);
  EXPECT_EQ(rejects[0].column, "id");
  EXPECT_EQ(rejects[1].column, "name");
}

TEST_F(CsvSourceTest, bad_bytes_reject_their_own_record_only) {
  auto source = start(std::string("id,name\n1,a\xff\n2,b\0c\n3,\xc3\xa9\nid,name\n", 32));

  EXPECT_EQ(rows_of(*source), std::vector<std::string>{"4@19+5: 3 \xc3\xa9"});
  const auto rejects = source->take_rejects();
  ASSERT_EQ(rejects.size(), 3U);
  EXPECT_EQ(rejects[0].code, RejectCode::bad_utf8);
  EXPECT_EQ(rejects[0].reason, "byte 4 of the record, 0xff, is not UTF-8");
  EXPECT_EQ(rejects[1].code, RejectCode::nul_byte);
  EXPECT_EQ(rejects[2].code, RejectCode::repeated_header);
}

TEST_F(CsvSourceTest, block_size_and_cursors_never_change_the_outcome) {
  Random random(11);
  std::string text = "id,name\n";
  for (int i = 0; i < 9000; ++i) {
    switch (random.below(12)) {
      case 0: text += "x,bad\n"; break;
      case 1: text += std::to_string(i) + ",\"open\n"; break;
      case 2: text += std::to_string(i) + ",\"two\nlines\"\r\n"; break;
      case 3: text += "\n"; break;
      default: text += std::to_string(i) + ",name " + std::to_string(random.below(1000000)) + "\n";
    }
  }
  auto whole = start(text);
  const auto rows = rows_of(*whole);
  const auto rejects = whole->take_rejects();
  for (const std::size_t block : {std::size_t{64}, std::size_t{1000}, std::size_t{65536}}) {
    SourceOptions options;
    options.read_bytes = block;
    auto source = start(text, options);
    std::vector<std::string> a, b;
    std::thread other([&] { b = rows_of(*source); });
    a = rows_of(*source);
    other.join();
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end());
    auto sorted = rows;
    std::sort(sorted.begin(), sorted.end());

    EXPECT_EQ(a, sorted) << block;
    EXPECT_EQ(source->take_rejects().size(), rejects.size()) << block;
    EXPECT_EQ(source->facts()->sha256, sha256_hex(text)) << block;
  }
}

TEST_F(CsvSourceTest, more_rejects_than_are_kept_refuse_the_file_with_their_exact_count) {
  SourceOptions options;
  options.limits.most_rejects = 2;
  auto source = start("id,name\nx,1\ny,2\n4,good\nz,3\n", options);
  EXPECT_EQ(rows_of(*source).size(), 1U);
  EXPECT_EQ(source->take_rejects().size(), 2U);

  const auto facts = source->facts();

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().kind, ErrorKind::contract_violation);
  EXPECT_EQ(source->file_reject()->code, RejectCode::too_many_rejects);
  EXPECT_TRUE(source->file_reject()->reason.starts_with(
      "3 of 4 records broken, and at most 2 are kept; the first is line 2: id: found \"x\""))
      << source->file_reject()->reason;
}

TEST_F(CsvSourceTest, empty_and_header_only_files_have_no_rows_and_are_no_mistake) {
  for (const char* text : {"", "\n", "id,name", "id,name\n"}) {
    auto source = start(text);
    EXPECT_TRUE(rows_of(*source).empty());
    const auto facts = source->facts();
    ASSERT_TRUE(facts) << text << ": " << facts.error().message;
    EXPECT_EQ(facts->records, 0);
    EXPECT_EQ(facts->bytes, std::strlen(text));
  }
}

}  // namespace
}  // namespace millrace::lake::csv
