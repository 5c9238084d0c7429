// lake ls: what stands in the lake.
#include <fmt/format.h>

#include "app/commands/lake_commands.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"
#include "lake/tiers/tiers.h"

namespace millrace::app {
namespace {

/// A prefix need not end at a folder: list() gives whole folders, and the rest is asked here.
Result<lake::Listing> objects_below(lake::ObjectStore& store, const std::string& prefix) {
  const auto slash = prefix.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : prefix.substr(0, slash + 1);
  MR_TRY(lake::Listing listing, store.list(folder));
  std::erase_if(listing.objects, [&](const lake::ObjectInfo& o) { return !o.key.starts_with(prefix); });
  std::erase_if(listing.ignored, [&](const lake::Ignored& i) { return !i.key.starts_with(prefix); });
  return listing;
}

std::string class_of(const lake::ObjectInfo& o) {
  if (o.storage_class.empty()) return o.cold_class.empty() ? "-" : o.cold_class;
  return o.storage_class;
}

void print_json(const lake::Listing& listing) {
  json::Writer w;
  w.begin_object().key("objects").begin_array();
  for (const auto& o : listing.objects)
    w.begin_object()
        .member("key", o.key)
        .member("bytes", o.size_bytes)
        .member("modified", to_iso8601(o.modified))
        .member("version", o.version)
        .member("class", o.storage_class)
        .member("readable", o.cold_class.empty())
        .end_object();
  w.end_array().key("ignored").begin_array();
  for (const auto& i : listing.ignored) w.begin_object().member("key", i.key).member("reason", i.reason).end_object();
  w.end_array().end_object();
  tell(stdout, "{}\n", w.text());
}

void print_lines(const lake::Listing& listing, bool details) {
  std::uint64_t bytes = 0;
  for (const auto& o : listing.objects) {
    bytes += o.size_bytes;
    if (details)
      tell(stdout, "{:>12}  {}  {:<10}  {}\n", with_thousands(static_cast<std::int64_t>(o.size_bytes)),
           to_iso8601(o.modified).substr(0, 19), class_of(o), shown_key(o.key));
    else
      tell(stdout, "{}\n", shown_key(o.key));
  }
  for (const auto& i : listing.ignored) tell(stderr, "ignored  {}  {}\n", shown_key(i.key), i.reason);
  if (details)
    tell(stderr, "{}, {}\n", counted(static_cast<std::int64_t>(listing.objects.size()), "object"),
         bytes_in_words(bytes));
}

}  // namespace

int run_lake_ls(const CommonOptions& common, const LakeArguments& a) {
  return with_lake(common, [&](const Config&, lake::ObjectStore& store) -> Result<int> {
    const std::string prefix = a.keys.empty() ? "" : a.keys.front();
    MR_TRY(const lake::Listing listing, objects_below(store, prefix));
    if (common.json)
      print_json(listing);
    else
      print_lines(listing, a.details);
    if (!listing.objects.empty() || prefix.empty()) return 0;
    if (!common.json) tell(stderr, "nothing in the lake begins with {}\n", shown_key(prefix));
    return 1;
  });
}

}  // namespace millrace::app
