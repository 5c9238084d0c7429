#include "jinja/meter.h"

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::jinja {
namespace {

// Not the address of a local: under AddressSanitizer locals may live on the heap.
std::uintptr_t stack_position() { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }

}  // namespace

Meter::Meter(const Limits& limits) : limits_(limits), stack_base_(stack_position()) {}

Status Meter::check_stack() const {
  const std::uintptr_t here = stack_position();
  const std::uintptr_t used = here < stack_base_ ? stack_base_ - here : here - stack_base_;
  if (used <= limits_.stack_bytes) return ok();
  return Error{ErrorKind::invalid_input,
               "the template nests too deeply",
               "look for a macro that calls itself or for values nested in each other",
               {}};
}

Error Meter::out_of_steps() const {
  return {ErrorKind::invalid_input,
          fmt::format("the template took more than {} evaluation steps",
                      with_thousands(static_cast<std::int64_t>(limits_.steps))),
          "look for a loop or a recursion that does not end",
          {}};
}

Error Meter::too_long(std::size_t bytes) const {
  return {ErrorKind::invalid_input,
          fmt::format("found a text of {}, expected at most {}", bytes_in_words(bytes),
                      bytes_in_words(limits_.output_bytes)),
          "look for a loop that keeps adding to the same text",
          {}};
}

}  // namespace millrace::jinja
