#pragma once
/// \file testing/temp_folder.h
#include <filesystem>
#include <string>
#include <string_view>

namespace millrace::testing {

/// A new empty folder, removed with everything in it at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file below it, with its folders; gives its path.
  std::filesystem::path write(const std::string& name, std::string_view text) const;
  [[nodiscard]] std::string read(const std::string& name) const;  ///< "" where there is none

 private:
  std::filesystem::path path_;
};

}  // namespace millrace::testing
