// A Secret has no formatter.
// expect: Cannot format an argument
#include <fmt/format.h>

#include <string>

#include "base/secret.h"

std::string tell(const millrace::Secret& token) {
#ifdef MUST_NOT_COMPILE
  return fmt::format("{}", token);
#else
  return fmt::format("{}", token.equals(token));
#endif
}
