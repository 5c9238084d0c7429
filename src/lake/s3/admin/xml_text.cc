#include "lake/s3/admin/xml_text.h"

namespace millrace::lake::s3::admin {

std::string wrapped(std::string_view name, std::string_view inner) {
  std::string out = "<";
  out.append(name).append(">").append(inner).append("</").append(name).append(">");
  return out;
}

std::string element(std::string_view name, std::string_view text) { return wrapped(name, xml_escaped(text)); }

std::string xml_document(std::string_view root, std::string_view inner) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
  out.append(root).append(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">").append(inner);
  return out.append("</").append(root).append(">");
}

std::string copied(const XmlElement& from) {
  std::string inner;
  for (const XmlElement& child : from.children()) inner += copied(child);
  return inner.empty() ? element(from.name(), from.text()) : wrapped(from.name(), inner);
}

}  // namespace millrace::lake::s3::admin
