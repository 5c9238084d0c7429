#pragma once
/// \file app/example_files.h
/// examples/orders, as it was when the binary was built: what `millrace init` writes.

#include <span>
#include <string_view>

namespace millrace::app {

struct ExampleFile {
  std::string_view path;  ///< relative to the project
  std::string_view text;
};
std::span<const ExampleFile> example_files();

}  // namespace millrace::app
