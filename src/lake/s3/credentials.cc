#include "lake/s3/credentials.h"

#include <condition_variable>
#include <mutex>

#include "base/log.h"

namespace millrace::lake::s3 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes kRenewBefore{5};
constexpr seconds kPause{10};  // between two loads while there are usable ones

class Fixed final : public CredentialProvider {
 public:
  explicit Fixed(Credentials credentials) : credentials_(std::move(credentials)) {}
  Result<Credentials> get() override { return credentials_; }
  void rejected(const Credentials&) override {}

 private:
  const Credentials credentials_;
};

bool same(const Credentials& a, const Credentials& b) {
  if (a.access_key_id != b.access_key_id || !a.secret_access_key.equals(b.secret_access_key)) return false;
  if (a.session_token.has_value() != b.session_token.has_value()) return false;
  return !a.session_token || a.session_token->equals(*b.session_token);
}

class Renewed final : public CredentialProvider {
 public:
  Renewed(std::function<Result<Credentials>()> load, const Clock& clock) : load_(std::move(load)), clock_(&clock) {}

  Result<Credentials> get() override {
    std::unique_lock lock(mutex_);
    if (fresh()) return *current_;
    if (loading_) {
      if (usable()) return *current_;
      const std::uint64_t seen = loads_;
      loaded_.wait(lock, [&] { return loads_ != seen; });
      if (failure_ && !usable()) return *failure_;
      return *current_;
    }
    return load(lock);
  }

  void rejected(const Credentials& used) override {
    const std::scoped_lock lock(mutex_);
    if (current_ && same(*current_, used)) refused_ = true;
  }

 private:
  [[nodiscard]] bool usable() const {
    return current_ && !refused_ && (!current_->expires || clock_->now() < *current_->expires);
  }
  [[nodiscard]] bool fresh() const {
    if (!usable()) return false;
    const WallTime now = clock_->now();
    return !current_->expires || now + kRenewBefore < *current_->expires || now < next_try_;
  }

  Result<Credentials> load(std::unique_lock<std::mutex>& lock) {
    loading_ = true;
    lock.unlock();
    auto found = load_();
    lock.lock();
    loading_ = false;
    ++loads_;
    if (found) {
      current_ = *std::move(found);
      refused_ = false;
      failure_.reset();
    } else {
      failure_ = std::move(found).error();
    }
    next_try_ = clock_->now() + kPause;
    loaded_.notify_all();
    if (!failure_) return *current_;
    if (!usable()) return *failure_;
    log::event("credentials_not_renewed", log::Level::warn,
               {{"error", failure_->message}, {"used_until", to_iso8601(*current_->expires)}});
    return *current_;
  }

  const std::function<Result<Credentials>()> load_;
  const Clock* clock_;  // outlives us
  std::mutex mutex_;
  std::condition_variable loaded_;
  std::optional<Credentials> current_;
  std::optional<Error> failure_;  // of the last load
  WallTime next_try_{};
  std::uint64_t loads_ = 0;
  bool loading_ = false, refused_ = false;
};

}  // namespace

std::unique_ptr<CredentialProvider> fixed_credentials(Credentials credentials) {
  return std::make_unique<Fixed>(std::move(credentials));
}

std::unique_ptr<CredentialProvider> renewed(std::function<Result<Credentials>()> load, const Clock& clock) {
  return std::make_unique<Renewed>(std::move(load), clock);
}

std::string shown_key_id(const std::string& access_key_id) {
  constexpr std::size_t kShown = 4;
  if (access_key_id.size() < 3 * kShown) return "…";
  return "…" + access_key_id.substr(access_key_id.size() - kShown);
}

}  // namespace millrace::lake::s3
