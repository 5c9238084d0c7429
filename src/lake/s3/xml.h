#pragma once
/// \file lake/s3/xml.h
/// The XML that S3 and STS speak, read and escaped. The only place that knows pugixml.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pugi {
class xml_document;
struct xml_node_struct;
}  // namespace pugi

namespace millrace::lake::s3 {

/// An element of an XmlDocument, which outlives it. Namespaces are ignored. Paths: "Owner/ID", from here down.
class XmlElement {
 public:
  explicit XmlElement(pugi::xml_node_struct* node) : node_(node) {}

  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string text() const;  ///< its own text, blanks kept
  /// Text of the first element at `path`; nullopt: there is none.
  [[nodiscard]] std::optional<std::string> find(std::string_view path) const;
  /// As find, "" where there is none.
  [[nodiscard]] std::string text(std::string_view path) const { return find(path).value_or(""); }
  /// All elements at `path`, in their order: children("Contents"), children("CommonPrefixes/Prefix").
  [[nodiscard]] std::vector<XmlElement> children(std::string_view path) const;
  [[nodiscard]] std::vector<XmlElement> children() const;            ///< of any name
  [[nodiscard]] std::string attribute(std::string_view name) const;  ///< "" where there is none

 private:
  pugi::xml_node_struct* node_;  // borrows, may be null
};

/// Threads: one thread at a time.
class XmlDocument {
 public:
  /// `expected_root`: the name its root element must have; "": any. DTDs are not read.
  /// Errors: unavailable where it is no such XML (a proxy's page, a cut answer), with its first bytes.
  static Result<XmlDocument> parse(std::string_view text, std::string_view expected_root = {});
  ~XmlDocument();
  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;

  [[nodiscard]] XmlElement root() const;

 private:
  explicit XmlDocument(std::unique_ptr<pugi::xml_document> document);
  std::unique_ptr<pugi::xml_document> document_;
};

/// Text for an element or an attribute: & < > " ' and control characters as references.
std::string xml_escaped(std::string_view text);

}  // namespace millrace::lake::s3
