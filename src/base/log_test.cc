#include "base/log.h"

#include <gtest/gtest.h>

#include <vector>

namespace millrace::log {
namespace {

struct StoppedClock final : Clock {
  WallTime now() const override { return WallTime{std::chrono::microseconds{1795358908000123}}; }
  SteadyTime steady() const override { return {}; }
};

struct Lines final : Sink {
  void line(std::string_view text) override { all.emplace_back(text); }
  std::vector<std::string> all;
};

struct LogTest : ::testing::Test {
  ~LogTest() override { configure(Level::info, Format::human, system_clock()); }
  StoppedClock clock;
  Lines lines;
};

TEST_F(LogTest, json_lines_carry_ecs_field_names) {
  configure(Level::info, Format::json, clock, &lines);

  event("load_committed", Level::info, {{"file", "a \"b\".csv"}, {"rows", 200}, {"ok", true}});

  EXPECT_EQ(lines.all.at(0), R"({"@timestamp":"2026-11-22T14:48:28.000123Z","log.level":"info",)"
                             R"("event.action":"load_committed","file":"a \"b\".csv","rows":200,"ok":true})");
}

TEST_F(LogTest, human_lines_never_let_data_start_a_line_of_its_own) {
  configure(Level::info, Format::human, clock, &lines);

  event("file_ignored", Level::warn, {{"key", "a\nERROR fake"}, {"reason", "hidden"}});

  EXPECT_EQ(lines.all.at(0), "2026-11-22T14:48:28.000123Z warn  file_ignored key=\"a\\nERROR fake\" reason=hidden");
}

TEST_F(LogTest, lines_below_the_level_are_not_written) {
  configure(Level::warn, Format::human, clock, &lines);

  event("quiet", Level::info, {});

  EXPECT_TRUE(lines.all.empty());
}

}  // namespace
}  // namespace millrace::log
