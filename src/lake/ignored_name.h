#pragma once
/// \file lake/ignored_name.h
/// Which names are no deliveries, for every kind of lake alike.

#include <string_view>

namespace millrace::lake {

/// Of one part of a key (a file's or a folder's name): why it is no delivery; "" where it may be one.
/// Other tools' temporary and marker files, and what is not UTF-8.
std::string_view reason_to_ignore(std::string_view name);

}  // namespace millrace::lake
