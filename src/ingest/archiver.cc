#include "ingest/archiver.h"

#include <fmt/format.h>

#include <memory>
#include <system_error>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/words.h"
#include "lake/landed.h"

namespace millrace::ingest {
namespace {

namespace fs = std::filesystem;

/// Left free on the spool's disk, whatever is packed.
constexpr std::uint64_t kKeepFree = 64 << 20;
constexpr std::string_view kSpooled = ".millrace-spool";

/// A file on its way, gone with its owner.
class SpoolFile {
 public:
  explicit SpoolFile(fs::path path) : path_(std::move(path)) {}
  ~SpoolFile() {
    std::error_code ignored;  // clear_spool() takes it at the next start
    fs::remove(path_, ignored);
  }
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Status room_to_pack(const fs::path& spool, const lake::ObjectInfo& object) {
  MR_TRY(const std::uint64_t free_bytes, free_bytes_at(spool));
  // What cannot be packed stays as large as it is.
  const std::uint64_t wanted = object.size_bytes + object.size_bytes / 256 + kKeepFree;
  if (free_bytes >= wanted) return ok();
  return Error{ErrorKind::unavailable,
               fmt::format("{}: no room to pack {}: found {} free, expected {} or more", spool.string(),
                           printable(object.key), bytes_in_words(free_bytes), bytes_in_words(wanted)),
               "make room there, or set archive.compress: none",
               {}};
}

}  // namespace

Status Archiver::move(const lake::ObjectInfo& object, const std::string& to, const lake::Provenance& provenance) const {
  // What is packed already moves as it is, inside the archive.
  if (!lake::is_packed_key(to) || lake::is_packed_key(object.key)) return store_->move(object, to, provenance);
  return pack(object, to, provenance);
}

/// Is there an object at `key` that unpacks to these bytes? A damaged one is none.
Result<bool> Archiver::holds(const std::string& key, const std::string& sha256) const {
  MR_TRY(const auto object, store_->head(key));
  if (!object) return false;
  const auto digest = lake::landed_digest_of(*store_, *object);
  if (digest) return *digest == sha256;
  if (digest.error().kind == ErrorKind::contract_violation) return false;
  return digest.error();
}

Status Archiver::pack(const lake::ObjectInfo& object, const std::string& to, const lake::Provenance& provenance) const {
  MR_FAILPOINT("ingest.pack.before");
  MR_TRY(const bool there, holds(to, provenance.sha256));
  if (!there) {
    std::error_code ec;
    fs::create_directories(spool_, ec);
    if (ec) return error_of_errno(ec.value(), spool_, "creating the folder");
    MR_CHECK(room_to_pack(spool_, object));
    const SpoolFile spooled(spool_ / fmt::format("{}{}", provenance.file_id, kSpooled));
    MR_TRY(const auto reader, store_->open(object));
    MR_TRY(const lake::PackedFile packed, lake::pack_file(*reader, spooled.path(), provenance));
    if (packed.provenance.sha256 != provenance.sha256)
      return Error{ErrorKind::conflict,
                   fmt::format("{}: the file changed after it was loaded", printable(object.key)),
                   "it is looked at again",
                   {}};
    MR_FAILPOINT("ingest.pack.before_put");
    MR_CHECK(store_->put_file(to, spooled.path(), provenance));
    MR_FAILPOINT("ingest.pack.before_verify");
    MR_TRY(const bool arrived, holds(to, provenance.sha256));
    if (!arrived)
      return Error{ErrorKind::unavailable,
                   fmt::format("{}: what was written does not read back as it was", printable(to)),
                   "the file stays where it is, and is moved again; look for faults of disk or store",
                   {}};
    log::event(
        "file_packed", log::Level::debug,
        {{"key", object.key}, {"archive_key", to}, {"bytes", packed.text_bytes}, {"packed", packed.packed_bytes}});
  }
  MR_FAILPOINT("ingest.pack.before_remove");
  return store_->remove(object);
}

Status Archiver::clear_spool() const {
  std::error_code ec;
  fs::directory_iterator it(spool_, ec), end;
  for (; !ec && it != end; it.increment(ec)) {
    std::error_code gone;
    if (it->path().filename().string().ends_with(kSpooled)) fs::remove(it->path(), gone);
    if (gone) return error_of_errno(gone.value(), it->path(), "removing");
  }
  return ec && ec != std::errc::no_such_file_or_directory ? Status(error_of_errno(ec.value(), spool_, "listing"))
                                                          : ok();
}

}  // namespace millrace::ingest
