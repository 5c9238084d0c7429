#pragma once
/// \file lake/s3/aws_files.h
/// ~/.aws/credentials and ~/.aws/config: the profiles of a user, one map of settings each.
/// Source: docs.aws.amazon.com/sdkref/latest/guide/file-format.html

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/s3/credentials.h"

namespace millrace::lake::s3 {

using Settings = std::map<std::string, std::string>;  ///< keys in lower case

/// Which way the sections are named: "[lake]" or "[profile lake]".
enum class AwsFile : std::uint8_t { credentials, config };

/// Errors: invalid_input with path and line, never with what the line holds.
Result<std::map<std::string, Settings>> parse_aws_file(std::string_view text, AwsFile kind, const std::string& path);

/// Both files of the user as one. Threads: a value.
class Profiles {
 public:
  /// Files that are not there are empty. Errors: invalid_input, permission_denied.
  static Result<Profiles> load(const Surroundings& around);

  /// nullptr: there is no such profile.
  [[nodiscard]] const Settings* find(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const std::string& places() const { return places_; }  ///< for people: the two paths

 private:
  std::map<std::string, Settings> by_name_;
  std::string places_;
};

/// The value of `key`, "" where it is not set.
std::string setting(const Settings& settings, const std::string& key);

/// Words of a command line as a shell splits them: blanks, '…', "…" and backslash. Nothing is expanded.
/// Errors: invalid_input for an open quote.
Result<std::vector<std::string>> split_command(std::string_view line);

}  // namespace millrace::lake::s3
