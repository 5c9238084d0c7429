#include "transform/run/seed_types.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "base/words.h"
#include "transform/run/seed_values.h"

namespace millrace::transform {
namespace {

/// Which types all values so far fit.
struct Fits {
  bool number = true, date = true, spaced = true, iso = true, boolean = true;
  bool fraction = false;  // some number has one
  int width = 32;         // of the widest integer: 32, 64, 128; more: only real
  [[nodiscard]] bool any() const { return number || date || spaced || iso || boolean; }
};

void look_at(std::string_view value, Fits& fits) {
  if (fits.number) {
    if (const auto n = seed_number(value)) {
      fits.fraction |= n->fraction;
      fits.width = std::max(fits.width, n->width);
    } else {
      fits.number = false;
    }
  }
  fits.date = fits.date && seed_date(value);
  fits.spaced = fits.spaced && seed_timestamp(value);
  fits.iso = fits.iso && seed_iso_timestamp(value);
  fits.boolean = fits.boolean && seed_boolean(value);
}

SeedType integer_of(int width, bool strict) {
  if (strict || width <= 32) return SeedType::integer;
  if (width <= 64) return SeedType::bigint;
  return width <= 128 ? SeedType::huge : SeedType::real;
}

using Normal = std::optional<std::string> (*)(std::string_view);

Normal normal_of(const Fits& fits) {
  if (fits.number) return [](std::string_view v) -> std::optional<std::string> { return seed_number(v)->text; };
  if (fits.date) return seed_date;
  if (fits.spaced) return seed_timestamp;
  if (fits.iso) return seed_iso_timestamp;
  if (fits.boolean) return seed_boolean;
  return nullptr;
}

SeedType type_of(const Fits& fits, bool strict) {
  if (fits.number) return fits.fraction ? SeedType::real : integer_of(fits.width, strict);
  if (fits.date) return SeedType::date;
  if (fits.spaced || fits.iso) return SeedType::timestamp;
  return fits.boolean ? SeedType::boolean : SeedType::text;
}

}  // namespace

SeedType settle_seed_column(TextRows& rows, std::size_t column, bool forced_text, bool strict) {
  Fits fits;
  if (forced_text) fits = {false, false, false, false, false};
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto cell = rows.cell(r, column);
    if (!cell) continue;
    if (seed_null(*cell))
      rows.make_null(r, column);
    else if (fits.any())
      look_at(trimmed(*cell), fits);
  }
  if (const Normal normal = normal_of(fits)) {
    for (std::size_t r = 0; r < rows.rows(); ++r)
      if (const auto cell = rows.cell(r, column)) rows.replace(r, column, *normal(trimmed(*cell)));
  }
  return type_of(fits, strict);
}

}  // namespace millrace::transform
