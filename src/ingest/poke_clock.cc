#include "ingest/poke_clock.h"

#include <algorithm>

namespace millrace::ingest {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSettling{100};

}  // namespace

milliseconds PokeClock::until_due(SteadyTime now) const {
  if (due(now)) return milliseconds(0);
  SteadyTime next = due_;
  if (timeout_ > milliseconds(0) && !told_) next = std::min(next, since_ + timeout_);
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(next - now));
}

void PokeClock::wake(SteadyTime now) {
  due_ = now;
  pause_ = poke_;
}

void PokeClock::looked(SteadyTime now, Found found) {
  if (found == Found::nothing) {
    due_ = now + pause_;
    pause_ = std::min(pause_ * 2, most_);
    return;
  }
  pause_ = poke_;
  due_ = now + (found == Found::settling ? std::min(poke_, kSettling) : poke_);
  if (found == Found::files) {
    since_ = now;
    told_ = false;
    has_found_ = true;
  }
}

bool PokeClock::timed_out(SteadyTime now) {
  if (timeout_ == milliseconds(0) || told_ || now - since_ < timeout_) return false;
  told_ = true;
  return true;
}

}  // namespace millrace::ingest
