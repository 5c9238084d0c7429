#include "app/dry_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "app/sql.gen.h"
#include "ingest/loader.h"
#include "lake/local/local_store.h"
#include "warehouse/duckdb/database.h"

namespace millrace::app {
namespace {

Result<RejectCode> code_of(const std::string& name) {
  for (const RejectMeaning& m : reject_meanings())
    if (m.name == name) return m.code;
  return Error{ErrorKind::internal, fmt::format("the quarantine holds the unknown code \"{}\"", name), {}, {}};
}

Result<std::vector<Reject>> rejects_in(warehouse::Session& session) {
  MR_TRY(const auto got, session.query({"app/read_rejects", std::string(sql::read_rejects)}));
  std::vector<Reject> out;
  for (const auto& row : got.rows) {
    Reject r;
    r.line = warehouse::to_integer(row[0]);
    MR_TRY(r.code, code_of(warehouse::to_text(row[1])));
    r.reason = warehouse::to_text(row[2]);
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace

Result<DryRun> dry_run(const ingest::Source& source, lake::ObjectStore& store, const lake::ObjectInfo& object) {
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  MR_TRY(const auto warehouse, warehouse::duckdb::open({":memory:", threads}));
  MR_TRY(const auto session, warehouse->connect());
  ingest::Loader loader(*session, store, system_clock(), threads);
  MR_CHECK(loader.ledger().prepare(source));
  DryRun out;
  MR_TRY(out.outcome, loader.rehearse(source, object));
  MR_TRY(out.rejects, rejects_in(*session));
  return out;
}

Result<NamedFile> open_named_file(const std::filesystem::path& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  NamedFile out;
  auto store = lake::open_local_store(whole.parent_path());
  if (store) {
    out.store = *std::move(store);
    MR_TRY(const auto object, out.store->head(whole.filename().string()));
    if (object) {
      out.object = *object;
      return out;
    }
  }
  return Error{ErrorKind::not_found, fmt::format("{} is not there, or is no regular file", path.string()), {}, {}};
}

}  // namespace millrace::app
