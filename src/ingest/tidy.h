#pragma once
/// \file ingest/tidy.h
/// The archive by age: files go down the tiers, and are deleted when their time is over. In a folder Millrace does
/// it; an S3 bucket does it by its lifecycle rules, and here it is only looked at and remembered.

#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/ledger.h"
#include "lake/object_store.h"
#include "lake/tiers/local_tiers.h"
#include "warehouse/session.h"

namespace millrace::ingest {

/// One object that is due.
struct TidyStep {
  lake::ObjectInfo object;  ///< without a version where it is gone already
  lake::Tier to = lake::Tier::hot;
  bool gone = false;  ///< the store has deleted it; the ledger does not know yet
};

struct TidyPlan {
  std::vector<TidyStep> steps;        ///< by key
  std::vector<std::string> awaited;   ///< due, and the store's own work: S3 takes up to a day
  std::vector<std::string> missing;   ///< not due, and gone all the same
  std::vector<std::string> unplaced;  ///< whose name says no day: they stay
};

/// Threads: used by the thread that owns the session. Borrows all; all outlive it.
class Tidier {
 public:
  /// `folder`: nullptr where the store has tiers of its own.
  Tidier(warehouse::Session& session, lake::ObjectStore& store, lake::LocalTiers* folder, const Clock& clock,
         const lake::Tiers& tiers)
      : session_(&session), store_(&store), folder_(folder), clock_(&clock), tiers_(tiers) {}

  /// What is due now. Changes nothing. Errors: those of listing and ledger.
  Result<TidyPlan> plan();
  /// Does one step. Errors: conflict where the object has changed (it is due again at the next look); unavailable.
  Status take(const TidyStep& step);
  /// Do the rules ask for anything?
  [[nodiscard]] bool idle() const { return !tiers_.moves_files() && !tiers_.keep; }

 private:
  void plan_object(const lake::ObjectInfo& object, bool known, WallTime now, TidyPlan& plan) const;
  warehouse::Session* session_;
  lake::ObjectStore* store_;
  lake::LocalTiers* folder_;
  const Clock* clock_;
  lake::Tiers tiers_;
};

}  // namespace millrace::ingest
