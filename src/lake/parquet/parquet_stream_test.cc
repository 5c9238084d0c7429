#include "lake/parquet/parquet_stream.h"

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "lake/parquet/parquet_source.h"
#include "testing/temp_folder.h"
#include "testing/text_object.h"

namespace millrace::lake::parquet {
namespace {

/// The child is a shell script here; what the real one writes is proved by tests/scenario/test_formats.py.
struct ParquetStreamTest : ::testing::Test {
  ParquetOptions reader(const std::string& script) {
    ParquetOptions options;
    options.reader = {"/bin/sh", "-c", script};
    options.scratch = folder.path();
    return options;
  }
  auto open(const std::string& script, const std::string& bytes = "PAR1 and more") {
    auto opened = open_parquet(testing::text_object(bytes), reader(script));
    EXPECT_TRUE(opened);
    return *std::move(opened);
  }
  static std::string refusal(std::variant<ParquetText, FileReject> opened) {
    std::optional<FileReject> reject;
    if (auto* text = std::get_if<ParquetText>(&opened)) {
      std::string rest(1000, '\0');
      EXPECT_FALSE(text->stream->read(rest));
      reject = text->stream->reject();
    } else {
      reject = std::get<FileReject>(opened);
    }
    return reject ? std::string(name_of(reject->code)) + ": " + reject->reason : "no reason";
  }
  testing::TempFolder folder;
};

TEST_F(ParquetStreamTest, the_child_reads_a_copy_and_its_text_comes_behind_the_names) {
  auto opened = open("printf 'a\\037b c\\n'; cat /proc/self/fd/3");
  auto& text = std::get<ParquetText>(opened);

  EXPECT_EQ(text.time_columns, (std::vector<std::string>{"a", "b c"}));
  std::string out(100, '\0');
  EXPECT_EQ(out.substr(0, *text.stream->read(out)), "PAR1 and more");
  EXPECT_EQ(text.stream->facts().sha256, sha256_hex("PAR1 and more"));
  EXPECT_EQ(text.stream->facts().stored_bytes, 13U);
  EXPECT_EQ(text.stream->facts().codec, "parquet");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the copy has no name";
}

TEST_F(ParquetStreamTest, a_child_that_fails_refuses_the_file_whatever_it_wrote_before) {
  EXPECT_EQ(refusal(open("echo torn >&2; exit 1")), "unreadable_file: torn");
  EXPECT_EQ(refusal(open("printf '\\na,b\\n1,2\\n'; echo torn >&2; exit 1")), "unreadable_file: torn");
  EXPECT_EQ(refusal(open("printf '\\na,b\\n1,2\\n'; kill -9 $$")),
            "unreadable_file: its reader died of signal 9 (Killed)");
}

TEST_F(ParquetStreamTest, more_text_than_the_source_allows_refuses_the_file) {
  ParquetOptions options = reader("printf '\\n'; yes");
  options.max_text_bytes = 500;

  auto opened = open_parquet(testing::text_object("PAR1"), options);

  EXPECT_EQ(refusal(*std::move(opened)), "too_large_unpacked: it becomes more than 500 B of text");
}

TEST_F(ParquetStreamTest, other_bytes_are_never_given_to_the_child) {
  EXPECT_EQ(refusal(open("exit 0", "id,name\n")), "not_csv: found \"id,n\" at the begin, expected a Parquet file");
  auto empty = open("exit 1", "");
  std::string out(10, '\0');
  EXPECT_EQ(*std::get<ParquetText>(empty).stream->read(out), 0U);
}

TEST_F(ParquetStreamTest, times_are_iso_where_the_file_holds_times_and_as_declared_where_it_holds_text) {
  Contract contract;
  for (const char* name : {"day", "text_day"}) {
    ColumnContract c;
    c.name = name;
    c.type = {TypeKind::date};
    c.format = *TimeFormat::compile("d/M/yyyy");
    contract.columns.push_back(c);
  }
  const std::string script =
      "printf 'Day\\n\"Day\",\"text_day\"\\n2018-07-12,\"12/7/2018\"\\n12/7/2018,\"2018-07-12\"\\n'";

  auto started = start(testing::text_object("PAR1"), reader(script), contract, {}, {});

  ASSERT_TRUE(started) << started.error().message;
  auto& source = *std::get<std::unique_ptr<FileSource>>(*started);
  std::array<std::array<char, kBatchRows * 8>, 5> memory{};
  std::array<std::array<std::uint64_t, kBatchRows / 64>, 5> valid{};
  std::array<ColumnBuffer, 5> buffers{};
  for (std::size_t i = 0; i < 5; ++i) {
    valid[i].fill(~0ULL);
    buffers[i] = {memory[i].data(), valid[i].data(), false};
  }
  const auto cursor = *source.open();
  EXPECT_EQ(*cursor->next(buffers), 1U);
  EXPECT_EQ(*cursor->next(buffers), 0U);
  const auto rejects = source.take_rejects();
  ASSERT_EQ(rejects.size(), 1U);
  EXPECT_EQ(rejects[0].line, 3);
  EXPECT_EQ(source.facts()->codec, "parquet");
}

}  // namespace
}  // namespace millrace::lake::parquet
