#pragma once
/// \file contract/time_format.h
/// Dates and times by a declared format, read strictly: a calendar date that exists, a time that
/// exists, every character accounted for, nothing guessed.
///
/// Formats are JDK DateTimeFormatter patterns, as ODCS prescribes: yyyy MM dd HH mm ss with two
/// digits, M d H m s with one or two, S (1 to 6 digits of a fraction), T and other literals, 'quoted
/// literals', [optional part] at the end, X or Z for an offset behind all.
/// Source: bitol-io ODCS v3.1.0 docs/schema.md; JDK java.time.format.DateTimeFormatter.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/time_layout.h"

namespace millrace {

/// Days since 1970-01-01; nullopt: no such day. Years 0001 to 9999.
std::optional<std::int32_t> days_from_civil(std::int64_t year, unsigned month, unsigned day);

/// Threads: safe to share.
class TimeFormat {
 public:
  /// Errors: invalid_input naming the piece of the pattern that is not understood.
  static Result<TimeFormat> compile(std::string_view pattern);
  static TimeFormat iso_timestamp();  ///< YYYY-MM-DD[ T]HH:MM[:SS[.f{1,6}]], or a date alone (midnight)
  static TimeFormat iso_date();       ///< YYYY-MM-DD

  [[nodiscard]] const std::string& pattern() const { return pattern_; }
  [[nodiscard]] bool has_time() const { return has_time_; }
  [[nodiscard]] bool has_zone() const { return has_zone_; }  ///< the pattern ends in an offset
  [[nodiscard]] bool is_iso() const { return steps_.empty(); }
  /// 24:00:00 is from now on the midnight that ends the day, instead of no time at all.
  void take_hour24() { hour24_ = true; }

  /// Microseconds since the epoch, zone-less; nullopt: not of this format.
  [[nodiscard]] std::optional<std::int64_t> timestamp(std::string_view text) const {
    std::int64_t micros = 0;
    return timestamp(text, micros) ? std::optional(micros) : std::nullopt;
  }
  /// The same; false: not of this format.
  bool timestamp(std::string_view text, std::int64_t& micros) const {
    for (std::uint8_t i = 0; i < layouts_; ++i)
      if (layout_[i].timestamp(text, micros)) return true;
    const auto read = local(text);
    if (!read || !read->rest.empty()) return false;
    micros = read->micros;
    return true;
  }
  /// A time and the text behind it, which may be a zone; nullopt: no time of this format stands in front.
  struct Local {
    std::int64_t micros = 0;
    std::string_view rest;
  };
  [[nodiscard]] std::optional<Local> local(std::string_view text) const;
  /// Days since the epoch. Requires: a format without time.
  [[nodiscard]] std::optional<std::int32_t> date(std::string_view text) const;

 private:
  struct Step {
    enum class What : std::uint8_t { year, month, day, hour, minute, second, fraction, literal, option } what;
    char literal = 0;
    std::uint8_t digits = 0;
  };
  struct Parts;
  class Compiler;
  bool match(std::string_view& text, Parts& parts) const;
  static bool match_step(const Step& step, std::string_view& text, Parts& parts);
  static bool match_iso(std::string_view& text, Parts& parts);
  [[nodiscard]] std::optional<std::int64_t> instant_of(const Parts& parts) const;
  void add_layout(const std::vector<Step>& steps);

  std::string pattern_;
  std::vector<Step> steps_;  // empty: ISO
  std::array<TimeLayout, 2> layout_{};
  std::uint8_t layouts_ = 0;  // how many of them there are
  bool has_time_ = false, has_zone_ = false, hour24_ = false;
};

}  // namespace millrace
