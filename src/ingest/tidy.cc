#include "ingest/tidy.h"

#include <algorithm>
#include <set>

#include "base/failpoint.h"
#include "ingest/expiry.h"

namespace millrace::ingest {
namespace {

using lake::Tier;

/// The tier that a folder's object has by its class.
Tier tier_of(const lake::ObjectInfo& object) {
  if (!object.cold_class.empty()) return Tier::archive;
  if (object.storage_class == lake::kColdClass) return Tier::cold;
  return object.storage_class == lake::kRestoredClass ? Tier::cold : Tier::hot;
}

}  // namespace

void Tidier::plan_object(const lake::ObjectInfo& object, bool known, WallTime now, TidyPlan& plan) const {
  const auto day = lake::day_of_key(object.key);
  if (!day) {
    plan.unplaced.push_back(object.key);
    return;
  }
  const Tier due = lake::tier_due(tiers_, lake::area_of_key(object.key), *day, now);
  if (due == Tier::expired) {
    if (!known) return;  // what the ledger does not know is not ours to delete
    if (folder_ == nullptr)
      plan.awaited.push_back(object.key);
    else
      plan.steps.push_back({object, due});
    return;
  }
  if (folder_ == nullptr || due < Tier::cold || tier_of(object) >= due) return;
  plan.steps.push_back({object, due});
}

Result<TidyPlan> Tidier::plan() {
  MR_FAILPOINT("ingest.tidy.before");
  TidyPlan plan;
  const WallTime now = clock_->now();
  MR_TRY(const auto keys, kept_keys(*session_));
  std::set<std::string> kept(keys.begin(), keys.end());
  for (const std::string_view area : lake::kKeptAreas) {
    MR_TRY(const lake::Listing listing, store_->list(std::string(area) + "/"));
    for (const lake::ObjectInfo& object : listing.objects) {
      const bool known = kept.erase(object.key) > 0;
      // Deleting it was cut, where the ledger says already that it has expired.
      MR_TRY(const auto expired, known ? Result(std::optional<Expiry>{}) : expiry_of(*session_, object.key));
      plan_object(object, known || expired, now, plan);
    }
  }
  for (const std::string& key : kept) {
    const auto day = lake::day_of_key(key);
    if (day && lake::tier_due(tiers_, lake::area_of_key(key), *day, now) == Tier::expired) {
      lake::ObjectInfo gone;
      gone.key = key;
      plan.steps.push_back({gone, Tier::expired, true});
    } else {
      plan.missing.push_back(key);
    }
  }
  std::stable_sort(plan.steps.begin(), plan.steps.end(),
                   [](const TidyStep& a, const TidyStep& b) { return a.object.key < b.object.key; });
  return plan;
}

Status Tidier::take(const TidyStep& step) {
  if (step.to != Tier::expired) return folder_->bring_down(step.object, step.to);
  const std::string rule = "tiers.keep: " + lake::to_words(*tiers_.keep);
  return expire(*session_, *store_, *clock_, step.object.key, step.gone ? std::nullopt : std::optional(step.object),
                rule);
}

}  // namespace millrace::ingest
