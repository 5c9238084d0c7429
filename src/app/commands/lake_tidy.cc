// lake tidy: the archive by age.
#include <fmt/format.h>

#include "app/commands/lake_commands.h"
#include "app/commands/with_runtime.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"

namespace millrace::app {
namespace {

struct Tidied {
  ingest::TidyPlan plan;
  std::vector<std::pair<std::string, std::string>> failed;  // key, why
};

std::string json_of(const Tidied& t, bool dry_run) {
  json::Writer w;
  w.begin_object().member("dry_run", dry_run).key("steps").begin_array();
  for (const ingest::TidyStep& s : t.plan.steps)
    w.begin_object()
        .member("key", s.object.key)
        .member("to", lake::name_of(s.to))
        .member("bytes", s.object.size_bytes)
        .member("gone", s.gone)
        .end_object();
  w.end_array();
  const auto list = [&](std::string_view name, const std::vector<std::string>& keys) {
    w.key(name).begin_array();
    for (const std::string& key : keys) w.value(key);
    w.end_array();
  };
  list("awaited", t.plan.awaited);
  list("missing", t.plan.missing);
  list("unplaced", t.plan.unplaced);
  w.key("failed").begin_array();
  for (const auto& [key, why] : t.failed) w.begin_object().member("key", key).member("reason", why).end_object();
  w.end_array().end_object();
  return w.text();
}

void print(const Tidied& t, bool dry_run) {
  for (const ingest::TidyStep& s : t.plan.steps)
    tell(stdout, "{:<8} {}{}\n", lake::name_of(s.to), shown_key(s.object.key),
         s.gone ? "  (the store has deleted it)" : fmt::format("  {}", bytes_in_words(s.object.size_bytes)));
  for (const std::string& key : t.plan.awaited)
    tell(stdout, "{:<8} {}  is due: the store's rules delete it\n", "", shown_key(key));
  for (const std::string& key : t.plan.missing)
    tell(stderr, "missing  {}  the ledger says that it is archived; restore it from a backup\n", shown_key(key));
  for (const auto& [key, why] : t.failed) tell(stderr, "failed   {}  {}\n", shown_key(key), why);
  if (t.plan.steps.empty()) tell(stderr, "nothing is due\n");
  if (dry_run && !t.plan.steps.empty()) tell(stderr, "nothing was changed: --dry-run\n");
}

}  // namespace

int run_lake_tidy(const CommonOptions& common, const LakeArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    ingest::Tidier tidier = runtime.tidier();
    Tidied t;
    if (tidier.idle()) {
      if (!common.json) tell(stderr, "millrace.yaml has no tiers: files are kept where they are, for ever\n");
    } else {
      MR_TRY(t.plan, tidier.plan());
    }
    for (const ingest::TidyStep& step : t.plan.steps)
      if (!a.dry_run)
        if (const auto done = tidier.take(step); !done) t.failed.emplace_back(step.object.key, done.error().message);
    if (common.json)
      tell(stdout, "{}\n", json_of(t, a.dry_run));
    else
      print(t, a.dry_run);
    return t.failed.empty() && t.plan.missing.empty() ? 0 : 1;
  });
}

}  // namespace millrace::app
