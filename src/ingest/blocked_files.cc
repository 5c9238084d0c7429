#include "ingest/blocked_files.h"

#include <algorithm>

namespace millrace::ingest {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1'000}, kLongestPause{60'000};

}  // namespace

bool BlockedFiles::may_try(const lake::ObjectInfo& object, SteadyTime now) const {
  const auto file = files_.find(object.key);
  return file == files_.end() || file->second.version != object.version || now >= file->second.next;
}

bool BlockedFiles::blocked(const lake::ObjectInfo& object, SteadyTime now) {
  File& file = files_[object.key];
  const bool news = file.version != object.version;
  if (news) file = {object.version, milliseconds(0), now};
  file.next = now + file.pause;
  file.pause = std::clamp(file.pause * 2, kFirstPause, kLongestPause);
  return news;
}

}  // namespace millrace::ingest
