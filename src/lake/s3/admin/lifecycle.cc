#include "lake/s3/admin/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/words.h"
#include "lake/s3/admin/setting.h"
#include "lake/s3/admin/xml_text.h"

namespace millrace::lake::s3::admin {
namespace {

constexpr std::int64_t kLeastToMove = 128 << 10;  // smaller objects are billed as if they had this size
constexpr std::string_view kNothing = "millrace-nothing";

/// Days of a rule; what is no number cannot be ours.
std::int64_t number(std::string_view text) {
  std::int64_t n = -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  return ec == std::errc{} && end == text.data() + text.size() ? n : -1;
}

std::string days(std::int64_t n) { return with_thousands(n) + " d"; }

void note_strange(LifecycleRule& rule, std::string_view name) {
  rule.strange += (rule.strange.empty() ? "" : ", ") + printable(name, 40);
}

void read_filter(const XmlElement& filter, LifecycleRule& rule) {
  for (const XmlElement& e : filter.children()) {
    if (e.name() == "Prefix")
      rule.prefix = e.text();
    else if (e.name() == "ObjectSizeGreaterThan")
      rule.larger_than = number(e.text());
    else if (e.name() == "And")
      read_filter(e, rule);
    else
      note_strange(rule, e.name());
  }
}

void read_expiration(const XmlElement& expiration, LifecycleRule& rule) {
  for (const XmlElement& e : expiration.children()) {
    if (e.name() == "Days")
      rule.expire_days = number(e.text());
    else if (e.name() == "ExpiredObjectDeleteMarker")
      rule.drop_lone_markers = to_lower_ascii(e.text()) == "true";
    else
      note_strange(rule, e.name());
  }
}

std::string filter_of(const LifecycleRule& rule) {
  const std::string prefix = element("Prefix", rule.prefix);
  if (!rule.larger_than) return wrapped("Filter", prefix);
  return wrapped("Filter",
                 wrapped("And", prefix + element("ObjectSizeGreaterThan", std::to_string(*rule.larger_than))));
}

class Lifecycle final : public Setting {
 public:
  Lifecycle(const Desired& desired, const Server& server)
      : Setting("lifecycle", {"LifecycleConfiguration"}, "lifecycle"), rules_(lifecycle_rules(desired, server.aws)) {
    for (const LifecycleRule& rule : rules_) wanted_["lifecycle rule " + rule.id] = in_words(rule);
  }

  Result<Present> read(const std::optional<std::string>& document) const override {
    Present p;
    if (!document) return p;
    MR_TRY(const XmlDocument parsed, XmlDocument::parse(*document, roots_.front()));
    for (const XmlElement& e : parsed.root().children("Rule")) {
      const LifecycleRule rule = read_rule(e);
      if (!rule.id.starts_with(kIdPrefix))
        ++p.foreign;
      else if (rule.id != kNothing)
        p.ours["lifecycle rule " + printable(rule.id)] = in_words(rule);
    }
    return p;
  }

  Result<std::string> document(const std::optional<std::string>& present) const override {
    std::string inner;
    if (present) {
      MR_TRY(const XmlDocument parsed, XmlDocument::parse(*present, roots_.front()));
      for (const XmlElement& e : parsed.root().children("Rule"))
        if (!e.text("ID").starts_with(kIdPrefix)) inner += copied(e);
    }
    for (const LifecycleRule& rule : rules_) inner += to_xml(rule);
    if (inner.empty()) {  // a list without rules is refused, and DELETE may take the bucket: a rule that does nothing
      LifecycleRule nothing;
      nothing.id = kNothing;
      nothing.prefix = "millrace-nothing/";
      nothing.enabled = false;
      nothing.abort_days = 1;
      inner = to_xml(nothing);
    }
    return xml_document(roots_.front(), inner);
  }

