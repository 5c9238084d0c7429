#pragma once
/// \file serve/etag.h
/// Entity tags that cost no look at the data: a generation never changes, so that generation and
/// target name the bytes. Source: RFC 9110 sections 8.8.3 and 13.1.2.

#include <string>
#include <string_view>

#include "serve/published.h"

namespace millrace::serve {

/// `"g<generation>-<16 hexadecimal digits>"`, quotes included. The digits hash the target and the
/// moment of publication: a warehouse that was made anew counts its generations from 1 again.
std::string etag_of(const Published& published, std::string_view target);

/// Whether a field If-None-Match names `etag`, strong or weak. `*` is no name.
bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace millrace::serve
