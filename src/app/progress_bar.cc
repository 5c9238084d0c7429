#include "app/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/words.h"

namespace millrace::app {
namespace {

constexpr std::uint64_t kBarWidth = 24;
constexpr std::chrono::milliseconds kBetween{100};
constexpr std::uint64_t kWorthABar = 8 << 20;

}  // namespace

ProgressBar::ProgressBar(std::FILE* talk, std::string label, std::uint64_t of)
    : talk_(talk), label_(std::move(label)), of_(of), terminal_(::isatty(::fileno(talk)) == 1) {}

ProgressBar::~ProgressBar() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", talk_);
  std::fflush(talk_);
}

std::string ProgressBar::line(const std::string& label, std::uint64_t bytes, std::uint64_t of) {
  if (of == 0) return fmt::format("{}  {}", label, bytes_in_words(bytes));
  const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(of));
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  return fmt::format("{}  [{}{}]  {:.0f} %  {} of {}", label, std::string(full, '#'),
                     std::string(kBarWidth - full, ' '), share * 100, bytes_in_words(bytes), bytes_in_words(of));
}

void ProgressBar::at(std::uint64_t bytes) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || of_ < kWorthABar || now - last_ < kBetween) return;
  last_ = now;
  shown_ = true;
  fmt::print(talk_, "\r{}\x1b[K", line(label_, bytes, of_));
  std::fflush(talk_);
}

}  // namespace millrace::app
