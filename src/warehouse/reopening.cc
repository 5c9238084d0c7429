#include "warehouse/reopening.h"

#include <algorithm>

namespace millrace::warehouse {

/// Holds its lock during each call, so that nobody closes the engine under it.
class ReopeningWarehouse::Proxy final : public Session {
 public:
  Proxy(ReopeningWarehouse& owner, std::unique_ptr<Session> inner)
      : owner_(owner), dialect_(inner->dialect()), inner_(std::move(inner)) {}
  ~Proxy() override {
    const std::lock_guard lock(owner_.proxies_mutex_);
    std::erase(owner_.proxies_, this);
  }

  Result<Rows> query(const Statement& statement) override {
    return call<Rows>([&](Session& s) { return s.query(statement); });
  }
  Status read(const Statement& statement, const BatchSink& sink) override {
    return call<std::monostate>([&](Session& s) { return s.read(statement, sink); });
  }
  Status commit(const Batch& batch) override {
    return call<std::monostate>([&](Session& s) { return s.commit(batch); });
  }
  Status transact(const std::string& id, const std::function<Status()>& work) override {
    return call<std::monostate>([&](Session& s) { return s.transact(id, work); });
  }
  Result<std::vector<Column>> columns_of(const std::string& query) override {
    return call<std::vector<Column>>([&](Session& s) { return s.columns_of(query); });
  }
  Result<RelationKind> kind_of(const RelationName& relation) override {
    return call<RelationKind>([&](Session& s) { return s.kind_of(relation); });
  }
  void interrupt() override {
    const std::lock_guard lock(pointer_mutex_);
    if (inner_) inner_->interrupt();
  }
  [[nodiscard]] const Dialect& dialect() const override { return dialect_; }

  /// From reopen(): after it no call runs, and none begins until the lock that it gives is free.
  std::unique_lock<std::recursive_mutex> let_go() {
    std::unique_lock lock(call_mutex_);
    std::unique_ptr<Session> gone;
    {
      const std::lock_guard pointer(pointer_mutex_);
      gone.swap(inner_);
    }
    return lock;
  }

 private:
  template <class T, class Work>
  Result<T> call(Work work) {
    const std::lock_guard lock(call_mutex_);
    if (!inner_) {
      MR_TRY(auto fresh, owner_.connect_inside());
      const std::lock_guard pointer(pointer_mutex_);
      inner_ = std::move(fresh);
    }
    Result<T> done = work(*inner_);
    if (done || done.error().kind != ErrorKind::internal || !owner_.stopped()) return done;
    Error error = std::move(done).error();  // no bug of ours, and reopen() ends it
    error.kind = ErrorKind::unavailable;
    error.hint =
        "the engine has stopped itself; what was committed is safe. A running `millrace up` opens it again; run "
        "any other command again";
    return error;
  }

  ReopeningWarehouse& owner_;
  const Dialect& dialect_;
  std::recursive_mutex call_mutex_;  // a statement's `before` and the work of transact() ask the session again
  std::mutex pointer_mutex_;         // guards the pointer alone, so that interrupt() need not wait for the call
  std::unique_ptr<Session> inner_;   // none: connect again at the next call
};

ReopeningWarehouse::~ReopeningWarehouse() = default;

Result<std::unique_ptr<ReopeningWarehouse>> ReopeningWarehouse::start(const Open& open) {
  auto warehouse = std::unique_ptr<ReopeningWarehouse>(new ReopeningWarehouse);
  MR_TRY(warehouse->inside_, open());
  return warehouse;
}

Result<std::unique_ptr<Session>> ReopeningWarehouse::connect_inside() {
  const std::lock_guard lock(mutex_);
  if (inside_) return inside_->connect();
  return Error{ErrorKind::unavailable,
               "the warehouse is closed after an error of the engine and is being opened again",
               "try again in a moment",
               {}};
}

Result<std::unique_ptr<Session>> ReopeningWarehouse::connect() {
  const std::lock_guard lock(proxies_mutex_);  // before there is a session that a reopening would not know
  MR_TRY(auto inner, connect_inside());
  auto proxy = std::make_unique<Proxy>(*this, std::move(inner));
  proxies_.push_back(proxy.get());
  return std::unique_ptr<Session>(std::move(proxy));
}

std::string ReopeningWarehouse::engine() const {
  const std::lock_guard lock(mutex_);
  return inside_ ? inside_->engine() : "closed";
}

bool ReopeningWarehouse::stopped() const {
  const std::lock_guard lock(mutex_);
  return !inside_ || inside_->stopped();
}

Status ReopeningWarehouse::reopen(const Open& open) {
  const std::lock_guard proxies(proxies_mutex_);
  std::vector<std::unique_lock<std::recursive_mutex>> calls;
  calls.reserve(proxies_.size());
  for (Proxy* proxy : proxies_) calls.push_back(proxy->let_go());
  const std::lock_guard lock(mutex_);
  inside_.reset();  // first: one process must not have the file open twice
  MR_TRY(inside_, open());
  return ok();
}

}  // namespace millrace::warehouse
