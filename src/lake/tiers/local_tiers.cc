#include "lake/tiers/local_tiers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/machine.h"
#include "base/sha256.h"
#include "base/words.h"
#include "lake/codec/seekable.h"

namespace millrace::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCold = kTierFolders[0], kFrozen = kTierFolders[1], kRestored = kTierFolders[2];
constexpr std::string_view kPackedEnd = ".zst", kUntilEnd = ".until";
constexpr std::uint64_t kKeepFree = 64 << 20;

/// Of several copies that a crash has left, the first of these counts.
constexpr std::array<std::string_view, 3> kSearched{kRestored, kCold, kFrozen};

std::string below(std::string_view folder, std::string_view key, std::string_view end = kPackedEnd) {
  return fmt::format("{}{}{}", folder, key, end);
}

/// The folder of a tier and the object's own key; nullopt: an object like any other.
struct Tiered {
  std::string_view folder, key;
};
std::optional<Tiered> tiered_of(std::string_view key) {
  for (const std::string_view folder : kTierFolders)
    if (key.starts_with(folder)) {
      key.remove_prefix(folder.size());
      return key.ends_with(kPackedEnd) ? std::optional(Tiered{folder, key.substr(0, key.size() - kPackedEnd.size())})
                                       : Tiered{folder, ""};
    }
  return std::nullopt;
}

/// Where the object's bytes stand: "" for the inner store's own, told by its version.
std::string_view folder_of(const ObjectInfo& object) {
  for (const std::string_view folder : kTierFolders)
    if (object.version.starts_with(folder)) return folder;
  return {};
}

