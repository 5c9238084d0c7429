// doctor: what is wrong, and what to do.
#include <fmt/format.h>

#include <filesystem>
#include <functional>

#include "app/commands.h"
#include "app/commands/doctor_lake.h"
#include "app/config.h"
#include "app/runtime.h"
#include "app/sandbox.h"
#include "app/tell.h"
#include "app/warehouse_file.h"
#include "base/files.h"
#include "base/json.h"
#include "base/words.h"
#include "serve/http_server.h"
#include "transform/loaded.h"
#include "warehouse/duckdb/database.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what, found, fix;
  bool good = true;
};

/// Runs checks in order and keeps what they found.
class Doctor {
 public:
  /// `check` gives what it found, or the error that is wrong.
  void check(const std::string& what, const std::function<Result<std::string>()>& check) {
    auto got = check();
    if (got) return findings_.push_back({what, *got, "", true});
    findings_.push_back({what, got.error().message, got.error().hint, false});
  }
  int report(bool as_json) const {
    bool good = true;
    json::Writer w;
    w.begin_object().key("checks").begin_array();
    for (const Finding& f : findings_) {
      good = good && f.good;
      w.begin_object()
          .member("check", f.what)
          .member("ok", f.good)
          .member("found", f.found)
          .member("fix", f.fix)
          .end_object();
      if (as_json) continue;
      tell(stdout, "{:<5} {:<10} {}\n", f.good ? "ok" : "WRONG", f.what, f.found);
      if (!f.fix.empty()) tell(stdout, "{:<16} try: {}\n", "", f.fix);
    }
    w.end_array().member("ok", good).end_object();
    if (as_json)
      tell(stdout, "{}\n", w.text());
    else
      tell(stdout, "{}\n", good ? "all is well" : "something is wrong: see above");
    return good ? 0 : 1;
  }

 private:
  std::vector<Finding> findings_;
};

Result<std::string> check_engine() {
  const std::string version = warehouse::duckdb::library_version();
  if (version.starts_with("v1.5.")) return "DuckDB " + version;
  return Error{ErrorKind::unsupported,
               fmt::format("found DuckDB {}, expected 1.5", version),
               "run ./dev build, which fetches the pinned one",
               {}};
}

Result<std::string> check_clock() {
  const WallTime now = system_clock().now();
  if (now < WallTime{std::chrono::seconds{1'767'225'600}})  // 2026-01-01
    return Error{ErrorKind::invalid_input,
                 fmt::format("the clock says {}", to_iso8601(now)),
                 "set the machine's clock: archive folders carry its date",
                 {}};
  return to_iso8601(now);
}

Result<std::string> check_sources(const Config& config) {
  MR_TRY(const auto sources, load_sources(config));
  std::vector<std::string> names;
  for (const auto& s : sources)
    names.push_back(
        fmt::format("{} ({})", s.name, counted(static_cast<std::int64_t>(s.contract.columns.size()), "column")));
  return join(names, ", ");
}

Result<std::string> check_models(const Config& config, const warehouse::Dialect& dialect) {
  transform::Target target;
  target.dialect = &dialect;
  target.database = config.warehouse.stem().string();
  target.print_database = false;
  transform::Invocation invocation;
  invocation.command = "compile";
  invocation.started_at = system_clock().now();
  invocation.environment = process_environment();
  MR_TRY(const auto loaded, transform::LoadedProject::load(config.folder.string(), target, invocation));
  MR_CHECK(loaded->compile_all());
  const auto& nodes = loaded->project().nodes;
  for (const serve::Endpoint& e : config.endpoints) {
    const auto served = [&](const transform::Node& n) {
      return !n.disabled && n.is_refable() && n.relation.text() == e.relation;
    };
    if (std::none_of(nodes.begin(), nodes.end(), served))
      return Error{ErrorKind::invalid_input,
                   fmt::format("endpoint {} serves {}, which no model builds", e.path, e.relation),
                   "correct serve.endpoints in millrace.yaml",
                   {}};
  }
  const auto in_words = [&](transform::ResourceType type, std::string_view name) {
    return counted(static_cast<std::int64_t>(loaded->count(type)), name);
  };
  return in_words(transform::ResourceType::model, "model") + ", " + in_words(transform::ResourceType::test, "test");
}

Result<std::string> check_port(const Config& config, warehouse::Warehouse& warehouse) {
  serve::PublishedSlot none;
  serve::ServerOptions options;
  options.listen = config.listen;
  options.threads = 1;
  MR_TRY(const auto server, serve::HttpServer::start(options, warehouse, none));
  return server->address() + " is free";
}

}  // namespace

int run_doctor(const CommonOptions& common) {
  Doctor doctor;
  doctor.check("engine", check_engine);
  doctor.check("clock", check_clock);
  doctor.check("sandbox", []() -> Result<std::string> { return sandbox_in_words(); });
  auto config = load_config(common.project);
  doctor.check("project", [&]() -> Result<std::string> {
    if (!config) return config.error();
    return fmt::format("{} in {}", config->name, config->folder.string());
  });
  if (!config) return doctor.report(common.json);
  doctor.check("lake", [&] { return check_lake(*config); });
  if (config->lake.s3) doctor.check("lake clock", [&] { return check_lake_clock(*config, system_clock()); });
  doctor.check("contracts", [&] { return check_sources(*config); });
  const auto scratch = warehouse::duckdb::open({":memory:"});
  const auto session = scratch ? (*scratch)->connect() : Result<std::unique_ptr<warehouse::Session>>(scratch.error());
  if (session) doctor.check("models", [&] { return check_models(*config, (*session)->dialect()); });
  doctor.check("warehouse", [&]() -> Result<std::string> {
    if (!fs::exists(config->warehouse)) return config->warehouse.string() + " is made at the first load";
    MR_TRY(const auto opened, open_warehouse_to_read(*config));
    return config->warehouse.string();
  });
  if (scratch) doctor.check("api", [&] { return check_port(*config, **scratch); });
  return doctor.report(common.json);
}

}  // namespace millrace::app
