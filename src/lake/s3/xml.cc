#include "lake/s3/xml.h"

#include <cstring>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/words.h"

namespace millrace::lake::s3 {
namespace {

/// Without the prefix: "s3:Error" is Error.
std::string_view local_name(pugi::xml_node node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string text_of(pugi::xml_node node) {
  std::string out;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out.append(child.value());
  }
  return out;
}

/// Calls `take` for each element at `path` below `node` until it returns false; false: it did.
template <class Take>
bool visit(pugi::xml_node node, std::string_view path, const Take& take) {
  const std::size_t slash = path.find('/');
  const std::string_view step = path.substr(0, slash);
  for (const pugi::xml_node child : node.children()) {
    if (child.type() != pugi::node_element || local_name(child) != step) continue;
    const bool more = slash == std::string_view::npos ? take(child) : visit(child, path.substr(slash + 1), take);
    if (!more) return false;
  }
  return true;
}

}  // namespace

std::string XmlElement::name() const { return std::string(local_name(pugi::xml_node(node_))); }
std::string XmlElement::text() const { return text_of(pugi::xml_node(node_)); }

std::optional<std::string> XmlElement::find(std::string_view path) const {
  std::optional<std::string> found;
  visit(pugi::xml_node(node_), path, [&](pugi::xml_node node) {
    found = text_of(node);
    return false;
  });
  return found;
}

std::vector<XmlElement> XmlElement::children(std::string_view path) const {
  std::vector<XmlElement> all;
  visit(pugi::xml_node(node_), path, [&](pugi::xml_node node) {
    all.emplace_back(node.internal_object());
    return true;
  });
  return all;
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> all;
  for (const pugi::xml_node child : pugi::xml_node(node_).children()) {
    if (child.type() == pugi::node_element) all.emplace_back(child.internal_object());
  }
  return all;
}

std::string XmlElement::attribute(std::string_view name) const {
  for (const pugi::xml_attribute attribute : pugi::xml_node(node_).attributes()) {
    if (name == attribute.name()) return attribute.value();
  }
  return {};
}

XmlDocument::XmlDocument(std::unique_ptr<pugi::xml_document> document) : document_(std::move(document)) {}
XmlDocument::~XmlDocument() = default;
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;

Result<XmlDocument> XmlDocument::parse(std::string_view text, std::string_view expected_root) {
  const auto bad = [&](std::string found) {
    const std::string wanted = expected_root.empty() ? "an element" : fmt::format("<{}>", expected_root);
    return Error{
        ErrorKind::unavailable,
        fmt::format("the server's answer is not the XML that was expected: found {}, expected {}; it starts with: {}",
                    found, wanted, printable(text)),
        "is this really an S3 endpoint, without a proxy in between?",
        {}};
  };
  auto document = std::make_unique<pugi::xml_document>();
  const unsigned options =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_ws_pcdata | pugi::parse_wconv_attribute;
  const pugi::xml_parse_result result = document->load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
  if (!result) return bad(fmt::format("\"{}\" at byte {}", result.description(), result.offset));
  const pugi::xml_node root = document->document_element();
  if (!root) return bad("no element");
  if (!expected_root.empty() && local_name(root) != expected_root) {
    return bad(fmt::format("<{}>", printable(local_name(root))));
  }
  return XmlDocument(std::move(document));
}

XmlElement XmlDocument::root() const { return XmlElement(document_->document_element().internal_object()); }

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out.append("&amp;"); break;
      case '<': out.append("&lt;"); break;
      case '>': out.append("&gt;"); break;
      case '"': out.append("&quot;"); break;
      case '\'': out.append("&apos;"); break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out.append(fmt::format("&#x{:X};", static_cast<unsigned char>(c)));
        } else {
          out.push_back(c);
        }
    }
  }
  return out;
}

}  // namespace millrace::lake::s3
