#pragma once
/// \file serve/endpoint_plan.h
/// What of an endpoint is worth working out once per generation: its SQL and its escaped names.

#include <cstdint>
#include <string>

#include "serve/json_rows.h"
#include "serve/published.h"
#include "warehouse/dialect.h"
#include "warehouse/statement.h"

namespace millrace::serve {

/// Borrows nothing of the generation. Threads: one thread at a time (the statements are reused).
struct EndpointPlan {
  EndpointPlan(const PublishedEndpoint& published, const warehouse::Dialect& dialect);

  std::string path;
  Column key;
  std::int64_t count;
  JsonRows rows;
  warehouse::Statement page;      ///< $1, $2: from which row to before which
  warehouse::Statement point;     ///< $1: the key
  std::size_t usual_bytes = 256;  ///< of the largest response so far: what to reserve
};

}  // namespace millrace::serve
