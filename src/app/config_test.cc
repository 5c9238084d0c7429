#include "app/config.h"

#include <gtest/gtest.h>

#include "app/example_files.h"
#include "testing/temp_folder.h"

namespace millrace::app {
namespace {

constexpr std::string_view kLeast =
    "name: shop\nsources:\n  orders: {files: landing/orders/*.csv, contract: c.yaml, table: raw.orders}\n";

struct ConfigTest : ::testing::Test {
  std::string message(const std::string& more) {
    folder.write("millrace.yaml", std::string(kLeast) + more);
    const auto got = load_config(folder.path());
    if (got) return "loaded";
    const std::string file = (folder.path() / "millrace.yaml").string();
    return got.error().message.substr(got.error().message.find(file) + file.size()) +
           (got.error().hint.empty() ? "" : " | " + got.error().hint);
  }
  testing::TempFolder folder;
};

TEST_F(ConfigTest, the_least_project_has_the_defaults_of_the_table) {
  folder.write("millrace.yaml", kLeast);

  const auto got = load_config(folder.path());

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->lake.folder, folder.path() / "lake");
  EXPECT_EQ(got->warehouse, folder.path() / "warehouse.duckdb");
  EXPECT_EQ(got->listen, default_of("serve.listen"));
  EXPECT_EQ(got->sensor.poke_interval, std::chrono::seconds(1));
  EXPECT_EQ(got->sources.at(0).on_new_bytes, ingest::OnNewBytes::replace);
}

TEST_F(ConfigTest, mistakes_say_where_what_was_found_and_what_to_write) {
  EXPECT_EQ(message("wharehouse: {}\n"), ":4:1: unknown key \"wharehouse\" | did you mean \"warehouse\"?");
  EXPECT_EQ(
      message("pipelines: {p: {sensor: {poke_interval: often}}}\n"),
      ":4:41: pipelines.p.sensor.poke_interval: found \"often\", expected a duration such as 300ms, 2s, 5m or 1h");
  EXPECT_EQ(message("serve: {endpoints: {orders: {relation: gold.v, key: id}}}\n"),
            ":4:29: serve.endpoints.orders: found path \"orders\", expected /name/ of letters, digits, _ and -");
  EXPECT_EQ(message("serve: {threads: many}\n"), ":4:18: serve.threads: found \"many\", expected a whole number");
}

TEST_F(ConfigTest, what_a_source_says_of_its_archive_goes_before_the_project) {
  folder.write("millrace.yaml",
               "name: x\narchive: {compress: zstd}\nsources:\n"
               "  a: {files: landing/a/*.csv, contract: c, table: r.a}\n"
               "  b: {files: landing/b/*.csv, contract: c, table: r.b, archive: {compress: none}}\n");

  const auto got = load_config(folder.path());

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->sources.at(0).pack_archive);
  EXPECT_FALSE(got->sources.at(1).pack_archive);
  EXPECT_EQ(message("archive: {compress: gzip}\n"), ":4:21: archive.compress: found \"gzip\", expected none, zstd");
}

TEST_F(ConfigTest, tiers_are_read_and_files_cannot_land_in_their_folders) {
  folder.write("millrace.yaml", std::string(kLeast) + "tiers: {warm: 30d, cold: 90d, keep: 7y}\n");

  const auto got = load_config(folder.path());

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->tiers.cold, lake::Days{90});
  EXPECT_EQ(got->tiers.archive, std::nullopt);
  EXPECT_EQ(message("tiers: {cold: 90d, warm: 91d}\n"),
            ":4:15: tiers.cold: found 90d, expected more than 91d of warm | files go from warm to cold to archive, and "
            "are deleted last");
  for (const char* own : {"processed", "quarantine", "unloaded", "cold", "frozen", "restored", "expired"}) {
    folder.write("millrace.yaml",
                 "name: x\nsources:\n  a: {files: " + std::string(own) + "/a/*.csv, contract: c, table: r.a}\n");
    EXPECT_FALSE(load_config(folder.path())) << own;
  }
}

