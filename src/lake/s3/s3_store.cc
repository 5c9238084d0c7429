#include "lake/s3/s3_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/failpoint.h"
#include "lake/ignored_name.h"
#include "lake/s3/encoded.h"
#include "lake/s3/part_reader.h"
#include "lake/s3/store_core.h"
#include "lake/s3/transfer.h"

namespace millrace::lake {
namespace {

using s3::ObjectHead;

constexpr std::size_t kLongestMetadata = 1500;  // of 2 KB that an object may have in all

bool must_be_restored(const std::string& storage_class) {
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE" || storage_class == "ARCHIVE_ACCESS" ||
         storage_class == "DEEP_ARCHIVE_ACCESS";
}

std::string shown_class(const std::string& storage_class) {
  return storage_class == "STANDARD" ? std::string() : storage_class;
}

/// Listings and single looks must give the same text: listings know neither version ids nor, everywhere, fractions.
std::string version_of(const std::string& etag, WallTime modified) {
  return fmt::format("{}@{}", etag, std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count());
}
std::string etag_of(const std::string& version) {
  const auto at = version.rfind('@');
  return at == std::string::npos ? std::string() : version.substr(0, at);
}

s3::Metadata metadata_of(const Provenance& p) {
  s3::Metadata m;
  const auto add = [&m](const std::string& name, std::string value) {
    if (!value.empty() && value.size() <= kLongestMetadata) m[name] = std::move(value);
  };
  add("mr-source", s3::uri_encoded(p.source));
  add("mr-landed-as", s3::uri_encoded(p.landed_as));
  if (p.file_id != 0) add("mr-file-id", std::to_string(p.file_id));
  add("mr-sha256", p.sha256);
  return m;
}

/// nullopt: nobody who archives has written it.
std::optional<Provenance> provenance_in(const s3::Metadata& metadata) {
  const auto value = [&](const char* name) {
    const auto it = metadata.find(name);
    return it == metadata.end() ? std::string() : it->second;
  };
  Provenance p{s3::url_decoded(value("mr-source")), s3::url_decoded(value("mr-landed-as")), 0, value("mr-sha256")};
  const std::string id = value("mr-file-id");
  std::from_chars(id.data(), id.data() + id.size(), p.file_id);
  if (p.source.empty() && p.landed_as.empty() && p.sha256.empty() && p.file_id == 0) return std::nullopt;
  return p;
}

class S3Store final : public ObjectStore {
 public:
  S3Store(std::shared_ptr<s3::Core> core, std::string prefix) : core_(std::move(core)), prefix_(std::move(prefix)) {}

  Result<Listing> list(std::string_view folder) override { return list_after(folder, {}); }

