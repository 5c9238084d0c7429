#pragma once
/// \file lake/s3/admin/xml_text.h
/// Small helpers for documents of a bucket's configuration.

#include <string>
#include <string_view>

#include "lake/s3/xml.h"

namespace millrace::lake::s3::admin {

/// "<name>text</name>", with the text escaped.
std::string element(std::string_view name, std::string_view text);
/// "<name>inner</name>", with `inner` as it is.
std::string wrapped(std::string_view name, std::string_view inner);
/// A whole document with the namespace of S3.
std::string xml_document(std::string_view root, std::string_view inner);
/// An element of others, with everything below it, as a piece of a new document.
std::string copied(const XmlElement& element);

}  // namespace millrace::lake::s3::admin
