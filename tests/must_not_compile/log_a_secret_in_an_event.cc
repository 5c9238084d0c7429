// Nor does it slip into the braces of an event.
// expect: (could not convert|no matching constructor for initialization of '.*Field')
#include "base/log.h"
#include "base/secret.h"

void tell(const millrace::Secret& token) {
  (void)token;
#ifdef MUST_NOT_COMPILE
  millrace::log::event("asked", millrace::log::Level::info, {{"token", token}});
#else
  millrace::log::event("asked", millrace::log::Level::info, {{"token", "(hidden)"}});
#endif
}
