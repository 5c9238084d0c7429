#include "lake/s3/transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>

#include "base/files.h"
#include "base/log.h"

namespace millrace::lake::s3 {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostParts = 10'000;

/// Writes part `number` (from 1) of bytes [offset, offset + length); gives its etag.
using WritePart =
    std::function<Result<std::string>(int number, std::uint64_t offset, std::uint64_t length, std::stop_token stop)>;

std::uint64_t part_size(std::uint64_t size, std::uint64_t wanted) {
  const std::uint64_t least = (size + kMostParts - 1) / kMostParts;
  return std::max({wanted, least, std::uint64_t{1}});
}

/// Etags of all parts, at most `at_once` under way. The first error stops the others.
Result<std::vector<std::string>> write_parts(Workers& workers, unsigned at_once, std::uint64_t size,
                                             std::uint64_t part_bytes, const WritePart& write) {
  std::stop_source stop;
  std::deque<std::future<Result<std::string>>> under_way;
  std::vector<std::string> etags;
  std::optional<Error> failed;
  const auto take_first = [&] {
    Result<std::string> etag = under_way.front().get();
    under_way.pop_front();
    if (etag)
      etags.push_back(*std::move(etag));
    else if (!failed)
      failed = std::move(etag).error();
    if (failed) stop.request_stop();
  };
  int number = 0;
  for (std::uint64_t offset = 0; offset < size && !failed; offset += part_bytes) {
    if (under_way.size() >= std::max(at_once, 1U)) take_first();
    const std::uint64_t length = std::min(part_bytes, size - offset);
    under_way.push_back(workers.run(
        [&write, token = stop.get_token(), n = ++number, offset, length] { return write(n, offset, length, token); }));
  }
  while (!under_way.empty()) take_first();
  if (failed) return *std::move(failed);
  return etags;
}

/// Begin, write all parts, finish; or give up and leave nothing behind.
Result<std::string> in_parts(Core& core, const std::string& key, std::uint64_t size, std::uint64_t part_bytes,
                             const PutOptions& options, const std::function<WritePart(const std::string& id)>& writer,
                             const std::function<Status()>& before_finish) {
  const std::string token = core.client.new_token();
  MR_TRY(const std::string id, core.client.create_upload(key, options, token));
  const auto finish = [&]() -> Result<std::string> {
    MR_TRY(const auto etags, write_parts(core.writers, core.limits.upload_connections, size, part_bytes, writer(id)));
    MR_CHECK(before_finish());
    return core.client.complete_upload(key, id, etags, token);
  };
  auto etag = finish();
  // Of a finish with an unknown end nothing is taken back: it may be the object.
  if (!etag && etag.error().kind != ErrorKind::commit_unknown)
    if (auto gone = core.client.abort_upload(key, id); !gone)
      log::event("s3_upload_left_behind", log::Level::warn,
                 {{"object", core.client.shown(key)}, {"upload", id}, {"reason", gone.error().message}});
  return etag;
}

Result<std::string> read_at(const Fd& fd, const fs::path& path, std::uint64_t offset, std::uint64_t length) {
  std::string bytes(length, '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::pread(fd.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_of_errno(errno, path, "reading");
    if (n == 0)
      return Error{ErrorKind::conflict, path.string() + ": the file became shorter while it was read", {}, {}};
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

Result<struct stat> look_at(const Fd& fd, const fs::path& path) {
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return error_of_errno(errno, path, "looking at");
  return st;
}

Status still_the_same(const Fd& fd, const fs::path& path, const struct stat& before) {
  MR_TRY(const struct stat now, look_at(fd, path));
  if (now.st_size == before.st_size && now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
    return ok();
  return Error{ErrorKind::conflict, path.string() + ": the file changed while it was read", "put it again", {}};
}

}  // namespace

Result<std::string> upload_file(Core& core, const std::string& key, const fs::path& file, const PutOptions& options) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return error_of_errno(errno, file, "opening");
  MR_TRY(const struct stat before, look_at(fd, file));
  const auto size = static_cast<std::uint64_t>(before.st_size);
  if (size <= core.limits.upload_part_bytes) {
    MR_TRY(const std::string bytes, read_at(fd, file, 0, size));
    MR_CHECK(still_the_same(fd, file, before));
    return core.client.put(key, bytes, options);
  }
  const auto writer = [&](const std::string& id) -> WritePart {
    return [&core, &key, &fd, &file, id](int number, std::uint64_t offset, std::uint64_t length,
                                         std::stop_token stop) -> Result<std::string> {
      MR_TRY(const std::string bytes, read_at(fd, file, offset, length));
      return core.client.put_part(key, id, number, bytes, std::move(stop));
    };
  };
  return in_parts(core, key, size, part_size(size, core.limits.upload_part_bytes), options, writer,
                  [&] { return still_the_same(fd, file, before); });
}

Result<std::string> copy_object(Core& core, const std::string& from, const ObjectHead& source, const std::string& to,
                                const PutOptions& options) {
  if (source.size_bytes <= core.limits.copy_limit_bytes) return core.client.copy(from, to, {options, source.etag});
  const auto writer = [&](const std::string& id) -> WritePart {
    return
        [&core, &from, &source, &to, id](int number, std::uint64_t offset, std::uint64_t length, std::stop_token stop) {
          return core.client.copy_part(to, id, number, from, source.etag, offset, length, std::move(stop));
        };
  };
  return in_parts(core, to, source.size_bytes, part_size(source.size_bytes, core.limits.copy_part_bytes), options,
                  writer, [] { return ok(); });
}

}  // namespace millrace::lake::s3
