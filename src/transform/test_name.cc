#include "transform/test_name.h"

#include "base/sha256.h"

namespace millrace::transform {
namespace {

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Each run of other characters becomes one underscore.
std::string cleaned(std::string_view text) {
  std::string out;
  bool in_gap = false;
  for (char c : text) {
    if (is_word(c))
      out += c;
    else if (!in_gap)
      out += '_';
    in_gap = !is_word(c);
  }
  return out;
}

}  // namespace

TestName name_test(std::string_view test, std::string_view model,
                   const std::map<std::string, std::vector<std::string>>& arguments) {
  std::string unique;
  std::string everything(test);
  for (const auto& [name, values] : arguments) {
    for (const std::string& value : values) {
      if (!unique.empty()) unique += "__";
      unique += cleaned(value);
      everything += "\x1f" + name + "\x1f" + value;
    }
  }
  const std::string identifier = std::string(test) + "_" + std::string(model);
  TestName out;
  out.name = identifier + "_" + unique;
  if (out.name.size() >= 64) out.name = identifier.substr(0, 30) + "_" + md5_hex(out.name);
  out.suffix = md5_hex(everything + "\x1f" + std::string(model)).substr(0, 10);
  return out;
}

}  // namespace millrace::transform
