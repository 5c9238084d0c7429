#pragma once
/// \file warehouse/reopening.h
/// A warehouse that can be closed and opened anew while sessions on it stay in use: after the engine
/// has stopped itself nothing else helps, and a server must not go down for it.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "warehouse/session.h"

namespace millrace::warehouse {

/// Threads: safe to share. Outlives its sessions.
class ReopeningWarehouse final : public Warehouse {
 public:
  using Open = std::function<Result<std::unique_ptr<Warehouse>>()>;

  /// Opens `inside` with `open`. Errors: those of `open`.
  static Result<std::unique_ptr<ReopeningWarehouse>> start(const Open& open);
  ~ReopeningWarehouse() override;

  /// A session of ours follows every reopening: its calls wait while one is under way, and fail as `unavailable`
  /// while nothing is open or the engine has stopped itself. Cost: one uncontended lock for each call.
  Result<std::unique_ptr<Session>> connect() override;
  [[nodiscard]] std::string engine() const override;
  [[nodiscard]] bool stopped() const override;  ///< also while nothing is open

  /// Waits for the calls that run, closes, and opens with `open`. No call sees both.
  /// Requires: the caller is not inside a call of a session. Errors: those of `open`; nothing is open then.
  Status reopen(const Open& open);

 private:
  class Proxy;
  ReopeningWarehouse() = default;
  Result<std::unique_ptr<Session>> connect_inside();
  mutable std::mutex mutex_;  // guards `inside_`; taken after a proxy's own
  std::unique_ptr<Warehouse> inside_;
  std::mutex proxies_mutex_;  // guards `proxies_`; taken before a proxy's own
  std::vector<Proxy*> proxies_;
};

}  // namespace millrace::warehouse
