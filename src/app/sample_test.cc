#include "app/sample.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <set>
#include <string_view>

#include "app/sample_defects.h"
#include "app/sample_rows.h"
#include "base/failpoint.h"
#include "base/files.h"
#include "base/utf8.h"

namespace millrace::app {
namespace {

using Counts = std::map<std::string, std::int64_t>;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t cut; (cut = text.find(at)) != std::string_view::npos; text.remove_prefix(cut + 1)) {
    parts.push_back(text.substr(0, cut));
  }
  parts.push_back(text);
  return parts;
}

bool digits_only(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "2018-07-12 17:33:04.000", and the day exists. As text, such timestamps sort as times do.
bool is_timestamp(std::string_view s) {
  constexpr std::string_view kShape = "0000-00-00 00:00:00.000";
  if (s.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (kShape[i] == '0' ? !digits_only(s.substr(i, 1)) : s[i] != kShape[i]) return false;
  }
  const auto number = [&](std::size_t from, std::size_t n) { return std::stoi(std::string(s.substr(from, n))); };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return date.ok() && number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60;
}

/// A reader of its own: names what is wrong with each line by looking at the line only.
class Inspector {
 public:
  Counts counts;  ///< "good", or the kind of the defect
  std::set<std::string_view> ids;

  void inspect(std::string_view line) { ++counts[std::string(judge(line))]; }

 private:
  std::string_view judge(std::string_view line) {
    if (line == kSampleHeader) return "repeated_header";
    if (line == "TOTAL") return "total_line";
    if (line.find('\0') != std::string_view::npos) return "nul_byte";
    if (utf8::first_bad_byte(line) != std::string_view::npos) return "bad_utf8";
    const auto quotes = std::count(line.begin(), line.end(), '"');
    if (quotes == 1) return "unbalanced_quote";
    if (quotes == 2 && line.find("\"x,") != std::string_view::npos) return "text_after_quote";
    const auto fields = split(line, ',');
    if (fields.size() < 12) return "too_few_columns";
    if (fields.size() > 12) return "too_many_columns";
    return judge_fields(fields);
  }

  std::string_view judge_fields(const std::vector<std::string_view>& f) {
    if (f[0].empty()) return "missing_order_id";
    for (const std::size_t id : {0U, 2U, 3U, 4U, 5U}) {
      if (f[id].empty() && id >= 3) continue;
      if (f[id].find("E+") != std::string_view::npos) return "scientific_number";
      if (!digits_only(f[id])) return "letters_in_number";
    }
    if (f[10].find('/') != std::string_view::npos) return "other_date_format";
    if (!is_timestamp(f[10])) return "impossible_date";
    if (!ids.insert(f[0]).second) return "duplicate_order_id";
    return judge_content(f);
  }

  static std::string_view judge_content(const std::vector<std::string_view>& f) {
    const std::set<std::string_view> websites{"VVNL", "VVBE", "VVBDBE", "VVBDFR", "SJSNL", "AVDD-NL"};
    const std::set<std::string_view> vouchers{"", "PAID_TO_SUPPLIER", "USED", "EXPIRED", "INVALID"};
    if (f[8] == "EXPRIED") return "misspelt_status";
    if (f[10].starts_with("2042-")) return f[11] < "2024" ? "future_order" : "future order paid late";
    if (!f[11].empty() && f[11] < f[10]) return "payment_before_order";
    if (f[1] != "services" && f[1] != "avdd") return "unknown source";
    if (!websites.contains(f[6])) return "unknown website";
    if (f[7] != "PAID" && f[7] != "CANCELED" && f[7] != "UNKNOWN") return "unknown order_status";
    if (!vouchers.contains(f[8]) || f[8].empty() != f[4].empty()) return "unknown voucher_status";
    if (f[9] != "PAID" && f[9] != "REFUNDED" && !f[9].empty()) return "unknown payment_status";
    if (f[3].empty() != f[11].empty() || f[3].empty() == (f[9] == "PAID")) return "half a payment";
    if (f[11].size() >= 21 && f[11].size() < 23 && f[11].ends_with(".000") && f[11][4] == '-') return "one_digit_date";
    if (!f[11].empty() && !is_timestamp(f[11])) return "bad payment_date";
    return f[10] < "2014" || f[10] >= "2023" ? "order_date out of range" : "good";
  }
};

/// The data lines of `text`, which is one file.
std::vector<std::string_view> data_lines(std::string_view text) {
  auto lines = split(text, '\n');
  EXPECT_EQ(lines.front(), kSampleHeader);
  EXPECT_EQ(lines.back(), "");
  return {lines.begin() + 1, lines.end() - 1};
}

struct SampleTest : ::testing::Test {
  SampleTest() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-sample-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~SampleTest() override {
    EXPECT_TRUE(failpoint::configure(""));
    std::filesystem::remove_all(folder);
  }

  SampleOptions options(std::int64_t rows, int files = 1, std::uint64_t seed = 1, double rate = 0.0) const {
    SampleOptions o;
    o.rows = rows;
    o.files = files;
    o.seed = seed;
    o.defect_rate = rate;
    o.folder = folder;
    return o;
  }

  /// The text of all files in their order.
  std::string text_of(const SampleReport& report) const {
    std::string all;
    for (const std::string& name : report.files) all += *read_file(folder / name);
    return all;
  }
  std::string text_of(const SampleOptions& o) const { return text_of(*write_sample(o)); }

  /// The data lines of all files in their order.
  std::vector<std::string> rows_of(const SampleOptions& o) const {
    const auto report = write_sample(o);
    std::vector<std::string> rows;
    for (const std::string& name : report->files) {
      const std::string text = *read_file(folder / name);
      for (const auto line : data_lines(text)) rows.emplace_back(line);
    }
    return rows;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  Error error_of(const SampleOptions& o) const {
    auto got = write_sample(o);
    EXPECT_FALSE(got);
    return got ? Error{} : std::move(got).error();
  }

  std::filesystem::path folder;
};

TEST_F(SampleTest, the_same_options_give_the_same_bytes) {
  const std::string first = text_of(options(3000, 3, 7, 0.05));
  const std::string second = text_of(options(3000, 3, 7, 0.05));

  EXPECT_EQ(first, second);
}

TEST_F(SampleTest, the_bytes_are_the_same_on_every_machine) {
  const std::string text = text_of(options(2));

  EXPECT_EQ(text.substr(kSampleHeader.size() + 1),
            "8210805,services,1683293,,7661517,100905,VVNL,CANCELED,INVALID,REFUNDED,2017-03-18 17:44:48.000,\n"
            "8244970,services,1683212,8833219,7702458,105869,VVNL,PAID,PAID_TO_SUPPLIER,PAID,2017-12-29 "
            "11:34:14.000,2017-12-29 11:35:01.000\n");
}

TEST_F(SampleTest, another_seed_gives_other_rows) {
  EXPECT_NE(text_of(options(100, 1, 1)), text_of(options(100, 1, 2)));
}

TEST_F(SampleTest, how_the_rows_are_cut_into_files_does_not_change_them) {
  const auto one = rows_of(options(1000, 1, 1, 0.05));
  const auto three = rows_of(options(1000, 3, 1, 0.05));

  EXPECT_EQ(one.size(), 1000U);
  EXPECT_TRUE(one == three);  // not EXPECT_EQ: it would print them all
}

TEST_F(SampleTest, without_defects_every_row_is_good) {
  const auto report = write_sample(options(50'000));
  ASSERT_TRUE(report);
  const std::string text = text_of(*report);

  Inspector inspector;
  for (const auto line : data_lines(text)) inspector.inspect(line);

  EXPECT_EQ(inspector.counts, (Counts{{"good", 50'000}}));
  EXPECT_EQ(report->defects, Counts{});
  EXPECT_EQ(report->rows, 50'000);
  EXPECT_EQ(report->bytes, text.size());
}

TEST_F(SampleTest, order_ids_are_unique_and_with_gaps_across_all_files) {
  const auto rows = rows_of(options(20'000, 7));

  std::set<std::int64_t> ids;
  std::int64_t falls = 0, last = 0;
  for (const std::string& line : rows) {
    const std::int64_t id = std::stoll(line);
    ids.insert(id);
    falls += id < last ? 1 : 0;
    last = id;
  }

  EXPECT_EQ(rows.size(), 20'000U);
  EXPECT_EQ(ids.size(), 20'000U);
  EXPECT_GT(*ids.rbegin() - *ids.begin(), 40'000);
  EXPECT_GT(falls, 0);
  EXPECT_LT(falls, 2'000);
}

TEST_F(SampleTest, few_customers_hold_many_orders_and_the_first_website_most) {
  const std::string text = text_of(options(20'000));

  Counts customers, websites, empty;
  for (const auto line : data_lines(text)) {
    const auto f = split(line, ',');
    ++customers[std::string(f[2])];
    ++websites[std::string(f[6])];
    for (const std::size_t i : {3U, 4U, 5U, 9U}) empty[std::to_string(i)] += f[i].empty() ? 1 : 0;
  }
  std::vector<std::int64_t> sizes;
  for (const auto& [id, orders] : customers) sizes.push_back(orders);
  std::sort(sizes.rbegin(), sizes.rend());

  EXPECT_GT(sizes[0], 1'000);
  EXPECT_GT(sizes.size(), 2'000U);
  EXPECT_EQ(websites.size(), 6U);
  EXPECT_NEAR(static_cast<double>(websites["VVNL"]), 17'300, 600);
  EXPECT_NEAR(static_cast<double>(empty["3"]), 1'100, 200);  // payment_id, and payment_date with it
  EXPECT_NEAR(static_cast<double>(empty["4"]), 4'900, 600);  // voucher_id, and voucher_status with it
  EXPECT_NEAR(static_cast<double>(empty["5"]), 3'500, 400);  // product_id
  EXPECT_NEAR(static_cast<double>(empty["9"]), 800, 200);    // payment_status
}

TEST_F(SampleTest, the_report_counts_the_defects_that_the_files_hold) {
  for (const double rate : {0.02, 0.3, 1.0}) {
    const auto report = write_sample(options(20'000, 1, 3, rate));
    ASSERT_TRUE(report);
    const std::string text = text_of(*report);

    Inspector inspector;
    for (const auto line : data_lines(text)) inspector.inspect(line);

    std::int64_t defects = 0;
    for (const auto& [kind, count] : report->defects) defects += count;
    Counts expected = report->defects;
    if (defects < 20'000) expected["good"] = 20'000 - defects;
    EXPECT_EQ(inspector.counts, expected);
    EXPECT_NEAR(static_cast<double>(defects), 20'000 * rate, 3);
    EXPECT_EQ(report->rows, 20'000);
  }
}

TEST_F(SampleTest, a_hundred_rows_hold_a_2042_order_and_a_misspelt_status_whatever_the_seed) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto report = write_sample(options(100, 1, seed, 0.0001));
    ASSERT_TRUE(report);
    const std::string text = text_of(*report);

    EXPECT_NE(text.find(",2042-"), std::string::npos) << seed;
    EXPECT_NE(text.find(",EXPRIED,"), std::string::npos) << seed;
    EXPECT_EQ(report->defects.at("future_order"), 1) << seed;
  }
}

TEST_F(SampleTest, every_kind_appears_once_three_times_their_number_is_due) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    for (const auto& [rows, rate] : {std::pair{51, 1.0}, {102, 0.5}, {1020, 0.05}}) {
      const auto report = write_sample(options(rows, 1, seed, rate));
      ASSERT_TRUE(report);
      EXPECT_EQ(report->defects.size(), kDefects) << "seed " << seed << " rate " << rate;
    }
  }
}

TEST_F(SampleTest, defects_leave_all_other_rows_as_they_were) {
  const auto before = rows_of(options(2000)), after = rows_of(options(2000, 1, 1, 0.1));
  ASSERT_EQ(before.size(), after.size());

  std::int64_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i] ? 1 : 0;

  EXPECT_NEAR(static_cast<double>(changed), 200, 3);
}

TEST_F(SampleTest, after_an_unbalanced_quote_the_next_quote_never_ends_a_field) {
  std::string text;
  for (const std::string& row : rows_of(options(20'000, 1, 5, 0.2))) text += row + "\n";

  std::int64_t unbalanced = 0;
  for (std::size_t from = 0, end; from < text.size(); from = end + 1) {
    end = text.find('\n', from);
    const std::string_view line = std::string_view(text).substr(from, end - from);
    if (std::count(line.begin(), line.end(), '"') != 1) continue;
    ++unbalanced;
    const auto next = text.find('"', end);
    EXPECT_TRUE(next == std::string::npos || (text[next + 1] != ',' && text[next + 1] != '\n')) << line;
  }
  EXPECT_GT(unbalanced, 200);
}

TEST_F(SampleTest, zero_rows_give_headers_only) {
  const auto report = write_sample(options(0, 2, 1, 0.5));

  ASSERT_TRUE(report);
  EXPECT_EQ(report->files, (std::vector<std::string>{"orders-0001.csv", "orders-0002.csv"}));
  EXPECT_EQ(text_of(*report), std::string(kSampleHeader) + "\n" + std::string(kSampleHeader) + "\n");
  EXPECT_EQ(report->defects, Counts{});
}

TEST_F(SampleTest, rows_are_spread_evenly_and_only_finished_files_are_left) {
  const auto report = write_sample(options(10, 3));
  ASSERT_TRUE(report);

  std::vector<std::size_t> rows;
  for (const std::string& name : report->files) {
    const std::string text = *read_file(folder / name);
    rows.push_back(data_lines(text).size());
  }

  EXPECT_EQ(rows, (std::vector<std::size_t>{4, 3, 3}));
  EXPECT_EQ(names(), report->files);
}

TEST_F(SampleTest, a_file_that_is_not_renamed_leaves_nothing_behind) {
  ASSERT_TRUE(failpoint::configure("sample.rename.before=error@2"));

  const Error error = error_of(options(10, 3));

  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.trail, std::vector<std::string>{"writing sample file 2 of 3"});
  EXPECT_EQ(names(), std::vector<std::string>{"orders-0001.csv"});
}

TEST_F(SampleTest, until_the_rename_a_watcher_sees_a_hidden_file_only) {
  const auto die = [&] {
    (void)failpoint::configure("sample.rename.before=kill");
    (void)write_sample(options(10));
  };

  EXPECT_EXIT(die(), ::testing::KilledBySignal(SIGKILL), "");

  EXPECT_EQ(names(), std::vector<std::string>{".orders-0001.csv.millrace-new"});
}

TEST_F(SampleTest, options_that_make_no_sense_are_refused_with_what_was_found_and_expected) {
  EXPECT_EQ(error_of(options(-5)).message, "sample --rows: found -5, expected 0 or more");
  EXPECT_EQ(error_of(options(5, 0)).message, "sample --files: found 0, expected 1 or more");
  EXPECT_EQ(error_of(options(5, 6)).message, "sample --files: found 6, expected at most one per row, and --rows is 5");
  EXPECT_EQ(error_of(options(5, 1, 1, 1.5)).message, "sample --defects: found 1.5, expected a share from 0 to 1");
  EXPECT_EQ(error_of(options(5, 1, 1, -0.1)).message, "sample --defects: found -0.1, expected a share from 0 to 1");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& o : {options(-5), options(5, 0), options(5, 6), options(5, 1, 1, nan)}) {
    EXPECT_EQ(error_of(o).kind, ErrorKind::invalid_input);
    EXPECT_NE(error_of(o).hint, "");
  }
  EXPECT_EQ(names(), std::vector<std::string>{});
}

TEST_F(SampleTest, a_prefix_that_leaves_the_folder_or_hides_the_file_is_refused) {
  for (const char* prefix : {"", "../orders", ".orders"}) {
    SampleOptions o = options(5);
    o.prefix = prefix;
    EXPECT_EQ(error_of(o).kind, ErrorKind::invalid_input) << prefix;
  }
}

TEST_F(SampleTest, a_missing_folder_is_not_found_and_named) {
  SampleOptions o = options(5);
  o.folder = folder / "none";

  const Error error = error_of(o);

  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.message, "sample: " + o.folder.string() + " is no folder, expected one to write into");
}

}  // namespace
}  // namespace millrace::app
