#pragma once
/// \file app/error_page.h
/// The words about one code, as `millrace explain` prints them and as docs/errors holds them.

#include <string>
#include <string_view>

#include "contract/reject.h"

namespace millrace::app {

/// "record", "file", "warning".
std::string_view name_of(CodeScope scope);
/// For a terminal, without a last line end.
std::string plain_error_page(const RejectMeaning& meaning);
/// For docs/errors/MR0113.md.
std::string markdown_error_page(const RejectMeaning& meaning);

}  // namespace millrace::app
