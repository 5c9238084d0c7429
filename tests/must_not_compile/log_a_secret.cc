// A Secret is no value of a log field.
// expect: no matching (function for call to 'millrace::log::Field|constructor for initialization of '.*Field')
#include "base/log.h"
#include "base/secret.h"

void tell(const millrace::Secret& token) {
#ifdef MUST_NOT_COMPILE
  const millrace::log::Field field("token", token);
#else
  const millrace::log::Field field("token", "(hidden)");
#endif
  millrace::log::event("asked", millrace::log::Level::info, {field});
}