 private:
  std::vector<LifecycleRule> rules_;
};

}  // namespace

LifecycleRule read_rule(const XmlElement& rule) {
  LifecycleRule out;
  for (const XmlElement& e : rule.children()) {
    const std::string name = e.name();
    if (name == "ID")
      out.id = e.text();
    else if (name == "Prefix")
      out.prefix = e.text();
    else if (name == "Filter")
      read_filter(e, out);
    else if (name == "Status")
      out.enabled = e.text() == "Enabled";
    else if (name == "Transition" && e.find("Days"))
      out.transitions.emplace_back(number(e.text("Days")), e.text("StorageClass"));
    else if (name == "Expiration")
      read_expiration(e, out);
    else if (name == "NoncurrentVersionExpiration" && !e.find("NewerNoncurrentVersions"))
      out.noncurrent_days = number(e.text("NoncurrentDays"));
    else if (name == "AbortIncompleteMultipartUpload")
      out.abort_days = number(e.text("DaysAfterInitiation"));
    else
      note_strange(out, name);
  }
  std::sort(out.transitions.begin(), out.transitions.end());
  return out;
}

std::string to_xml(const LifecycleRule& rule) {
  std::string inner =
      element("ID", rule.id) + filter_of(rule) + element("Status", rule.enabled ? "Enabled" : "Disabled");
  for (const auto& [after, storage_class] : rule.transitions)
    inner += wrapped("Transition", element("Days", std::to_string(after)) + element("StorageClass", storage_class));
  if (rule.expire_days) inner += wrapped("Expiration", element("Days", std::to_string(*rule.expire_days)));
  if (rule.drop_lone_markers) inner += wrapped("Expiration", element("ExpiredObjectDeleteMarker", "true"));
  if (rule.noncurrent_days)
    inner += wrapped("NoncurrentVersionExpiration", element("NoncurrentDays", std::to_string(*rule.noncurrent_days)));
  if (rule.abort_days)
    inner +=
        wrapped("AbortIncompleteMultipartUpload", element("DaysAfterInitiation", std::to_string(*rule.abort_days)));
  return wrapped("Rule", inner);
}

std::string in_words(const LifecycleRule& rule) {
  std::vector<std::string> does;
  for (const auto& [after, storage_class] : rule.transitions)
    does.push_back(fmt::format("{} after {}", printable(storage_class, 40), days(after)));
  if (rule.expire_days) does.push_back("deleted after " + days(*rule.expire_days));
  if (rule.noncurrent_days) does.push_back("older versions deleted after " + days(*rule.noncurrent_days));
  if (rule.drop_lone_markers) does.emplace_back("lone delete markers removed");
  if (rule.abort_days) does.push_back("unfinished uploads given up after " + days(*rule.abort_days));
  if (does.empty()) does.emplace_back("nothing");
  std::string text =
      fmt::format("{}: {}", rule.prefix.empty() ? "the bucket" : printable(rule.prefix), join(does, ", "));
  if (rule.larger_than) text += fmt::format(", only above {} bytes", with_thousands(*rule.larger_than));
  if (!rule.strange.empty()) text += fmt::format(", with {}", rule.strange);
  if (!rule.enabled) text += ", switched off";
  return text;
}

std::vector<LifecycleRule> lifecycle_rules(const Desired& desired, bool aws) {
  const Tiers& t = desired.tiers;
  std::vector<LifecycleRule> rules;
  const auto add = [&](std::string_view what, std::string_view area) -> LifecycleRule& {
    LifecycleRule& rule = rules.emplace_back();
    rule.id = fmt::format("{}{}{}{}", kIdPrefix, what, area.empty() ? "" : "-", area);
    rule.prefix = desired.prefix + (area.empty() ? "" : std::string(area) + "/");
    return rule;
  };
  if (t.moves_files()) {
    for (const std::string_view area : kTieredAreas) {
      LifecycleRule& rule = add("tiers", area);
      if (aws) rule.larger_than = kLeastToMove;
      if (t.warm) rule.transitions.emplace_back(t.warm->count(), "STANDARD_IA");
      if (t.cold) rule.transitions.emplace_back(t.cold->count(), "GLACIER_IR");
      if (t.archive) rule.transitions.emplace_back(t.archive->count(), "DEEP_ARCHIVE");
    }
  }
  // Rules of their own: a bound of size in the rule above would keep small files for ever.
  if (t.keep)
    for (const std::string_view area : kKeptAreas) add("keep", area).expire_days = t.keep->count();
  if (desired.security.versioning) {
    LifecycleRule& rule = add("versions", "");
    rule.noncurrent_days = desired.security.keep_versions.count();
    rule.drop_lone_markers = true;
  }
  if (t.abort_uploads) add("uploads", "").abort_days = t.abort_uploads->count();
  return rules;
}

std::unique_ptr<Setting> lifecycle_setting(const Desired& desired, const Server& server) {
  return std::make_unique<Lifecycle>(desired, server);
}

}  // namespace millrace::lake::s3::admin
