// docs reference: the pages of docs/reference that are written from the program's own tables.
#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "app/commands.h"
#include "app/config.h"
#include "base/files.h"
#include "contract/reject.h"

namespace millrace::app {
namespace {

constexpr std::string_view kMade =
    "<!-- Written by `millrace docs reference DIR`; a test fails when it is stale. -->\n\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string config_page() {
  std::string page = "# millrace.yaml\n\n" + std::string(kMade) +
                     "An unknown key is an error that names the nearest known one. Secrets never stand here.\n\n"
                     "| key | type | default | what it does |\n|---|---|---|---|\n";
  for (const ConfigKey& k : config_keys())
    page += fmt::format("| `{}` | {} | {} | {} |\n", k.path, escaped(k.type),
                        k.required            ? "required"
                        : k.otherwise.empty() ? "none"
                                              : fmt::format("`{}`", k.otherwise),
                        escaped(k.help));
  return page;
}

std::string_view scope_of(CodeScope scope) {
  constexpr std::array<std::string_view, 3> kNames{"the record", "the file", "nothing: a warning"};
  return kNames.at(static_cast<std::size_t>(scope));
}

std::string reject_page() {
  std::string page = "# Reject codes\n\n" + std::string(kMade) +
                     "Why a record went to `millrace.quarantine`, or a file to `quarantine/` in the lake.\n\n"
                     "| code | name | refuses | meaning | what to do |\n|---|---|---|---|---|\n";
  for (const RejectMeaning& m : reject_meanings())
    page += fmt::format("| MR{:04} | `{}` | {} | {} | {} |\n", m.number, m.name, scope_of(m.scope), escaped(m.meaning),
                        escaped(m.hint));
  return page;
}

}  // namespace

int run_reference(const std::string& folder) {
  const std::filesystem::path to(folder);
  for (const auto& [name, text] : {std::pair{"config.md", config_page()}, {"reject-codes.md", reject_page()}}) {
    if (auto s = write_file_atomically(to / name, text); !s) {
      print_error(stderr, s.error());
      return 2;
    }
  }
  return 0;
}

}  // namespace millrace::app
