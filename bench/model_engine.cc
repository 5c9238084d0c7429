// Times the model engine on a project: model_engine FOLDER [--run]. Prints one JSON object with seconds for each part,
// and with --run the time of building all models beside that of the same SQL without the engine.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string_view>

#include "base/clock.h"
#include "transform/artifacts/artifacts.h"
#include "transform/loaded.h"
#include "warehouse/duckdb/database.h"

namespace millrace::transform {
namespace {

using Seconds = std::chrono::duration<double>;

double since(std::chrono::steady_clock::time_point start) {
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void fail(const Error& e) {
  std::fprintf(stderr, "%s\n", e.message.c_str());
  std::exit(1);
}

Target target_of(const warehouse::Dialect& dialect) {
  Target t;
  t.database = "memory";
  t.print_database = false;
  t.dialect = &dialect;
  return t;
}

Invocation invocation() {
  Invocation i;
  i.started_at = system_clock().now();
  i.environment = [](std::string_view) { return std::optional<std::string>(); };
  return i;
}

/// The statements alone, in one transaction, as a client would send them.
double bare_seconds(LoadedProject& project) {
  auto db = warehouse::duckdb::open({":memory:"});
  if (!db) fail(db.error());
  auto session = (*db)->connect();
  if (!session) fail(session.error());
  warehouse::Batch batch{"bare", {}};
  for (const NodeId id : project.graph().order()) {
    const Node& n = project.project().nodes[id];
    if (!n.is_model()) continue;
    const bool table = n.materialized() == "table";
    batch.statements.push_back(
        {"bare " + n.name, fmt::format("CREATE {} {} AS {}", table ? "TABLE" : "VIEW",
                                       quoted(*project.target().dialect, {"", "main", n.alias}), n.compiled_code)});
  }
  const auto start = std::chrono::steady_clock::now();
  if (auto s = (*session)->commit(batch); !s) fail(s.error());
  return since(start);
}

double run_seconds(LoadedProject& project, warehouse::Session& session) {
  RunRequest request;
  for (const NodeId id : project.graph().order())
    if (project.project().nodes[id].is_model()) request.nodes.push_back(id);
  const auto start = std::chrono::steady_clock::now();
  auto report = project.run(session, system_clock(), request);
  if (!report) fail(report.error());
  if (!report->committed) fail({ErrorKind::internal, report->refused, {}, {}});
  return since(start);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string folder = argv[1];
  auto db = warehouse::duckdb::open({":memory:"});
  if (!db) fail(db.error());
  auto session = (*db)->connect();
  if (!session) fail(session.error());
  const Target target = target_of((*session)->dialect());
  auto start = std::chrono::steady_clock::now();
  if (auto digest = digest_of(folder, target, invocation()); !digest) fail(digest.error());
  const double digest = since(start);
  start = std::chrono::steady_clock::now();
  auto loaded = LoadedProject::load(folder, target, invocation());
  if (!loaded) fail(loaded.error());
  const double parse = since(start);
  start = std::chrono::steady_clock::now();
  if (auto s = (*loaded)->compile_all(); !s) fail(s.error());
  const double compile = since(start);
  start = std::chrono::steady_clock::now();
  const std::string manifest =
      manifest_json((*loaded)->project(), (*loaded)->graph(), (*loaded)->target(), (*loaded)->invocation());
  const double written = since(start);
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"digest\":%.4f,\"parse\":%.4f,\"compile\":%.4f,\"manifest\":%.4f,\"manifest_mb\":%.1f,\"peak_mb\":%.1f",
      digest, parse, compile, written, static_cast<double>(manifest.size()) / 1e6,
      static_cast<double>(usage.ru_maxrss) / 1024.0);
  if (argc > 2 && std::string_view(argv[2]) == "--run") {
    const double bare = bare_seconds(**loaded);
    std::printf(",\"run\":%.4f,\"bare\":%.4f,\"models\":%zu", run_seconds(**loaded, **session), bare,
                (*loaded)->count(ResourceType::model));
  }
  std::printf("}\n");
  return 0;
}

}  // namespace
}  // namespace millrace::transform

int main(int argc, char** argv) { return millrace::transform::main(argc, argv); }
