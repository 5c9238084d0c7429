#include "transform/project/profile.h"

#include <gtest/gtest.h>

#include "jinja/print.h"
#include "testing/temp_folder.h"

namespace millrace::transform {
namespace {

struct Profiles : ::testing::Test {
  Profiles() {
    folder.write("p/dbt_project.yml", "name: shop\nprofile: shop\n");
    request.project_folder = (folder.path() / "p").string();
    invocation.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto it = environment.find(std::string(name));
      return it == environment.end() ? std::nullopt : std::optional(it->second);
    };
  }
  void write(const std::string& text) { folder.write("p/profiles.yml", text); }
  std::string error() {
    const auto got = read_profile(request, invocation);
    return got ? "no error" : got.error().message + " | " + got.error().hint;
  }
  testing::TempFolder folder;
  std::map<std::string, std::string> environment;
  ProfileRequest request;
  Invocation invocation;
};

TEST_F(Profiles, an_output_says_file_schema_and_threads) {
  write("shop: {target: dev, outputs: {dev: {type: duckdb, path: db/x.duckdb, schema: gold, threads: 4}}}\n");
  const auto got = read_profile(request, invocation);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->path, (folder.path() / "p/db/x.duckdb").string());
  EXPECT_EQ(got->target.database, "x");
  EXPECT_EQ(got->target.schema, "gold");
  EXPECT_EQ(got->target.threads, 4);
}

TEST_F(Profiles, the_environment_is_asked_and_numbers_keep_their_type) {
  environment = {{"WHERE", "there.duckdb"}, {"N", "3"}};
  write(
      "shop: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WHERE') }}\", threads: \"{{ env_var('N') "
      "| as_number }}\"}}}\n");
  const auto got = read_profile(request, invocation);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->target.database, "there");
  EXPECT_EQ(got->target.threads, 3);
}

TEST_F(Profiles, secrets_do_not_reach_templates) {
  write("shop: {target: dev, outputs: {dev: {type: duckdb, path: x, password: hidden, user: me}}}\n");
  const auto got = read_profile(request, invocation);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(jinja::to_text(got->target.fields)->find("hidden"), std::string::npos);
  EXPECT_NE(jinja::to_text(got->target.fields)->find("me"), std::string::npos);
}

TEST_F(Profiles, DBT_PROFILES_DIR_comes_before_the_project) {
  write("shop: {target: dev, outputs: {dev: {type: duckdb, path: a.duckdb}}}\n");
  folder.write("other/profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: b.duckdb}}}\n");
  environment = {{"DBT_PROFILES_DIR", (folder.path() / "other").string()}};
  EXPECT_EQ(read_profile(request, invocation)->target.database, "b");
  request.profiles_dir = (folder.path() / "p").string();
  EXPECT_EQ(read_profile(request, invocation)->target.database, "a") << "the flag comes first";
}

TEST_F(Profiles, a_profile_or_target_that_is_not_there_is_named_with_the_nearest) {
  write("shpo: {target: dev, outputs: {dev: {type: duckdb, path: x}}}\n");
  EXPECT_NE(error().find("there is no profile \"shop\"; there is shpo | did you mean shpo?"), std::string::npos)
      << error();
  write("shop: {target: dve, outputs: {dev: {type: duckdb, path: x}}}\n");
  EXPECT_NE(error().find("there is no target \"dve\"; there is dev | did you mean dev?"), std::string::npos) << error();
}

TEST_F(Profiles, an_engine_that_is_not_there_yet_is_said_at_its_place) {
  write("shop:\n  target: prod\n  outputs:\n    prod:\n      type: snowflake\n");
  EXPECT_NE(error().find("profiles.yml:5:7: the target prod is of type \"snowflake\""), std::string::npos) << error();
}

TEST_F(Profiles, where_none_is_found_it_says_where_it_looked) {
  EXPECT_NE(error().find("no profiles.yml was found: looked in " + request.project_folder), std::string::npos)
      << error();
}

}  // namespace
}  // namespace millrace::transform
