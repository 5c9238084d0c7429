#pragma once
/// \file lake/s3/workers.h
/// The threads that carry the parts of large objects. The store has them, and not the whole program, because what they
/// do is wait for the wire: their number is the number of connections, whatever the machine can compute.

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace millrace::lake::s3 {

/// Threads: safe to share. The destructor lets tasks that have begun finish, and begins no other.
class Workers {
 public:
  /// No thread is started before there is a task for it.
  explicit Workers(unsigned threads) : most_(threads == 0 ? 1 : threads) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Requires: `task` waits for no other task. A task that was never begun leaves a broken promise.
  template <class F>
  auto run(F task) -> std::future<decltype(task())> {
    auto packed = std::make_shared<std::packaged_task<decltype(task())()>>(std::move(task));
    auto future = packed->get_future();
    add([packed] { (*packed)(); });
    return future;
  }

 private:
  void add(std::function<void()> task);
  void work();

  const unsigned most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  unsigned idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace millrace::lake::s3