TEST_F(ConfigTest, packing_and_encoding_of_a_source_are_read_and_checked) {
  const std::string start = "name: x\nsources:\n  a: {files: landing/a/*.csv, contract: c, table: r.a, ";
  folder.write("millrace.yaml", start + "csv: {encoding: cp1252}, limits: {max_unpacked: 1GiB, max_ratio: 5}}\n");
  const auto got = load_config(folder.path());
  ASSERT_TRUE(got) << got.error().message;
  const lake::DecodeOptions& decode = got->sources.at(0).file.decode;
  EXPECT_EQ(decode.encoding, lake::Encoding::cp1252);
  EXPECT_EQ(decode.limits.max_unpacked, 1ULL << 30);
  EXPECT_EQ(decode.limits.max_ratio, 5U);

  for (const char* wrong :
       {"csv: {encoding: ebcdic}", "limits: {max_unpacked: 0}", "limits: {max_ratio: -1}", "limits: {max_files: 1}"}) {
    folder.write("millrace.yaml", start + wrong + "}\n");
    EXPECT_FALSE(load_config(folder.path())) << wrong;
  }
}

TEST_F(ConfigTest, the_limits_of_the_table_are_those_of_the_reader) {
  folder.write("millrace.yaml", kLeast);
  const auto got = load_config(folder.path());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->sources.at(0).file.decode.limits.max_unpacked, lake::UnpackLimits{}.max_unpacked);
  EXPECT_EQ(got->sources.at(0).file.decode.limits.max_ratio, lake::UnpackLimits{}.max_ratio);
}

TEST_F(ConfigTest, what_a_later_version_brings_is_told_and_not_ignored) {
  EXPECT_EQ(message("pipelines: {p: {schedule: \"@hourly\"}}\n"),
            ":4:27: pipelines.p.schedule: schedule \"@hourly\" comes with a later version of millrace");
}

TEST_F(ConfigTest, files_never_land_where_millrace_keeps_its_own) {
  folder.write("millrace.yaml", "name: x\nsources:\n  a: {files: processed/a/*.csv, contract: c, table: r.a}\n");
  EXPECT_FALSE(load_config(folder.path()));
  folder.write("millrace.yaml", "name: x\nsources:\n  a: {files: ../a/*.csv, contract: c, table: r.a}\n");
  EXPECT_FALSE(load_config(folder.path()));
}

TEST_F(ConfigTest, two_sources_share_no_file_and_no_table) {
  const auto more = [&](const std::string& name, const std::string& files, const std::string& table) {
    return message("  " + name + ": {files: " + files + ", contract: c.yaml, table: " + table + "}\n");
  };
  EXPECT_EQ(
      more("late", "landing/orders/*.csv", "raw.late"),
      ":4:17: sources.late.files: orders and late would both take landing/orders/a.csv: \"landing/orders/*.csv\" and "
      "\"landing/orders/*.csv\" overlap | narrow one of the patterns, so that each file belongs to one source");
  EXPECT_NE(more("late", "landing/*/late_*", "raw.late").find("orders and late would both take landing/orders/late_"),
            std::string::npos);
  EXPECT_EQ(
      more("late", "landing/late/*.csv", "RAW.Orders"),
      ":4:62: sources.late.table: orders and late load into the same table RAW.Orders | give each source a table of "
      "its own; a model can bring them together");
  EXPECT_NE(more("ORDERS", "landing/late/*.csv", "raw.late").find("differ in case only"), std::string::npos);
  EXPECT_NE(more("late", "landing/late/*.csv", "Millrace.ledger").find("millrace's own tables"), std::string::npos);
  EXPECT_NE(more("../late", "landing/late/*.csv", "raw.late").find("expected letters"), std::string::npos);
  EXPECT_EQ(more("late", "landing/orders/*.csv.gz", "raw.late"), "loaded");
}

TEST_F(ConfigTest, a_folder_without_a_project_says_how_to_make_one) {
  const auto got = load_config(folder.path());

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::not_found);
  EXPECT_NE(got.error().hint.find("millrace init"), std::string::npos);
}

TEST_F(ConfigTest, the_example_is_a_project_that_loads) {
  for (const ExampleFile& file : example_files()) folder.write(std::string(file.path), file.text);

  const auto got = load_config(folder.path());

  ASSERT_TRUE(got) << got.error().message;
  const auto sources = load_sources(*got);
  ASSERT_TRUE(sources) << sources.error().message;
  EXPECT_EQ(sources->at(0).contract.columns.size(), 12U);
}

}  // namespace
}  // namespace millrace::app
