#include "base/log.h"

#include <fmt/format.h>

#include <cstdio>
#include <mutex>

#include "base/json.h"
#include "base/terminal.h"

namespace millrace::log {
namespace {

struct State {
  std::mutex mutex;
  Level least = Level::info;
  Format format = Format::human;
  const Clock* clock = nullptr;  // borrows; main's or a test's, outlives all threads
  Sink* sink = nullptr;          // borrows; nullptr: stderr
};

State& state() {
  static State* s = new State;  // never freed: any thread may log until the end
  return *s;
}

std::string_view name_of(Level level) {
  static constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

void append_json_value(std::string& out, const Field& field) {
  std::visit(
      [&out](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) {
          json::append_string(out, v);
        } else {
          json::append_number(out, v);
        }
      },
      field.value);
}

/// Control characters of data must not move the reader's cursor or fake a line (CWE-117).
std::string human_value(const Field& field) {
  std::string quoted;
  append_json_value(quoted, field);
  if (const auto* s = std::get_if<std::string>(&field.value))
    if (s->find_first_of(" =\"\\") == std::string::npos && quoted.size() == s->size() + 2) return *s;
  return quoted;
}

}  // namespace

void configure(Level least, Format format, const Clock& clock, Sink* sink) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.least = least;
  s.format = format;
  s.clock = &clock;
  s.sink = sink;
}

void event(std::string_view name, Level level, std::initializer_list<Field> fields) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (level < s.least) return;
  const WallTime now = (s.clock != nullptr ? *s.clock : system_clock()).now();
  std::string out;
  if (s.format == Format::json) {
    out = fmt::format(R"({{"@timestamp":"{}","log.level":"{}","event.action":"{}")", to_iso8601(now), name_of(level),
                      name);
    for (const Field& f : fields) {
      out += ',';
      json::append_string(out, f.key);
      out += ':';
      append_json_value(out, f);
    }
    out += '}';
  } else {
    out = fmt::format("{} {:<5} {}", to_iso8601(now), name_of(level), name);
    for (const Field& f : fields) out += fmt::format(" {}={}", f.key, human_value(f));
    out = harmless(out);
  }
  if (s.sink != nullptr) return s.sink->line(out);
  out += '\n';
  std::fwrite(out.data(), 1, out.size(), stderr);
}

}  // namespace millrace::log
