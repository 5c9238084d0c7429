#include "app/tell.h"

#include "base/terminal.h"

namespace millrace::app {

void tell_text(std::FILE* to, std::string_view text) {
  const std::string out = harmless(text);
  std::fwrite(out.data(), 1, out.size(), to);
}

}  // namespace millrace::app
