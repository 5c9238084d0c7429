#include "lake/csv/record.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace::lake::csv {
namespace {

/// Text with the padding that the reader asks for.
struct Padded {
  explicit Padded(std::string_view text) : memory(text), size(text.size()) { memory.append(kPadding, '"'); }
  std::string_view view() const { return {memory.data(), size}; }
  std::string memory;
  std::size_t size;
};

/// "line:broken?:field|field" of each record.
std::vector<std::string> read_all(std::string_view text, std::int64_t first_line = 1) {
  const Padded padded(text);
  RecordReader reader(padded.view(), Dialect{}, first_line);
  std::vector<std::string> out;
  for (Record r; reader.next(r);) {
    std::string line = std::to_string(r.line) + ":";
    if (r.broken != RejectCode::none) line += std::string(name_of(r.broken)) + ":" + std::string(r.text());
    for (std::size_t i = 0; i < r.fields.size(); ++i) line += (i ? "|" : "") + std::string(r.fields[i].text);
    out.push_back(line);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(Record, splits_fields_and_takes_every_kind_of_line_end) {
  EXPECT_EQ(read_all("a,b\nc,\r\n,d\re,f"), (Lines{"1:a|b", "2:c|", "3:|d", "4:e|f"}));
  EXPECT_EQ(read_all(""), Lines{});
  EXPECT_EQ(read_all("\n\na\n"), (Lines{"1:", "2:", "3:a"}));
}

TEST(Record, quoted_fields_hold_delimiters_quotes_and_line_ends_and_lines_are_physical) {
  EXPECT_EQ(read_all("\"a,b\",\"c\nd\"\n\"x\"\"y\",z\n\"\",\"p\"\n"), (Lines{"1:a,b|c\nd", "3:x\"\"y|z", "4:|p"}));
  EXPECT_EQ(read_all("\"end\""), Lines{"1:end"});
}

TEST(Record, a_quote_inside_a_bare_field_is_text) {
  EXPECT_EQ(read_all("5\" disk,b\nc,d\n"), (Lines{"1:5\" disk|b", "2:c|d"}));
}

TEST(Record, a_stray_quote_costs_one_record_and_never_the_rest_of_the_file) {
  EXPECT_EQ(read_all("1,\"abc,2\n2,def,3\n3,\"x\",4\n"),
            (Lines{"1:unbalanced_quote:1,\"abc,2", "2:2|def|3", "3:3|x|4"}));
  EXPECT_EQ(read_all("1,\"abc\n2,d\n"), (Lines{"1:unbalanced_quote:1,\"abc", "2:2|d"}));
  EXPECT_EQ(read_all("1,\"a\"b\n2,d\n"), (Lines{"1:text_after_quote:1,\"a\"b", "2:2|d"}));
}

TEST(Record, a_quote_open_for_more_than_1_mib_is_broken) {
  const std::string filler(Dialect{}.max_field_bytes, 'x');

  const auto got = read_all("1,\"a\n" + filler + "\",2\n3,c\n");

  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0], "1:unbalanced_quote:1,\"a");
  EXPECT_EQ(got[2], "3:3|c");
}

TEST(Cut, ends_behind_the_last_whole_record) {
  const auto cut = [](std::string_view text, bool eof) {
    return cut_at_record(Padded(text).view(), Dialect{}, eof, 1000).bytes;
  };

  EXPECT_EQ(cut("a,b\nc,d", false), 4U);
  EXPECT_EQ(cut("a,b\nc,d", true), 7U);
  EXPECT_EQ(cut("a\r", false), 0U) << "its LF may still come";
  EXPECT_EQ(cut("a\n\"b\nc", false), 2U);
  EXPECT_EQ(cut("\"a\"", false), 0U) << "the next byte decides whether the quote closes";
  EXPECT_TRUE(cut_at_record(Padded(std::string(Dialect{}.max_record_bytes, 'x')).view(), Dialect{}, false, 1000)
                  .record_too_long);
}

TEST(Cut, ends_behind_so_many_lines) {
  const auto cut = [](std::string_view text, bool eof) {
    const Cut c = cut_at_record(Padded(text).view(), Dialect{}, eof, 2);
    return std::pair(c.bytes, c.lines);
  };
  using Found = std::pair<std::size_t, std::int64_t>;

  EXPECT_EQ(cut("a\nb\nc\n", false), Found(4, 2));
  EXPECT_EQ(cut("a\nb\nc\n", true), Found(4, 2));
  EXPECT_EQ(cut("a\nb", true), Found(3, 1));
  EXPECT_EQ(cut("\"a\n\n\n\"\nb\n", false), Found(7, 4)) << "a record is never cut";
  EXPECT_EQ(cut("\"a\nb\n\"", true), Found(6, 2));
  EXPECT_EQ(cut("\"a\nb\nc", true), Found(5, 2)) << "a quote that never closes costs one line";
}

TEST(CountLineEnds, counts_a_crlf_once) { EXPECT_EQ(count_line_ends("a\nb\r\nc\rd\r\r\n"), 5); }

/// Reads `text` in buffers that grow by `step` bytes, as the block reader does.
std::vector<std::string> read_in_steps(std::string_view text, std::size_t step) {
  std::vector<std::string> out;
  std::int64_t line = 1;
  std::size_t from = 0, to = 0;
  while (from < text.size()) {
    to = std::min(text.size(), to + step);
    const std::string_view window = text.substr(from, to - from);
    const Cut cut = cut_at_record(Padded(window).view(), Dialect{}, to == text.size(), 3);
    if (cut.bytes == 0) continue;
    EXPECT_EQ(cut.lines, count_line_ends(window.substr(0, cut.bytes))) << ::testing::PrintToString(text);
    for (auto& r : read_all(window.substr(0, cut.bytes), line)) out.push_back(std::move(r));
    line += cut.lines;
    from += cut.bytes;
    to = std::max(to - step, from);  // what is left may be whole already
  }
  return out;
}

TEST(Record, where_buffers_end_never_changes_what_is_read) {
  static constexpr std::string_view kPieces[] = {"a",    ",",     "\"",     "\n",        "\r\n", "\r",
                                                 "\"\"", "x,y\n", "\"q\",", "long text", "\"\n"};
  Random random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (std::uint64_t n = random.below(40); n > 0; --n) text += kPieces[random.below(std::size(kPieces))];
    const auto whole = read_all(text);
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{16}})
      ASSERT_EQ(read_in_steps(text, step), whole) << "step " << step << " text: " << ::testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace millrace::lake::csv
