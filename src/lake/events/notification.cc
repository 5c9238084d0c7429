#include "lake/events/notification.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/words.h"

namespace millrace::lake {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMostDepth = 32;

std::string text_of(const element& in, std::string_view pointer) {
  std::string_view text;
  if (in.at_pointer(pointer).get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

Error not_known(std::string_view what) {
  return {ErrorKind::invalid_input,
          fmt::format("a notification that is {}", what),
          "send what S3, SNS or EventBridge send, as it is",
          {}};
}

/// "ObjectCreated:Put", also with "s3:" in front.
bool is_creation(std::string_view name) {
  if (name.starts_with("s3:")) name.remove_prefix(3);
  return name.starts_with("ObjectCreated");
}

Status read_record(const element& record, Notification& out) {
  ObjectEvent event;
  event.bucket = text_of(record, "/s3/bucket/name");
  event.key = text_of(record, "/s3/object/key");
  event.etag = text_of(record, "/s3/object/eTag");
  event.version_id = text_of(record, "/s3/object/versionId");
  if (event.bucket.empty() || event.key.empty()) return not_known("a record without bucket or key");
  if (!is_creation(text_of(record, "/eventName"))) {
    ++out.others;
    return ok();
  }
  // Ceph sends the key as it is; everybody else encodes it as a form does.
  if (text_of(record, "/eventSource") != "ceph:s3") event.key = form_decoded(event.key);
  out.created.push_back(std::move(event));
  return ok();
}

Result<Notification> read_event_bridge(const element& root) {
  Notification out;
  if (text_of(root, "/detail-type") != "Object Created") {
    out.others = 1;
    return out;
  }
  ObjectEvent event;
  event.bucket = text_of(root, "/detail/bucket/name");
  event.key = text_of(root, "/detail/object/key");
  event.etag = text_of(root, "/detail/object/etag");
  event.version_id = text_of(root, "/detail/object/version-id");
  if (event.bucket.empty() || event.key.empty()) return not_known("of EventBridge, without bucket or key");
  ObjectEvent decoded = event;
  decoded.key = form_decoded(event.key);
  const bool differs = decoded.key != event.key;
  out.created.push_back(std::move(event));
  if (differs) out.created.push_back(std::move(decoded));
  return out;
}

Result<Notification> read(std::string_view body, bool in_envelope);

Result<Notification> read_envelope(const element& root, bool in_envelope) {
  const std::string type = text_of(root, "/Type");
  if (in_envelope) return not_known("an envelope in an envelope");
  if (type == "Notification") return read(text_of(root, "/Message"), true);
  Notification out;
  out.confirmation_url = text_of(root, "/SubscribeURL");
  if (out.confirmation_url.empty()) return not_known(fmt::format("of the type \"{}\"", printable(type)));
  return out;
}

Result<Notification> read(std::string_view body, bool in_envelope) {
  simdjson::dom::parser parser;
  element root;
  if (parser.allocate(body.size(), kMostDepth) != simdjson::SUCCESS ||
      parser.parse(body.data(), body.size(), true).get(root) != simdjson::SUCCESS)
    return not_known("no JSON");
  object members;
  if (root.get(members) != simdjson::SUCCESS) return not_known("no JSON object");
  simdjson::dom::array records;
  if (root["Records"].get(records) == simdjson::SUCCESS) {
    Notification out;
    for (const element record : records) MR_CHECK(read_record(record, out));
    return out;
  }
  if (text_of(root, "/Event") == "s3:TestEvent") {
    Notification out;
    out.is_test = true;
    return out;
  }
  element found;
  if (root["Type"].get(found) == simdjson::SUCCESS) return read_envelope(root, in_envelope);
  if (root["detail-type"].get(found) == simdjson::SUCCESS) return read_event_bridge(root);
  return not_known("none of S3, SNS or EventBridge");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

Result<Notification> parse_notification(std::string_view body) { return read(body, false); }

std::string form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace millrace::lake
