// explain: what a code means, what it looks like, what to do. The pages of docs/errors are the same words.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/commands.h"
#include "app/error_page.h"
#include "app/reporter.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"

namespace millrace::app {
namespace {

std::string json_of(const RejectMeaning& m) {
  json::Writer w;
  w.begin_object();
  w.key("code").value(number_of(m));
  w.key("name").value(m.name);
  w.key("scope").value(name_of(m.scope));
  w.key("meaning").value(m.meaning);
  w.key("example").value(m.example);
  w.key("hint").value(m.hint);
  w.end_object();
  return w.text();
}

std::string list_of_codes() {
  std::string out;
  for (const RejectMeaning& m : reject_meanings())
    out += fmt::format("{}  {:<24} {:<8} {}\n", number_of(m), m.name, name_of(m.scope), m.meaning);
  return out;
}

}  // namespace

int run_explain(const std::string& code, bool as_json) {
  if (code.empty()) {
    tell(stdout, "{}", list_of_codes());
    return 0;
  }
  if (const RejectMeaning* m = find_meaning(code)) {
    tell(stdout, "{}\n", as_json ? json_of(*m) : plain_error_page(*m));
    return 0;
  }
  std::vector<std::string> names;
  for (const RejectMeaning& m : reject_meanings()) names.emplace_back(m.name);
  const std::string near = nearest(to_lower_ascii(code), names);
  print_error(stderr, {ErrorKind::invalid_input,
                       fmt::format("\"{}\" is no code of millrace", printable(code)),
                       near.empty() ? "millrace explain, without a code, lists them all" : "millrace explain " + near,
                       {}});
  return 2;
}

}  // namespace millrace::app
