#include "lake/ignored_name.h"

#include "base/utf8.h"

namespace millrace::lake {

std::string_view reason_to_ignore(std::string_view name) {
  if (name.starts_with('.')) return "hidden";
  if (name.starts_with('_')) return "marker file";
  for (std::string_view ending : {".tmp", ".part", ".partial", ".crc", ".millrace-new"})
    if (name.ends_with(ending)) return "temporary name";
  if (utf8::first_bad_byte(name) != std::string_view::npos) return "name is not UTF-8";
  return {};
}

}  // namespace millrace::lake
