#pragma once
/// \file app/tell.h
/// The one way in which a command writes what it has to say, on stdout or stderr: whatever data has brought into a
/// message, it does not steer the terminal. What is a file's content (an export, a draft) is not said but written.

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

namespace millrace::app {

void tell_text(std::FILE* to, std::string_view text);

template <class... Values>
void tell(std::FILE* to, fmt::format_string<Values...> text, Values&&... values) {
  tell_text(to, fmt::format(text, std::forward<Values>(values)...));
}

}  // namespace millrace::app
