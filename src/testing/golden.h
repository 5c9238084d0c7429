#pragma once
/// \file testing/golden.h
/// Golden files: src/<module>/testdata/<name>. MILLRACE_UPDATE_GOLDEN=1 rewrites them; CI forbids it.

#include <gtest/gtest.h>

#include <string>

namespace millrace::testing {

/// `path`: absolute, made from the test's MR_SOURCE_DIR.
::testing::AssertionResult matches_golden(const std::string& got, const std::string& path);

}  // namespace millrace::testing
