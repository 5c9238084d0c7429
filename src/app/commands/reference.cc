// docs reference: the pages of docs/reference that are written from the program's own tables.
#include <fmt/format.h>

#include <filesystem>

#include "app/commands.h"
#include "app/config.h"
#include "app/error_page.h"
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

std::string codes_page() {
  std::string page =
      "# Codes\n\n" + std::string(kMade) +
      "Why a record went to `millrace.quarantine`, a file to `quarantine/` in the lake, or what was worth a "
      "word. `millrace explain MR0113` prints the same.\n\n"
      "| code | name | stops | meaning | what to do |\n|---|---|---|---|---|\n";
  for (const RejectMeaning& m : reject_meanings())
    page += fmt::format("| [{0}](errors/{0}.md) | `{1}` | {2} | {3} | {4} |\n", number_of(m), m.name,
                        m.scope == CodeScope::warning ? "nothing" : fmt::format("the {}", name_of(m.scope)),
                        escaped(m.meaning), escaped(m.hint));
  return page;
}

Status write_pages(const std::filesystem::path& to) {
  MR_CHECK(write_file_atomically(to / "config.md", config_page()));
  MR_CHECK(write_file_atomically(to / "reject-codes.md", codes_page()));
  std::error_code failed;
  std::filesystem::create_directories(to / "errors", failed);
  if (failed)
    return Error{ErrorKind::unavailable, fmt::format("{}: {}", (to / "errors").string(), failed.message()), {}, {}};
  for (const RejectMeaning& m : reject_meanings())
    MR_CHECK(write_file_atomically(to / "errors" / (number_of(m) + ".md"), markdown_error_page(m)));
  return ok();
}

}  // namespace

int run_reference(const std::string& folder) {
  const Status done = write_pages(folder);
  if (!done) print_error(stderr, done.error());
  return done ? 0 : 2;
}

}  // namespace millrace::app
