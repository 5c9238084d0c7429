#include "app/plain_project.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/words.h"
#include "warehouse/duckdb/database.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

Status run(warehouse::Session& session, const std::string& name, const std::string& sql) {
  auto done = session.query({name, sql});
  return done ? ok() : Status(std::move(done).error());
}

/// Never fetched: what a build needs must not depend on a network.
Status load_extensions(const transform::Profile& profile, warehouse::Session& session) {
  for (const std::string& extension : profile.extensions) {
    Status done = run(session, "extension " + extension, "LOAD " + session.dialect().quote(extension));
    if (done) continue;
    Error e = std::move(done).error();
    e.kind = ErrorKind::unavailable;
    e.message = fmt::format("{}: the extension {} does not load: {}", profile.file, extension, e.message);
    e.hint = "install it on this machine with DuckDB's own client, or take it out of extensions:";
    return e;
  }
  return ok();
}

Status attach(const transform::Profile& profile, warehouse::Session& session) {
  const warehouse::Dialect& d = session.dialect();
  for (const auto& file : profile.attach) {
    std::vector<std::string> options;
    if (!file.type.empty()) options.push_back("TYPE " + d.quote(file.type));
    if (file.read_only) options.emplace_back("READ_ONLY");
    MR_CHECK(
        run(session, "attach " + file.path,
            fmt::format("ATTACH {}{}{}", d.literal(file.path), file.alias.empty() ? "" : " AS " + d.quote(file.alias),
                        options.empty() ? "" : " (" + join(options, ", ") + ")")));
  }
  return ok();
}

}  // namespace

bool is_millrace_project(const std::string& folder) {
  std::error_code none;
  return fs::exists(fs::path(folder) / "millrace.yaml", none);
}

Result<PlainProject> open_plain(transform::Profile profile, bool read_only) {
  PlainProject out;
  out.profile = std::move(profile);
  warehouse::duckdb::Options options;
  options.path = out.profile.path;
  options.read_only = read_only && options.path != ":memory:" && fs::exists(options.path);
  if (options.path != ":memory:") {
    std::error_code failed;
    if (const fs::path parent = fs::path(options.path).parent_path(); !parent.empty())
      fs::create_directories(parent, failed);  // opening says what is wrong with it
  }
  auto opened = warehouse::duckdb::open(options);
  if (!opened) {
    Error e = std::move(opened).error();
    if (e.kind == ErrorKind::conflict) {
      e.message = fmt::format("{} is open in another process: {}", options.path, e.message);
      e.hint = "wait for it or stop it: a DuckDB file is written by one process at a time";
    }
    return e;
  }
  out.warehouse = *std::move(opened);
  MR_TRY(out.session, out.warehouse->connect());
  MR_CHECK(load_extensions(out.profile, *out.session));
  for (const auto& [name, value] : out.profile.settings)
    MR_CHECK(
        run(*out.session, "setting " + name,
            fmt::format("SET {} = {}", out.session->dialect().quote(name), out.session->dialect().literal(value))));
  MR_CHECK(attach(out.profile, *out.session));
  out.profile.target.dialect = &out.session->dialect();
  return out;
}

}  // namespace millrace::app
