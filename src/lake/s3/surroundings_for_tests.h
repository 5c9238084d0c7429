#pragma once
/// \file lake/s3/surroundings_for_tests.h
#include <map>
#include <string>
#include <vector>

#include "lake/s3/credentials.h"
#include "testing/fake_clock.h"
#include "testing/fake_transport.h"

namespace millrace::lake::s3 {

/// A machine with only what a test puts there. Outlives what it gives.
struct FakeMachine {
  std::map<std::string, std::string> variables{{"HOME", "/u"}};
  std::map<std::string, std::string> files;
  std::string program_says;
  std::optional<Error> program_fails;
  std::vector<std::vector<std::string>> programs;  ///< that were run
  testing::FakeClock clock;
  testing::FakeTransport network;

  Surroundings around() {
    Surroundings around;
    around.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto it = variables.find(name);
      return it == variables.end() ? std::nullopt : std::optional(it->second);
    };
    around.read_file = [this](const std::string& path) -> Result<std::string> {
      const auto it = files.find(path);
      if (it == files.end()) return Error{ErrorKind::not_found, path + ": no such file", {}, {}};
      return it->second;
    };
    around.run = [this](const std::vector<std::string>& words) -> Result<std::string> {
      programs.push_back(words);
      if (program_fails) return *program_fails;
      return program_says;
    };
    around.transport = &network;
    around.clock = &clock;
    return around;
  }
};

/// Everything an error says, for a search of what it must not say.
inline std::string all_of(const Error& error) {
  std::string text = error.message + "\n" + error.hint;
  for (const std::string& step : error.trail) text += "\n" + step;
  return text;
}

}  // namespace millrace::lake::s3
