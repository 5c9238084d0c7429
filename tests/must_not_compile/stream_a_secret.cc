// A Secret has no stream operator.
// expect: (no match for 'operator<<'|invalid operands to binary expression)
#include <ostream>

#include "base/secret.h"

void tell(std::ostream& out, const millrace::Secret& token) {
#ifdef MUST_NOT_COMPILE
  out << token;
#else
  out << token.equals(token);
#endif
}
