#include "base/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/terminal.h"
#include "base/utf8.h"

namespace millrace {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

template <std::size_t N>
Result<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units, std::string_view what) {
  const Error bad{ErrorKind::invalid_input, fmt::format("found \"{}\", expected a {}", text, what), {}, {}};
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{}) return bad;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& u : units) {
    if (unit != u.name) continue;
    if (number > UINT64_MAX / 4 / u.factor) return bad;
    return number * u.factor;
  }
  return bad;
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> known) {
  const std::string wanted = to_lower_ascii(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  for (const std::string& k : known) {
    const std::size_t d = edit_distance(wanted, to_lower_ascii(k));
    if (d < best_distance) {
      best = k;
      best_distance = d;
    }
  }
  return best;
}

std::string with_thousands(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string counted(std::int64_t number, std::string_view singular) {
  return with_thousands(number) + " " + std::string(singular) + (number == 1 ? "" : "s");
}

std::string join(std::span<const std::string> parts, std::string_view between) {
  std::string out;
  for (const std::string& p : parts) {
    if (&p != parts.data()) out += between;
    out += p;
  }
  return out;
}

std::string to_lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::string printable(std::string_view bytes, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (out.size() >= most) return out + "…";
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (const std::size_t n = utf8::sequence_length(bytes.substr(i)); n > 1) {
      const char32_t point = utf8::code_point(bytes.substr(i, n));
      if (steers_terminal(point))
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
      else
        out += bytes.substr(i, n);
      i += n - 1;
      continue;
    }
    if (c == '\t') {
      out += "\\t";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c < 0x20 || c >= 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += bytes[i];
    }
  }
  return out;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<Unit, 5> kUnits{{{"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}}};
  MR_TRY(const std::uint64_t ms, parse_with_unit(text, kUnits, "duration such as 300ms, 2s, 5m or 1h"));
  return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
}

std::string to_words(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 60000) return fmt::format("{:.2f} s", static_cast<double>(ms) / 1000.0);
  return fmt::format("{} min {} s", ms / 60000, ms / 1000 % 60);
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<Unit, 8> kUnits{{{"", 1},
                                               {"B", 1},
                                               {"KiB", 1ULL << 10},
                                               {"MiB", 1ULL << 20},
                                               {"GiB", 1ULL << 30},
                                               {"KB", 1000},
                                               {"MB", 1000000},
                                               {"GB", 1000000000}}};
  return parse_with_unit(text, kUnits, "size such as 4096, 64MiB or 1GB");
}

std::string bytes_in_words(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  static constexpr std::array<std::string_view, 4> kNames{"KB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes) / 1000.0;
  std::size_t i = 0;
  for (; value >= 1000.0 && i + 1 < kNames.size(); ++i) value /= 1000.0;
  return fmt::format("{:.1f} {}", value, kNames[i]);
}

}  // namespace millrace
