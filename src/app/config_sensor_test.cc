#include "app/config_sensor.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using namespace std::chrono_literals;

Result<ingest::SensorOptions> read(const std::string& text, const ingest::SensorOptions& otherwise = {}) {
  MR_TRY(const yaml::Node root, yaml::parse(text, "millrace.yaml"));
  MR_TRY(yaml::Fields f, yaml::Fields::of(root, {"millrace.yaml", "sources.orders"}));
  return read_source_sensor(f, "landing/orders/*.csv", otherwise);
}
std::string message(const std::string& text) {
  const auto got = read(text);
  return got ? "(no error)" : got.error().message;
}

TEST(ConfigSensor, what_a_source_does_not_say_is_what_holds_for_all) {
  ingest::SensorOptions all;
  all.poke_interval = 7s;
  all.soft_fail = true;
  const auto got = read("sensor: {timeout: 2h}\n", all);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->poke_interval, 7s);
  EXPECT_TRUE(got->soft_fail);
  EXPECT_EQ(got->timeout, 2h);
}

TEST(ConfigSensor, the_defaults_for_all_are_those_of_the_table) {
  const yaml::Node root = *yaml::parse("name: x\n", "millrace.yaml");
  auto f = *yaml::Fields::of(root, {"millrace.yaml", ""});
  const auto got = read_default_sensor(f);
  ASSERT_TRUE(got) << got.error().message;
  const ingest::SensorOptions code;
  EXPECT_EQ(got->poke_interval, code.poke_interval);
  EXPECT_EQ(got->stable_for, code.stable_for);
  EXPECT_EQ(got->timeout, code.timeout);
  EXPECT_EQ(got->max_wait, code.max_wait);
  EXPECT_EQ(got->unchanged_for, code.unchanged_for);
}

TEST(ConfigSensor, everything_that_airflow_knows_can_be_said) {
  const auto got = read(
      "sensor: {poke_interval: 5s, timeout: 1h, soft_fail: true, exponential_backoff: true, max_wait: 2m, "
      "unchanged_for: 10m, complete: [\"{d}/a.csv\", \"{d}/b.csv\"], check: {min_size: 1KiB, max_size: 1GiB, min_age: "
      "1s, max_age: 24h, min_objects: 3}}\n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->exponential_backoff);
  EXPECT_EQ(got->max_wait, 2min);
  EXPECT_EQ(got->unchanged_for, 10min);
  EXPECT_EQ(got->complete.size(), 2U);
  EXPECT_EQ(got->check.min_size, 1024U);
  EXPECT_EQ(got->check.max_age, 24h);
  EXPECT_EQ(got->check.min_objects, 3);
}

TEST(ConfigSensor, what_makes_no_sense_is_refused_where_it_stands) {
  EXPECT_NE(message("sensor: {poke_interval: 0s}\n").find("sensor.poke_interval: found 0"), std::string::npos);
  EXPECT_NE(message("sensor: {max_wait: 1m}\n").find("only asked with exponential_backoff"), std::string::npos);
  EXPECT_NE(message("sensor: {sweep_every: 3}\n").find("only asked with ordered"), std::string::npos);
  EXPECT_NE(message("sensor: {ordered: true, unchanged_for: 1m}\n").find("does not go together with unchanged_for"),
            std::string::npos);
  EXPECT_NE(message("sensor: {check: {min_size: 2KiB, max_size: 1KiB}}\n").find("no object could pass"),
            std::string::npos);
  EXPECT_NE(message("sensor: {check: {min_objcts: 2}}\n").find("min_objcts"), std::string::npos);
  EXPECT_NE(message("sensor: {complete: [\"{a}.csv\", \"{b}.csv\"]}\n").find("names other parts"), std::string::npos);
  EXPECT_NE(message("sensor: {complete: \"regex:a\"}\n").find("expected a wildcard"), std::string::npos);
}

}  // namespace
}  // namespace millrace::app
