// Any text as a contract, and as YAML: an error with a message, or a contract; never a crash.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "contract/contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto got = millrace::parse_contract({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!got && got.error().message.empty()) std::abort();
  if (got && got->columns.empty()) std::abort();
  return 0;
}
