#pragma once
/// \file ingest/expiry.h
/// Files whose bytes are deleted when their time is over: what the ledger remembers of them, and what the lake does, so
/// that a warehouse that is filled again knows what it lacks.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/ledger.h"
#include "ingest/load_transaction.h"
#include "ingest/source.h"
#include "lake/object_store.h"
#include "warehouse/session.h"

namespace millrace::ingest {

struct Expiry {
  std::string rule;  ///< "tiers.keep: 7y"
  std::string day;   ///< on which it was deleted, ISO
};

/// nullopt: the bytes under this key have not expired, as far as the ledger knows.
Result<std::optional<Expiry>> expiry_of(warehouse::Session& session, const std::string& archive_key);

/// Keys of the archive whose bytes must be there, ascending.
Result<std::vector<std::string>> kept_keys(warehouse::Session& session);

/// Where the lake remembers an expired file: "expired/processed/dt=2026-11-22/orders/a~000017.csv.json".
std::string memorial_key(std::string_view archive_key);

/// Deletes an object of the archive: first the lake remembers it, then the ledger, then it goes. Where it is gone
/// already (`object` empty), the lake and the ledger learn of it. Repeating it after a crash finishes it.
/// Errors: not_found where the ledger does not know the key; those of the store.
/// Failpoints: ingest.expire.before, ingest.expire.before_entry, ingest.expire.before_remove
Status expire(warehouse::Session& session, lake::ObjectStore& store, const Clock& clock, const std::string& archive_key,
              const std::optional<lake::ObjectInfo>& object, const std::string& rule);

/// Enters files that the lake remembers as expired and the ledger does not know; their outcomes say what is missing.
Result<std::vector<FileOutcome>> adopt_expired(warehouse::Session& session, lake::ObjectStore& store,
                                               const Clock& clock, const Ledger& ledger, const Source& source);

}  // namespace millrace::ingest