class SpoolFile {
 public:
  static Result<std::unique_ptr<SpoolFile>> make(const fs::path& folder, std::uint64_t bytes) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec) return error_of_errno(ec.value(), folder, "creating the folder");
    MR_TRY(const std::uint64_t free_bytes, free_bytes_at(folder));
    if (free_bytes < bytes + kKeepFree)
      return Error{ErrorKind::unavailable,
                   fmt::format("{}: no room: found {} free, expected {} or more", folder.string(),
                               bytes_in_words(free_bytes), bytes_in_words(bytes + kKeepFree)),
                   "make room there",
                   {}};
    std::string name = (folder / "tier-XXXXXX.millrace-spool").string();
    const Fd fd(::mkostemps(name.data(), 15, O_CLOEXEC));
    if (!fd.valid()) return error_of_errno(errno, name, "creating");
    return std::unique_ptr<SpoolFile>(new SpoolFile(name));
  }
  ~SpoolFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  explicit SpoolFile(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

/// The bytes of `object` in a file.
Status write_out(ObjectReader& object, const fs::path& to) {
  const Fd fd(::open(to.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return error_of_errno(errno, to, "opening");
  std::vector<char> piece(1 << 20);
  while (true) {
    MR_TRY(const std::size_t n, object.read(piece));
    for (std::size_t done = 0; done < n;) {
      const ssize_t w = ::write(fd.get(), piece.data() + done, n - done);
      if (w < 0 && errno == EINTR) continue;
      if (w < 0) return error_of_errno(errno, to, "writing");
      done += static_cast<std::size_t>(w);
    }
    if (n < piece.size()) return ok();
  }
}

class TieredFolder final : public LocalTiers {
 public:
  TieredFolder(std::unique_ptr<ObjectStore> inner, fs::path spool, const Clock& clock)
      : inner_(std::move(inner)), spool_(std::move(spool)), clock_(clock) {}

  Result<Listing> list(std::string_view folder) override {
    MR_TRY(Listing own, inner_->list(folder));
    std::erase_if(own.objects, [](const ObjectInfo& o) { return tiered_of(o.key).has_value(); });
    if (!folder.empty() && !may_be_tiered(folder) && folder.find('/') != std::string_view::npos) return own;
    for (const std::string_view tier : kSearched) {
      MR_TRY(const Listing held, inner_->list(std::string(tier) + std::string(folder)));
      for (const ObjectInfo& object : held.objects) {
        const auto tiered = tiered_of(object.key);
        if (!tiered || tiered->key.empty() || !may_be_tiered(tiered->key)) continue;
        MR_TRY(ObjectInfo info, as_shown(object, *tiered));
        own.objects.push_back(std::move(info));
      }
    }
    const auto by_key = [](const auto& a, const auto& b) { return a.key < b.key; };
    std::stable_sort(own.objects.begin(), own.objects.end(), by_key);
    const auto twice = std::unique(own.objects.begin(), own.objects.end(),
                                   [](const auto& a, const auto& b) { return a.key == b.key; });
    own.objects.erase(twice, own.objects.end());
    return own;
  }

  Result<std::optional<ObjectInfo>> head(std::string_view key) override {
    MR_TRY(auto own, inner_->head(key));
    if (own || !may_be_tiered(key)) return own;
    for (const std::string_view tier : kSearched) {
      MR_TRY(const auto held, inner_->head(below(tier, key)));
      if (!held) continue;
      MR_TRY(ObjectInfo info, as_shown(*held, {tier, key}));
      return std::optional<ObjectInfo>(std::move(info));
    }
    return std::optional<ObjectInfo>{};
  }

  Result<std::unique_ptr<ObjectReader>> open(const ObjectInfo& object) override {
    const std::string_view tier = folder_of(object);
    if (tier.empty()) return inner_->open(object);
    if (tier == kFrozen) return must_be_restored(object);
    MR_TRY(auto unpacked, open_held(object));
    return std::unique_ptr<ObjectReader>(std::move(unpacked));
  }

  std::optional<bool> being_written(const ObjectInfo& object) override {
    return folder_of(object).empty() ? inner_->being_written(object) : std::optional(false);
  }
  [[nodiscard]] bool objects_appear_whole() const override { return inner_->objects_appear_whole(); }
  [[nodiscard]] std::string url_of(std::string_view key) const override { return inner_->url_of(key); }

  Status move(const ObjectInfo& object, std::string_view to, const Provenance& provenance) override {
    const std::string_view tier = folder_of(object);
    if (tier.empty()) return inner_->move(object, to, provenance);
    if (tier == kFrozen) return must_be_restored(object);
    MR_TRY(const auto unpacked, open_held(object));
    MR_TRY(const auto spooled, SpoolFile::make(spool_, object.size_bytes));
    MR_CHECK(write_out(*unpacked, spooled->path()));
    MR_CHECK(inner_->put_file(to, spooled->path(), provenance));
    MR_TRY(const auto there, inner_->head(to));
    if (!there) return Error{ErrorKind::conflict, inner_->url_of(to) + ": is gone again", {}, {}};
    MR_TRY(const std::string digest, digest_of(*inner_, *there));
    if (digest != unpacked->about().provenance.sha256) return not_as_written(to);
    return remove(object);
  }

  Status put(std::string_view key, std::string_view bytes) override { return inner_->put(key, bytes); }
  Status put_file(std::string_view key, const fs::path& file, const Provenance& provenance) override {
    return inner_->put_file(key, file, provenance);
  }

  Status remove(const ObjectInfo& object) override {
    const std::string_view tier = folder_of(object);
    if (tier.empty()) return inner_->remove(object);
    if (tier == kRestored) MR_CHECK(remove_mark(object.key));
    MR_TRY(const auto held, held_version(object));
    return held ? inner_->remove(*held) : ok();
  }

  Result<bool> restore(const ObjectInfo& object) override {
    const std::string_view tier = folder_of(object);
    if (tier != kFrozen && tier != kRestored) return false;
    MR_FAILPOINT("lake.tier.before");
    // The day first: without it the object would be taken back at once.
    MR_CHECK(inner_->put(below(kRestored, object.key, kUntilEnd), to_iso_date(clock_.now() + kRestoredFor)));
    if (tier == kRestored) return false;
    MR_TRY(const auto held, held_version(object));
    if (held) MR_CHECK(inner_->move(*held, below(kRestored, object.key)));
    return false;
  }

  Status bring_down(const ObjectInfo& object, Tier tier) override {
    MR_FAILPOINT("lake.tier.before");
    const std::string_view now = folder_of(object);
    const std::string_view wanted = tier == Tier::archive ? kFrozen : kCold;
    if (now == wanted || now == kFrozen) return ok();
    if (now.empty()) return pack_down(object, wanted);
    if (now == kRestored) {
      MR_TRY(const bool over, restored_long_enough(object.key));
      if (!over) return ok();
    }
    MR_TRY(const auto held, held_version(object));
    if (held) MR_CHECK(inner_->move(*held, below(wanted, object.key)));
    return now == kRestored ? remove_mark(object.key) : ok();
  }

 private:
  static bool may_be_tiered(std::string_view key) {
    return std::find(kTieredAreas.begin(), kTieredAreas.end(), area_of_key(key)) != kTieredAreas.end();
  }

  /// The object as its readers know it: with its own key, and the size of its bytes.
  Result<ObjectInfo> as_shown(const ObjectInfo& held, const Tiered& tiered) {
    MR_TRY(auto reader, inner_->open(held));
    MR_TRY(const auto unpacked, open_packed(std::move(reader), held.size_bytes));
    if (!unpacked) return not_packed(held.key);
    ObjectInfo info = held;
    info.key = tiered.key;
    info.size_bytes = unpacked->about().text_bytes;
    info.version = std::string(tiered.folder) + held.version;
    info.storage_class = tiered.folder == kCold ? kColdClass : tiered.folder == kFrozen ? kFrozenClass : kRestoredClass;
    if (tiered.folder == kFrozen) info.cold_class = kFrozenClass;
    return info;
  }

  /// The object where it stands; nullopt: it is gone. Errors: conflict where it is another version.
  Result<std::optional<ObjectInfo>> held_version(const ObjectInfo& object) {
    const std::string_view tier = folder_of(object);
    MR_TRY(auto held, inner_->head(below(tier, object.key)));
    if (held && std::string(tier) + held->version != object.version)
      return Error{
          ErrorKind::conflict, fmt::format("{}: changed after it was listed", inner_->url_of(held->key)), {}, {}};
    return held;
  }

  Result<std::unique_ptr<UnpackedObject>> open_held(const ObjectInfo& object) {
    MR_TRY(const auto held, held_version(object));
    if (!held)
      return Error{
          ErrorKind::conflict, fmt::format("{}: changed its tier", printable(object.key)), "it is looked at again", {}};
    MR_TRY(auto reader, inner_->open(*held));
    MR_TRY(auto unpacked, open_packed(std::move(reader), held->size_bytes));
    if (!unpacked) return not_packed(held->key);
    return unpacked;
  }

  /// Packs an object into the folder of a tier, reads it back, and only then removes it.
  Status pack_down(const ObjectInfo& object, std::string_view folder) {
    const std::string to = below(folder, object.key);
    MR_TRY(const auto reader, inner_->open(object));
    MR_TRY(const auto spooled, SpoolFile::make(spool_, object.size_bytes + object.size_bytes / 256));
    MR_TRY(const PackedFile packed, pack_file(*reader, spooled->path(), {}));
    MR_CHECK(inner_->put_file(to, spooled->path(), {}));
    MR_TRY(const auto there, inner_->head(to));
    if (!there) return Error{ErrorKind::conflict, inner_->url_of(to) + ": is gone again", {}, {}};
    MR_TRY(auto back, inner_->open(*there));
    MR_TRY(const auto unpacked, open_packed(std::move(back), there->size_bytes));
    if (!unpacked) return not_as_written(to);
    MR_TRY(const std::string digest, digest_of(*unpacked));
    if (digest != packed.provenance.sha256) return not_as_written(to);
    MR_FAILPOINT("lake.tier.before_remove");
    return inner_->remove(object);
  }

  /// A restored object without a day was cut on its way: it has its time as well, from now on.
  Result<bool> restored_long_enough(std::string_view key) {
    const std::string mark = below(kRestored, key, kUntilEnd);
    MR_TRY(const auto there, inner_->head(mark));
    if (!there) {
      MR_CHECK(inner_->put(mark, to_iso_date(clock_.now() + kRestoredFor)));
      return false;
    }
    MR_TRY(const auto reader, inner_->open(*there));
    MR_TRY(const std::string until, reader->read_range(0, there->size_bytes));
    return to_iso_date(clock_.now()) > until;
  }

  Status remove_mark(std::string_view key) {
    MR_TRY(const auto mark, inner_->head(below(kRestored, key, kUntilEnd)));
    return mark ? inner_->remove(*mark) : ok();
  }

  static Error must_be_restored(const ObjectInfo& object) {
    return {ErrorKind::permission_denied,
            fmt::format("{}: is archived and must be restored before it is read", printable(object.key, 2000)),
            fmt::format("millrace lake restore {}", printable(object.key, 2000)),
            {}};
  }
  [[nodiscard]] Error not_packed(std::string_view key) const {
    return {ErrorKind::contract_violation,
            fmt::format("{}: is no packed file, or damaged", inner_->url_of(key)),
            "restore it from a backup",
            {}};
  }
  [[nodiscard]] Error not_as_written(std::string_view key) const {
    return {ErrorKind::unavailable,
            fmt::format("{}: what was written does not read back as it was", inner_->url_of(key)),
            "the file stays where it was; look for faults of the disk",
            {}};
  }

  std::unique_ptr<ObjectStore> inner_;
  fs::path spool_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<LocalTiers> with_local_tiers(std::unique_ptr<ObjectStore> inner, fs::path spool, const Clock& clock) {
  return std::make_unique<TieredFolder>(std::move(inner), std::move(spool), clock);
}

}  // namespace millrace::lake
