// lake restore: archived objects are asked for.
#include <fmt/format.h>

#include <map>

#include "app/commands/lake_commands.h"
#include "app/sql.gen.h"
#include "app/tell.h"
#include "app/warehouse_file.h"
#include "base/json.h"
#include "base/words.h"
#include "lake/tiers/tiers.h"

namespace millrace::app {
namespace {

struct Restored {
  std::string key, state;  // "readable", "restoring", "restored"
};

/// Archived objects that somebody waits for: a load those that the ledger does not know, a replay those with open rows
/// in quarantine.
Result<std::vector<std::string>> blocked_keys(const Config& config, lake::ObjectStore& store) {
  MR_TRY(const auto warehouse, open_warehouse(config, system_clock()));
  MR_TRY(const auto session, warehouse->connect());
  std::map<std::string, bool> waits;  // by archive key
  MR_TRY(const auto kind, session->kind_of({"millrace", "ledger"}));
  if (kind != warehouse::RelationKind::none) {
    MR_TRY(const auto got, session->query({"app/blocked_keys", std::string(sql::blocked_keys)}));
    for (const auto& row : got.rows) {
      bool& open = waits[warehouse::to_text(row[0])];
      open = open || std::get<bool>(row[1]);
    }
  }
  std::vector<std::string> out;
  for (const std::string_view area : lake::kKeptAreas) {
    MR_TRY(const lake::Listing listing, store.list(std::string(area) + "/"));
    for (const lake::ObjectInfo& object : listing.objects) {
      const auto known = waits.find(object.key);
      if (object.cold_class.empty() || (known != waits.end() && !known->second)) continue;
      // A listing does not say that it has been restored.
      MR_TRY(const auto now, store.head(object.key));
      if (now && !now->cold_class.empty()) out.push_back(object.key);
    }
  }
  return out;
}

Result<Restored> restore(lake::ObjectStore& store, const std::string& key) {
  MR_TRY(const lake::ObjectInfo object, object_called(store, key));
  if (object.cold_class.empty()) return Restored{key, "readable"};
  MR_TRY(const bool on_its_way, store.restore(object));
  return Restored{key, on_its_way ? "restoring" : "restored"};
}

std::string json_of(const std::vector<Restored>& all) {
  json::Writer w;
  w.begin_object().key("objects").begin_array();
  for (const Restored& r : all) w.begin_object().member("key", r.key).member("state", r.state).end_object();
  w.end_array().end_object();
  return w.text();
}

void print(const std::vector<Restored>& all) {
  bool waiting = false;
  for (const Restored& r : all) {
    tell(stdout, "{:<9} {}{}\n", r.state, shown_key(r.key), r.state == "readable" ? "  it need not be restored" : "");
    waiting = waiting || r.state == "restoring";
  }
  if (waiting) tell(stderr, "millrace lake stat KEY says when it can be read; that may take hours\n");
}

}  // namespace

int run_lake_restore(const CommonOptions& common, const LakeArguments& a) {
  return with_lake(common, [&](const Config& config, lake::ObjectStore& store) -> Result<int> {
    std::vector<std::string> keys = a.keys;
    if (a.all_blocked == !keys.empty())
      return Error{ErrorKind::invalid_input, "found no key and no --all-blocked, or both", "name one of the two", {}};
    if (a.all_blocked) {
      MR_TRY(keys, blocked_keys(config, store));
    }
    std::vector<Restored> all;
    for (const std::string& key : keys) {
      MR_TRY(Restored one, restore(store, key));
      all.push_back(std::move(one));
    }
    if (common.json)
      tell(stdout, "{}\n", json_of(all));
    else
      print(all);
    if (all.empty() && !common.json) tell(stderr, "nothing waits for an archived object\n");
    return 0;
  });
}

}  // namespace millrace::app
