// Who is told of new objects: one entry for each landing folder.
#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "lake/s3/admin/setting.h"
#include "lake/s3/admin/xml_text.h"

namespace millrace::lake::s3::admin {
namespace {

constexpr std::string_view kEvent = "s3:ObjectCreated:*";

/// One entry in words: "arn:…: s3:ObjectCreated:* below landing/".
std::string in_words(const XmlElement& e) {
  std::string target;
  for (const char* name : {"Queue", "Topic", "CloudFunction"})
    if (const auto arn = e.find(name)) target = *arn;
  std::vector<std::string> events;
  for (const XmlElement& event : e.children("Event")) events.push_back(printable(event.text(), 60));
  std::sort(events.begin(), events.end());
  std::string text = fmt::format("{} to {}", join(events, ", "), printable(target));
  for (const XmlElement& rule : e.children("Filter/S3Key/FilterRule"))  // AWS gives "Prefix" back for "prefix"
    text += fmt::format(", {} {}", to_lower_ascii(printable(rule.text("Name"), 20)), printable(rule.text("Value")));
  return text;
}

bool is_ours(const XmlElement& e) { return e.text("Id").starts_with(kIdPrefix); }

class Notification final : public Setting {
 public:
  explicit Notification(const Desired& desired)
      : Setting("notification", {"NotificationConfiguration"}, "notification") {
    const bool queue = !desired.security.queue.empty();
    const std::string& target = queue ? desired.security.queue : desired.security.topic;
    if (target.empty()) return;
    for (const std::string& folder : desired.landing) {
      const std::string rule = element("Name", "prefix") + element("Value", desired.prefix + folder);
      const std::string inner = element("Id", notification_id(folder)) + element(queue ? "Queue" : "Topic", target) +
                                element("Event", kEvent) +
                                wrapped("Filter", wrapped("S3Key", wrapped("FilterRule", rule)));
      entries_ += wrapped(queue ? "QueueConfiguration" : "TopicConfiguration", inner);
    }
    auto present = read(xml_document(roots_.front(), entries_));
    MR_INVARIANT(present.has_value(), "a document of ours is XML");
    wanted_ = present->ours;
  }

  Result<Present> read(const std::optional<std::string>& document) const override {
    Present p;
    if (!document) return p;
    MR_TRY(const XmlDocument parsed, XmlDocument::parse(*document, roots_.front()));
    for (const XmlElement& e : parsed.root().children()) {
      if (is_ours(e))
        p.ours["notification " + printable(e.text("Id"))] = in_words(e);
      else
        ++p.foreign;
    }
    return p;
  }

  Result<std::string> document(const std::optional<std::string>& present) const override {
    std::string inner;
    if (present) {
      MR_TRY(const XmlDocument parsed, XmlDocument::parse(*present, roots_.front()));
      for (const XmlElement& e : parsed.root().children())
        if (!is_ours(e)) inner += copied(e);
    }
    return xml_document(roots_.front(), inner + entries_);
  }

 private:
  std::string entries_;
};

}  // namespace

std::string notification_id(std::string_view folder) {
  std::string id = std::string(kIdPrefix) + std::string(folder);
  if (id.ends_with('/')) id.pop_back();
  std::replace(id.begin(), id.end(), '/', '-');
  return id;
}

std::unique_ptr<Setting> notification_setting(const Desired& desired) {
  return std::make_unique<Notification>(desired);
}

}  // namespace millrace::lake::s3::admin
