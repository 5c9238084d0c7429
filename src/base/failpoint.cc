#include "base/failpoint.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

namespace millrace::failpoint {
namespace {

struct Action {
  enum class Do { kill, error, sleep } what = Do::error;
  int sleep_ms = 0;
  int first = 1, last = std::numeric_limits<int>::max();  // of the passings that it strikes
};

/// The table is the process's, as the environment is; tests are the only writers.
struct Table {
  std::mutex mutex;
  std::atomic<bool> armed{false};
  std::map<std::string, Action, std::less<>> actions;
  std::map<std::string, int, std::less<>> passed;
  std::string log_path;
};

Error bad(std::string_view piece) {
  return {ErrorKind::invalid_input,
          "failpoint '" + std::string(piece) + "' does not parse",
          "write NAME=kill, NAME=error or NAME=sleep:MS, with @K for the K-th passing only, @K+ from there on",
          {}};
}

bool read_int(std::string_view text, int& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() && out >= 0;
}

Result<Action> parse_action(std::string_view piece, std::string_view text) {
  Action action;
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    std::string_view which = text.substr(at + 1);
    const bool for_ever = which.ends_with('+');
    if (for_ever) which.remove_suffix(1);
    if (!read_int(which, action.first) || action.first == 0) return bad(piece);
    if (!for_ever) action.last = action.first;
    text = text.substr(0, at);
  }
  if (text == "kill") {
    action.what = Action::Do::kill;
  } else if (text.starts_with("sleep:")) {
    action.what = Action::Do::sleep;
    if (!read_int(text.substr(6), action.sleep_ms)) return bad(piece);
  } else if (text != "error") {
    return bad(piece);
  }
  return action;
}

Status fill(Table& table, std::string_view text, std::string log_path) {
  const std::lock_guard lock(table.mutex);
  table.actions.clear();
  table.passed.clear();
  table.log_path = std::move(log_path);
  while (!text.empty()) {
    const auto cut = text.find(';');
    const std::string_view piece = text.substr(0, cut);
    text = cut == std::string_view::npos ? std::string_view{} : text.substr(cut + 1);
    if (piece.empty()) continue;
    const auto eq = piece.find('=');
    if (eq == std::string_view::npos) return bad(piece);
    MR_TRY(Action action, parse_action(piece, piece.substr(eq + 1)));
    table.actions.emplace(std::string(piece.substr(0, eq)), action);
  }
  table.armed.store(!table.actions.empty() || !table.log_path.empty());
  return ok();
}

Table& table() {
  static Table* t = [] {
    auto* fresh = new Table;  // never freed: threads may pass points until the very end
    const char* text = std::getenv("MILLRACE_FAILPOINTS");
    const char* log = std::getenv("MILLRACE_FAILPOINT_LOG");
    if (auto s = fill(*fresh, text ? text : "", log ? log : ""); !s) {
      std::fprintf(stderr, "MILLRACE_FAILPOINTS: %s; %s\n", s.error().message.c_str(), s.error().hint.c_str());
      std::abort();  // a fault test that injects nothing would pass in silence
    }
    return fresh;
  }();
  return *t;
}

void append_to_log(const std::string& path, std::string_view name) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return;
  const std::string line = std::string(name) + "\n";
  [[maybe_unused]] const auto n = ::write(fd, line.data(), line.size());
  ::close(fd);
}

}  // namespace

Status configure(std::string_view text, std::string log_path) { return fill(table(), text, std::move(log_path)); }

Status pass(std::string_view name) {
  Table& t = table();
  if (!t.armed.load(std::memory_order_relaxed)) return ok();
  Action action;
  {
    const std::lock_guard lock(t.mutex);
    if (!t.log_path.empty()) append_to_log(t.log_path, name);
    const auto it = t.actions.find(name);
    if (it == t.actions.end()) return ok();
    action = it->second;
    const int nth = ++t.passed[std::string(name)];
    if (nth < action.first || nth > action.last) return ok();
  }
  switch (action.what) {
    case Action::Do::kill: ::kill(::getpid(), SIGKILL); std::abort();  // not reached
    case Action::Do::sleep: std::this_thread::sleep_for(std::chrono::milliseconds(action.sleep_ms)); return ok();
    case Action::Do::error: break;
  }
  return Error{ErrorKind::unavailable, "injected fault at failpoint " + std::string(name), {}, {}};
}

}  // namespace millrace::failpoint
