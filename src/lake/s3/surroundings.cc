#include <cstdlib>

#include "base/files.h"
#include "lake/s3/credentials.h"
#include "lake/s3/run_program.h"

namespace millrace::lake::s3 {
namespace {

constexpr std::chrono::seconds kPatience{60};  // a login helper may ask its own server

}  // namespace

Surroundings surroundings_of_this_machine(net::HttpTransport& transport, const Clock& clock) {
  Surroundings around;
  around.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
  around.read_file = [](const std::string& path) { return read_file(path); };
  around.run = [](const std::vector<std::string>& arguments) { return run_program(arguments, kPatience); };
  around.transport = &transport;
  around.clock = &clock;
  return around;
}

}  // namespace millrace::lake::s3
