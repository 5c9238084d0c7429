// What is allowed around the forbidden lines of the other cases.
// expect: (compiles)
#include <fmt/format.h>

#include "base/log.h"
#include "base/secret.h"

millrace::Status step();

millrace::Status allowed(const millrace::Secret& token) {
  millrace::log::event("asked", millrace::log::Level::info, {{"host", "lake"}, {"tries", 2}});
#ifdef MUST_NOT_COMPILE
  (void)fmt::format("{}", token.reveal_to_the_wire().size());
#endif
  (void)token;
  MR_CHECK(step());
  return step();
}
