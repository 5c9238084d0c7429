#include "testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace millrace::testing {

::testing::AssertionResult matches_golden(const std::string& got, const std::string& path) {
  if (std::getenv("MILLRACE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << got;
  std::ifstream in(path, std::ios::binary);
  const std::string want{std::istreambuf_iterator<char>(in), {}};
  if (got == want) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << path << " differs; got:\n" << got;
}

}  // namespace millrace::testing
