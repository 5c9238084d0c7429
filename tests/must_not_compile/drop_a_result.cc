// A Result that nobody looks at.
// expect: ignoring return.* value.*nodiscard.*unused-result
#include "base/result.h"

millrace::Result<int> count();

void forget() {
#ifdef MUST_NOT_COMPILE
  count();
#else
  if (!count()) return;
#endif
}
