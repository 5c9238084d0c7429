#include "app/commands/doctor_lake.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>

#include "app/lake_store.h"
#include "app/s3_connection.h"
#include "base/files.h"
#include "base/words.h"
#include "ingest/key_pattern.h"
#include "lake/s3/endpoint.h"
#include "lake/s3/times.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kWorthAWord{5};

Result<std::string> check_folder(const fs::path& lake) {
  if (!fs::is_directory(lake))
    return Error{ErrorKind::not_found,
                 fmt::format("{} is no folder", lake.string()),
                 fmt::format("mkdir -p {}/landing", lake.string()),
                 {}};
  if (::access(lake.c_str(), R_OK | W_OK | X_OK) != 0)
    return Error{ErrorKind::permission_denied,
                 fmt::format("{} cannot be read and written", lake.string()),
                 "give this user access to the folder",
                 {}};
  struct statvfs s {};
  if (::statvfs(lake.c_str(), &s) != 0) return error_of_errno(errno, lake, "looking at");
  const std::uint64_t free_bytes = static_cast<std::uint64_t>(s.f_bavail) * s.f_frsize;
  if (free_bytes < (1ULL << 30))
    return Error{ErrorKind::unavailable,
                 fmt::format("{} free on the file system of {}", bytes_in_words(free_bytes), lake.string()),
                 "free at least 1 GB: loads need room for rows and archive",
                 {}};
  return fmt::format("{}, {} free", lake.string(), bytes_in_words(free_bytes));
}

/// Can the landing folders be listed, and objects read? The listing is what everything else needs first.
Result<std::string> check_bucket(const Config& config) {
  MR_TRY(const OpenedLake opened, open_lake(config, system_clock()));
  lake::ObjectStore* const store = opened.store.get();
  std::int64_t objects = 0;
  std::optional<lake::ObjectInfo> first;
  for (const SourceConfig& source : config.sources) {
    MR_TRY(const lake::Listing listing, store->list(ingest::literal_folder(source.files)));
    objects += static_cast<std::int64_t>(listing.objects.size());
    if (!first && !listing.objects.empty()) first = listing.objects.front();
  }
  if (first && first->cold_class.empty()) {
    std::array<char, 1> byte{};
    const auto read = [&]() -> Result<std::size_t> {
      MR_TRY(const auto reader, store->open(*first));
      return reader->read(byte);
    }();
    if (!read && read.error().kind != ErrorKind::conflict && read.error().kind != ErrorKind::not_found)
      return read.error();
  }
  return fmt::format("{}, {} waiting", config.lake.url, counted(objects, "object"));
}

}  // namespace

Result<std::string> check_lake(const Config& config) {
  return config.lake.s3 ? check_bucket(config) : check_folder(config.lake.folder);
}

Result<std::string> check_lake_clock(const Config& config, const Clock& clock) {
  MR_TRY(const auto connection, S3Connection::make(*config.lake.s3, clock));
  MR_TRY(const auto endpoint, lake::s3::Endpoint::make(connection->endpoint(), config.lake.s3->bucket));
  net::HttpRequest request;
  request.method = "HEAD";
  request.url = lake::s3::url_of(endpoint.target());  // unsigned: any answer carries the time
  MR_TRY(const net::HttpResponse answer, connection->transport().send(request));
  const std::string* date = answer.find("date");
  const auto theirs = date == nullptr ? std::nullopt : lake::s3::parse_http_date(*date);
  if (!theirs) return std::string("the service does not tell its time");
  const auto apart = std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - *theirs);
  const auto size = apart < apart.zero() ? -apart : apart;
  if (size > kWorthAWord)
    return Error{ErrorKind::invalid_input,
                 fmt::format("this machine's clock is {} {} that of {}", to_words(size),
                             apart < apart.zero() ? "behind" : "ahead of", endpoint.host()),
                 "set it (NTP): requests signed with a time that is 15 minutes off are refused",
                 {}};
  return fmt::format("agrees with {} within {}", endpoint.host(),
                     to_words(std::max(size, std::chrono::milliseconds(1'000))));
}

}  // namespace millrace::app
