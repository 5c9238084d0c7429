#pragma once
/// \file serve/api.h
/// The API without its sockets: a request, a generation and a session give a response.
///
/// GET /orders/?limit=100&offset=0  {"count": all rows, "data": [rows in key order]}
/// GET /orders/{key}                one row
/// GET /                            what there is;  GET /healthz: the process runs;
/// GET /readyz                      something is published and the engine answers
/// HEAD is GET without its content. All else is a problem (serve/problem.h).

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "serve/endpoint_plan.h"
#include "serve/message.h"
#include "serve/problem.h"
#include "serve/published.h"
#include "warehouse/session.h"

namespace millrace::serve {

/// Threads: one thread at a time, as its session.
class Api {
 public:
  /// Borrows the session, which outlives it. `seed` makes the ids of failed requests.
  Api(warehouse::Session& session, std::uint64_t seed) : session_(session), random_(seed) {}

  /// Answers every request, also a wrong one. `published` may be none; the caller keeps it alive.
  /// Cost: at the most one statement.
  Response answer(const Request& request, const Published* published);

  /// The response for an error of ours: logged in full, shown as an id to look for in the log.
  Response failed(const Request& request, const Error& error);

 private:
  Response route(const Request& request, const Published* published);
  Response route_endpoint(const Request& request, const Published& published);
  Response index(const Request& request, const Published* published);
  Response ready(const Request& request, const Published* published);
  Response page(const Request& request, const Published& published, EndpointPlan& plan, std::string_view query);
  Response row(const Request& request, const Published& published, EndpointPlan& plan, std::string_view key);
  void prepare(const Published& published);

  warehouse::Session& session_;
  Random random_;
  std::int64_t generation_ = 0;              // of plans_
  const Published* prepared_for_ = nullptr;  // only compared
  std::vector<EndpointPlan> plans_;
};

}  // namespace millrace::serve
