// Builds behind the gate under readers: no reader ever sees two generations, and a failed build moves nothing.
// Usage: atomicity [builds] [readers]. Each build writes its number into two tables and a view; a third of them fail a
// test, some break in the middle. Readers compare all three in one query, and know which numbers may be seen.
#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "testing/temp_folder.h"
#include "transform/loaded.h"
#include "warehouse/duckdb/database.h"

namespace millrace::transform {
namespace {

constexpr std::string_view kRead =
    "SELECT (SELECT min(n) FROM main.first), (SELECT max(n) FROM main.first), (SELECT min(n) FROM main.second), "
    "(SELECT max(n) FROM main.second), (SELECT max(n) FROM main.shown), (SELECT count(*) FROM main.second)";

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::_Exit(1);
}

/// What each build is to do, by its number.
enum class Fate : std::uint8_t { good, failing_test, broken_sql };
Fate fate_of(int build) {
  return build % 3 == 2 ? Fate::failing_test : build % 20 == 19 ? Fate::broken_sql : Fate::good;
}

void write_project(const testing::TempFolder& folder) {
  folder.write("p/dbt_project.yml", "name: p\nmodels: {p: {+materialized: table}}\n");
  folder.write("p/models/first.sql", "select {{ var('n') }} as n from range(100)");
  folder.write("p/models/second.sql",
               "select n from {{ ref('first') }}{% if var('broken') %} where nothing_like_it{% endif %}");
  folder.write("p/models/shown.sql", "{{ config(materialized='view') }}select max(n) as n from {{ ref('second') }}");
  folder.write("p/tests/fine.sql", "select * from {{ ref('shown') }} where {{ var('fails') }}");
}

Result<bool> build(const testing::TempFolder& folder, warehouse::Session& session, int number) {
  Target target;
  target.database = "w";
  target.print_database = false;
  target.dialect = &session.dialect();
  Invocation invocation;
  invocation.started_at = system_clock().now();
  jinja::Dict& vars = invocation.vars.dict_entries();
  vars.set("n", jinja::Value(number));
  vars.set("fails", jinja::Value(fate_of(number) == Fate::failing_test));
  vars.set("broken", jinja::Value(fate_of(number) == Fate::broken_sql));
  MR_TRY(const auto project, LoadedProject::load((folder.path() / "p").string(), target, invocation));
  RunRequest request;
  request.nodes = project->graph().order();
  MR_TRY(const RunReport report, project->run(session, system_clock(), request));
  return report.committed;
}

/// Reads until told to stop. `published`: the highest number that has been committed for certain.
void read(warehouse::Warehouse& db, const std::atomic<bool>& stop, const std::atomic<int>& published,
          std::atomic<std::int64_t>& reads) {
  auto session = db.connect();
  if (!session) fail(session.error().message);
  while (!stop) {
    const int least = published;
    const auto rows = (*session)->query({"read", std::string(kRead)});
    if (!rows) fail("a reader got an error: " + rows.error().message);
    const auto& row = rows->rows.at(0);
    const std::int64_t n = warehouse::to_integer(row[0]);
    for (std::size_t i = 1; i < 5; ++i)
      if (warehouse::to_integer(row[i]) != n)
        fail(fmt::format("a reader saw two generations: {} and {}", n, warehouse::to_integer(row[i])));
    if (warehouse::to_integer(row[5]) != 100) fail("a reader saw half a table");
    if (fate_of(static_cast<int>(n)) != Fate::good) fail(fmt::format("a reader saw build {}, which failed", n));
    if (n < least) fail(fmt::format("a reader saw {} after {} had been published", n, least));
    ++reads;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

int main(int argc, char** argv) {
  const auto number = [&](int i, int otherwise) {
    int n = otherwise;
    if (argc > i) std::from_chars(argv[i], argv[i] + std::string_view(argv[i]).size(), n);
    return n;
  };
  const int builds = number(1, 1000), readers = number(2, 50);
  const testing::TempFolder folder;
  write_project(folder);
  auto db = warehouse::duckdb::open({(folder.path() / "w.duckdb").string()});
  if (!db) fail(db.error().message);
  auto session = (*db)->connect();
  if (!session) fail(session.error().message);
  if (const auto first = build(folder, **session, 0); !first || !*first) fail("the first build failed");
  std::atomic<bool> stop = false;
  std::atomic<int> published = 0;
  std::atomic<std::int64_t> reads = 0;
  int refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < readers; ++i) threads.emplace_back([&] { read(**db, stop, published, reads); });
    for (int i = 1; i <= builds; ++i) {
      const auto committed = build(folder, **session, i);
      if (!committed) fail("a build got an error: " + committed.error().message);
      if (*committed != (fate_of(i) == Fate::good))
        fail(fmt::format("build {} was {}", i, *committed ? "published" : "refused"));
      if (*committed)
        published = i;
      else
        ++refused;
    }
    stop = true;
  }
  std::printf("%d builds, %d of them refused, under %d readers: %lld reads, each of one generation\n", builds, refused,
              readers, static_cast<long long>(reads));
  return reads > builds / 2 ? 0 : 1;
}

}  // namespace
}  // namespace millrace::transform

int main(int argc, char** argv) { return millrace::transform::main(argc, argv); }
