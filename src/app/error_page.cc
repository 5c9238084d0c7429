#include "app/error_page.h"

#include <fmt/format.h>

#include <array>

namespace millrace::app {
namespace {

/// Where the code shows, and what Millrace has done with the bytes.
std::string_view fate_of(CodeScope scope) {
  switch (scope) {
    case CodeScope::record:
      return "The record is not in the landing table. It stands in `millrace.quarantine` with its file, line, byte "
             "range, raw bytes and reason; the other records of the file are loaded. `millrace quarantine list` and "
             "`millrace quarantine show` find it; `millrace quarantine replay` loads it once it passes.";
    case CodeScope::file:
      return "Nothing of the file is loaded. The file itself is kept, byte for byte, in `quarantine/` of the lake, "
             "and its row in `millrace.ledger` says why. Deliver it again when it is corrected: other bytes are a "
             "new version.";
    case CodeScope::warning:
      return "The record or file is loaded. Every case is counted in `millrace.warnings`, and the first ones stand in "
             "`millrace.flags` with line and reason.";
  }
  return {};
}

}  // namespace

std::string_view name_of(CodeScope scope) {
  constexpr std::array<std::string_view, 3> kNames{"record", "file", "warning"};
  return kNames.at(static_cast<std::size_t>(scope));
}

std::string plain_error_page(const RejectMeaning& m) {
  return fmt::format("{} {} ({})\n\n{}\n\nfor example  {}\nwhat to do   {}\n\n{}", number_of(m), m.name,
                     name_of(m.scope), m.meaning, m.example, m.hint, fate_of(m.scope));
}

std::string markdown_error_page(const RejectMeaning& m) {
  return fmt::format("# {}: {}\n\n{}\n\n**For example:** {}\n\n**What to do:** {}.\n\n{}\n", number_of(m), m.name,
                     m.meaning, m.example, m.hint, fate_of(m.scope));
}

}  // namespace millrace::app
