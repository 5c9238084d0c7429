#pragma once
/// \file base/log.h
/// One structured line per event, as JSON lines with ECS field names or as human text.
/// error = a person must act; warn = recovered, nothing lost; info = a run changed state;
/// debug = per object; nothing per row. Either return an error or log it, never both.
/// Source: elastic.co/guide/en/ecs (field names @timestamp, log.level, message, event.action)

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace millrace::log {

enum class Level : std::uint8_t { debug, info, warn, error };
enum class Format : std::uint8_t { human, json };

/// There is no constructor from Secret: logging one does not compile.
struct Field {
  std::string_view key;
  std::variant<std::int64_t, double, bool, std::string> value;
  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <class I>
  requires std::is_integral_v<I> Field(std::string_view k, I v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// Where lines go; `set_sink` is for main and for tests. Threads: safe to share.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void line(std::string_view text) = 0;  ///< without the final newline
};

/// Default: human text to stderr from level info. `clock` and `sink` are borrowed for good.
void configure(Level least, Format format, const Clock& clock, Sink* sink = nullptr);

/// event("load_committed", info, {{"file", key}, {"rows", n}}). Names: snake_case, past tense.
void event(std::string_view name, Level level, std::initializer_list<Field> fields);

}  // namespace millrace::log