  Result<Listing> list_after(std::string_view folder, std::string_view after) override {
    std::string below(folder);
    if (!below.empty() && !below.ends_with('/')) below += '/';
    Listing out;
    std::string token;
    do {
      MR_TRY(s3::ListPage page,
             core_->client.list_page(prefix_ + below, after.empty() ? std::string() : full(after), token));
      for (const s3::ListedObject& o : page.objects) MR_CHECK(add(o, below.size(), out));
      token = std::move(page.next);
    } while (!token.empty());
    std::sort(out.objects.begin(), out.objects.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return out;
  }

  Result<std::unique_ptr<ObjectReader>> open(const ObjectInfo& object) override {
    const std::string etag = etag_of(object.version);
    if (etag.empty()) return changed(object.key);
    return s3::PartReader::open(core_, full(object.key), object.size_bytes, etag);
  }

  Result<std::optional<ObjectInfo>> head(std::string_view key) override {
    MR_TRY(const auto h, core_->client.head(full(key)));
    if (!h) return std::optional<ObjectInfo>{};
    return std::optional(info_of(*h, key));
  }

  std::optional<bool> being_written(const ObjectInfo&) override { return false; }
  [[nodiscard]] bool objects_appear_whole() const override { return true; }
  [[nodiscard]] std::string url_of(std::string_view key) const override {
    return "s3://" + core_->client.endpoint().bucket() + "/" + full(key);
  }

  Status move(const ObjectInfo& object, std::string_view to, const Provenance& provenance) override;
  Status put(std::string_view key, std::string_view bytes) override {
    MR_CHECK(core_->client.put(full(key), bytes, {}));
    return ok();
  }
  Status put_file(std::string_view key, const std::filesystem::path& file, const Provenance& provenance) override;

  Status remove(const ObjectInfo& object) override {
    const std::string etag = etag_of(object.version);
    if (etag.empty()) return changed(object.key);
    return core_->client.remove(full(object.key), etag);
  }

  Result<std::optional<Provenance>> provenance_of(const ObjectInfo& object) override {
    MR_TRY(const auto h, core_->client.head(full(object.key)));
    if (!h) return gone(object.key);
    return provenance_in(h->metadata);
  }

  Result<bool> restore(const ObjectInfo& object) override {
    const std::string key = full(object.key);
    MR_TRY(const auto h, core_->client.head(key));
    if (!h) return gone(object.key);
    if (!must_be_restored(h->storage_class) || h->restored) return false;
    if (h->restoring) return true;
    return core_->client.restore(key, core_->limits.restore_days, core_->limits.restore_tier);
  }

 private:
  [[nodiscard]] std::string full(std::string_view key) const { return prefix_ + std::string(key); }

  [[nodiscard]] static ObjectInfo info_of(const ObjectHead& h, std::string_view key) {
    const bool cold = must_be_restored(h.storage_class) && !h.restored;
    return {std::string(key),
            h.size_bytes,
            h.modified,
            version_of(h.etag, h.modified),
            cold ? h.storage_class : "",
            shown_class(h.storage_class),
            h.restoring};
  }

  Status add(const s3::ListedObject& o, std::size_t folder_size, Listing& out) const;
  Result<bool> same_bytes(const ObjectInfo& object, const ObjectHead& a, std::string_view to, const ObjectHead& b,
                          const Provenance& provenance);
  Status copy_verified(const std::string& from, const ObjectHead& source, std::string_view to,
                       const Provenance& provenance);

  [[nodiscard]] Error changed(std::string_view key) const {
    return {ErrorKind::conflict,
            core_->client.shown(full(key)) + ": the object changed after it was listed",
            "it is listed again at the next look",
            {}};
  }
  [[nodiscard]] Error gone(std::string_view key) const {
    return {ErrorKind::not_found, core_->client.shown(full(key)) + ": is gone", {}, {}};
  }

  const std::shared_ptr<s3::Core> core_;  // shared with readers, which may outlive the store
  const std::string prefix_;              // "" or "a/b/"
};

/// Takes an entry of a listing: an object, or, from the first part of its key that is no delivery's name, ignored.
Status S3Store::add(const s3::ListedObject& o, std::size_t folder_size, Listing& out) const {
  if (!o.key.starts_with(prefix_))
    return Error{ErrorKind::unavailable, core_->client.shown(o.key) + ": the listing of another prefix came", {}, {}};
  const std::string key = o.key.substr(prefix_.size());
  for (std::size_t from = folder_size; from < key.size();) {
    const std::size_t slash = std::min(key.find('/', from), key.size());
    const std::string_view part = std::string_view(key).substr(from, slash - from);
    // "." and ".." are names like others here; only folders give them a meaning.
    const std::string_view reason = part == "." || part == ".." ? std::string_view{} : reason_to_ignore(part);
    if (!reason.empty()) {
      const std::string up_to = key.substr(0, slash);
      if (out.ignored.empty() || out.ignored.back().key != up_to) out.ignored.push_back({up_to, std::string(reason)});
      return ok();
    }
    from = slash + 1;
  }
  if (key.empty() || (o.size_bytes == 0 && key.ends_with('/'))) {
    out.ignored.push_back({key, "folder marker"});
    return ok();
  }
  const bool cold = must_be_restored(o.storage_class);
  out.objects.push_back({key, o.size_bytes, o.modified, version_of(o.etag, o.modified), cold ? o.storage_class : "",
                         shown_class(o.storage_class)});
  return ok();
}

Status S3Store::move(const ObjectInfo& object, std::string_view to, const Provenance& provenance) {
  const std::string from = full(object.key);
  if (object.key == to)
    return Error{ErrorKind::invalid_input, core_->client.shown(from) + ": cannot be moved to itself", {}, {}};
  MR_TRY(const auto source, core_->client.head(from));
  MR_TRY(const auto target, core_->client.head(full(to)));
  if (!source && target) return ok();  // finished before a crash
  if (!source) return gone(object.key);
  if (source->etag != etag_of(object.version)) return changed(object.key);
  if (target) {
    MR_TRY(const bool equal, same_bytes(object, *source, to, *target, provenance));
    if (!equal)
      return Error{ErrorKind::invalid_input,
                   core_->client.shown(full(to)) + ": other bytes are archived under this name",
                   "move the archived object away, then load again",
                   {}};
  } else {
    MR_CHECK(copy_verified(from, *source, to, provenance));
  }
  MR_FAILPOINT("lake.s3.move.before_delete");
  return core_->client.remove(from, source->etag);
}

Result<bool> S3Store::same_bytes(const ObjectInfo& object, const ObjectHead& a, std::string_view to,
                                 const ObjectHead& b, const Provenance& provenance) {
  if (a.size_bytes != b.size_bytes) return false;
  if (a.md5_etag && b.md5_etag) return a.etag == b.etag;
  const auto sha = b.metadata.find("mr-sha256");
  if (!provenance.sha256.empty() && sha != b.metadata.end()) return sha->second == provenance.sha256;
  MR_TRY(const std::string left, digest_of(*this, info_of(a, object.key)));
  MR_TRY(const std::string right, digest_of(*this, info_of(b, to)));
  return left == right;
}

/// The copy is the server's work on exactly the version we know; what it made is looked at before anything is removed.
Status S3Store::copy_verified(const std::string& from, const ObjectHead& source, std::string_view to,
                              const Provenance& provenance) {
  s3::PutOptions options;
  options.metadata = source.metadata;
  for (auto& [name, value] : metadata_of(provenance)) options.metadata[name] = value;
  options.metadata.erase("mr-write");
  if (!source.content_type.empty()) options.content_type = source.content_type;
  options.content_encoding = source.content_encoding;
  MR_TRY(const std::string etag, s3::copy_object(*core_, from, source, full(to), options));
  MR_FAILPOINT("lake.s3.move.before_verify");
  MR_TRY(const auto made, core_->client.head(full(to)));
  const bool right = made && made->size_bytes == source.size_bytes && (etag.empty() || made->etag == etag) &&
                     (!made->md5_etag || !source.md5_etag || made->etag == source.etag);
  if (right) return ok();
  return Error{
      ErrorKind::unavailable,
      fmt::format("{}: the copy is not what was copied: {} bytes of {}, etag {} of {}", core_->client.shown(full(to)),
                  made ? made->size_bytes : 0, source.size_bytes, made ? made->etag : "(none)", source.etag),
      "the original is kept; it is copied again",
      {}};
}

Status S3Store::put_file(std::string_view key, const std::filesystem::path& file, const Provenance& provenance) {
  MR_FAILPOINT("lake.s3.put_file.before");
  s3::PutOptions options;
  options.metadata = metadata_of(provenance);
  MR_TRY(const std::string etag, s3::upload_file(*core_, full(key), file, options));
  MR_TRY(const auto made, core_->client.head(full(key)));
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  if (made && made->etag == etag && (ec || made->size_bytes == size)) return ok();
  return Error{ErrorKind::conflict,
               core_->client.shown(full(key)) + ": the object is another one than was just written",
               "somebody else writes to this key",
               {}};
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> open_s3_store(S3Options options) {
  MR_INVARIANT(options.parts.transport != nullptr && options.parts.credentials != nullptr &&
                   options.parts.clock != nullptr && options.parts.sleeper != nullptr &&
                   options.parts.budget != nullptr,
               "a client has all its parts");
  MR_TRY(s3::BucketUrl url, s3::parse_s3_url(options.url));
  MR_TRY(s3::Endpoint endpoint, s3::Endpoint::make(options.endpoint, url.bucket));
  auto core = std::make_shared<s3::Core>(std::move(endpoint), options);
  return std::unique_ptr<ObjectStore>(std::make_unique<S3Store>(std::move(core), std::move(url.prefix)));
}

}  // namespace millrace::lake
