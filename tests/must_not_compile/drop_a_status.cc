// A Status that nobody looks at: the commit that failed in silence.
// expect: ignoring return.* value.*nodiscard.*unused-result
#include "base/result.h"

millrace::Status commit();

void forget() {
#ifdef MUST_NOT_COMPILE
  commit();
#else
  if (!commit()) return;
#endif
}
