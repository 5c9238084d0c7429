#include "lake/local/local_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/failpoint.h"
#include "base/files.h"
#include "lake/ignored_name.h"
#include "lake/local/local_files.h"

namespace millrace::lake {
namespace {

namespace fs = std::filesystem;

class LocalReader final : public ObjectReader {
 public:
  LocalReader(Fd fd, fs::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read(std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t n = ::read(fd_.get(), into.data() + done, into.size() - done);
      if (n == 0) break;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return error_of_errno(errno, path_, "reading");
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    std::string out(length, '\0');
    for (std::size_t done = 0; done < out.size();) {
      const ssize_t n = ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return error_of_errno(errno, path_, "reading");
      if (n == 0)
        return Error{
            ErrorKind::conflict, fmt::format("{}: the file became shorter while it was read", path_.string()), {}, {}};
      done += static_cast<std::size_t>(n);
    }
    return out;
  }

 private:
  Fd fd_;
  fs::path path_;
};

class LocalStore final : public ObjectStore {
 public:
  LocalStore(fs::path root, Fd fd) : root_(std::move(root)), root_fd_(std::move(fd)) {}

  Result<Listing> list(std::string_view folder) override {
    Listing out;
    if (!folder.empty()) MR_CHECK(check_local_key(folder.substr(0, folder.size() - (folder.ends_with('/') ? 1 : 0))));
    MR_CHECK(list_into(std::string(folder), out));
    std::sort(out.objects.begin(), out.objects.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return out;
  }

  Result<std::unique_ptr<ObjectReader>> open(const ObjectInfo& object) override {
    MR_TRY(Fd fd, open_below(object.key, O_RDONLY));
    MR_TRY(const ObjectInfo now, info_of(fd.get(), object.key));
    if (now.version != object.version) return changed(object.key);
    return std::unique_ptr<ObjectReader>(std::make_unique<LocalReader>(std::move(fd), root_ / object.key));
  }

  Result<std::optional<ObjectInfo>> head(std::string_view key) override {
    auto fd = open_below(std::string(key), O_RDONLY);
    if (!fd && fd.error().kind == ErrorKind::not_found) return std::optional<ObjectInfo>{};
    if (!fd) return std::move(fd).error();
    MR_TRY(ObjectInfo info, info_of(fd->get(), std::string(key)));
    return std::optional<ObjectInfo>(std::move(info));
  }

  std::optional<bool> being_written(const ObjectInfo& object) override {
    // The kernel grants a read lease only while nobody has the file open for writing (fcntl(2)).
    const auto fd = open_below(object.key, O_RDONLY);
    if (!fd) return std::nullopt;
    if (::fcntl(fd->get(), F_SETLEASE, F_RDLCK) == 0) {
      ::fcntl(fd->get(), F_SETLEASE, F_UNLCK);
      return false;
    }
    if (errno == EAGAIN) return true;
    return std::nullopt;  // not ours, or a file system without leases
  }

  Status move(const ObjectInfo& object, std::string_view to, const Provenance&) override {
    MR_CHECK(check_local_key(to));
    const fs::path from_path = root_ / object.key, to_path = root_ / to;
    MR_TRY(const auto source, head(object.key));
    MR_TRY(const auto target, head(to));
    if (!source && target) return ok();  // finished before a crash
    if (!source) return Error{ErrorKind::not_found, from_path.string() + ": is gone", {}, {}};
    if (target && is_same_file(from_path, to_path)) return remove_source(from_path);  // crashed half way
    if (source->version != object.version) return changed(object.key);
    if (target) {
      MR_TRY(const bool equal, same_bytes(*source, *target));
      if (!equal)
        return Error{ErrorKind::invalid_input,
                     fmt::format("{}: other bytes are archived under this name", to_path.string()),
                     "move the archived file away, then load again",
                     {}};
      return remove_source(from_path);
    }
    MR_CHECK(folder_for(to));
    MR_FAILPOINT("lake.move.before_link");
    MR_TRY(const bool linked, link_or_copy(from_path, to_path));
    MR_CHECK(sync_folder(to_path.parent_path()));
    MR_CHECK(verify_moved(object, to, linked));
    MR_FAILPOINT("lake.move.before_unlink");
    if (linked && !is_same_file(from_path, to_path)) return ok();  // replaced since: the new file is listed again
    return remove_source(from_path);
  }

  Status put(std::string_view key, std::string_view bytes) override {
    MR_CHECK(folder_for(key));
    MR_FAILPOINT("lake.put.before");
    return write_file_atomically(root_ / key, bytes);
  }

  Status put_file(std::string_view key, const fs::path& file, const Provenance&) override {
    MR_CHECK(folder_for(key));
    const fs::path to = root_ / key;
    MR_FAILPOINT("lake.put_file.before");
    MR_CHECK(copy_durably(file, to, Existing::replace));
    return sync_folder(to.parent_path());
  }

  Status remove(const ObjectInfo& object) override {
    MR_TRY(const auto now, head(object.key));
    if (!now) return ok();
    if (now->version != object.version) return changed(object.key);
    MR_FAILPOINT("lake.remove.before");
    return remove_source(root_ / object.key);
  }

  std::string url_of(std::string_view key) const override { return (root_ / key).string(); }

 private:
  /// Makes the folder in which `key` stands, and sees that it is one below the root, behind no link.
  Status folder_for(std::string_view key) const {
    MR_CHECK(check_local_key(key));
    const auto slash = key.rfind('/');
    if (slash == std::string_view::npos) return ok();
    const std::string folder(key.substr(0, slash));
    // What is there must be ours before anything is made in it.
    for (std::size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
      const auto fd = open_below(folder.substr(0, end), O_RDONLY | O_DIRECTORY);
      if (!fd && !fs::exists(fs::symlink_status(root_ / folder.substr(0, end)))) break;
      if (!fd)
        return Error{ErrorKind::invalid_input,
                     fmt::format("{}: is no folder of the lake, or a link: nothing is written behind it",
                                 (root_ / folder.substr(0, end)).string()),
                     "put the object elsewhere",
                     {}};
      if (end == std::string::npos) return ok();
    }
    return make_folders(root_, folder);
  }

  /// Opens below the root and nowhere else: no "..", no link, no mount point in between.
  Result<Fd> open_below(const std::string& key, int flags) const {
    MR_CHECK(check_local_key(key));
    struct open_how how {};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const long fd = ::syscall(SYS_openat2, root_fd_.get(), key.c_str(), &how, sizeof how);
    if (fd < 0) return error_of_errno(errno, root_ / key, "opening");
    return Fd(static_cast<int>(fd));
  }

  Result<ObjectInfo> info_of(int fd, std::string key) const {
    struct stat st {};
    if (::fstat(fd, &st) != 0) return error_of_errno(errno, root_ / key, "looking at");
    if (!S_ISREG(st.st_mode))
      return Error{ErrorKind::not_found, (root_ / key).string() + ": is no regular file", {}, {}};
    return info_of_stat(st, std::move(key));
  }

  /// Somebody may have replaced or written to the source between the look and the link or copy.
  /// What was taken by mistake is given back, and only while its bytes still stand at the source.
  Status verify_moved(const ObjectInfo& object, std::string_view to, bool linked) {
    MR_TRY(const auto witness, head(linked ? to : std::string_view(object.key)));
    if (witness && witness->version == object.version) return ok();
    if (!linked || is_same_file(root_ / object.key, root_ / to)) MR_CHECK(remove_source(root_ / to));
    return changed(object.key);
  }

  Error changed(const std::string& key) const {
    return {ErrorKind::conflict,
            fmt::format("{}: the file changed after it was listed", (root_ / key).string()),
            "it is listed again at the next look",
            {}};
  }

  Status list_into(const std::string& folder, Listing& out) const {
    std::error_code ec;
    fs::directory_iterator it(root_ / folder, ec), end;
    if (ec == std::errc::no_such_file_or_directory) return ok();
    for (; !ec && it != end; it.increment(ec)) {
      const std::string name = it->path().filename().string();
      const std::string key = folder.empty() || folder.ends_with('/') ? folder + name : folder + "/" + name;
      MR_CHECK(list_entry(*it, name, key, out));
    }
    if (ec) return error_of_errno(ec.value(), root_ / folder, "listing");
    return ok();
  }

  Status list_entry(const fs::directory_entry& entry, const std::string& name, const std::string& key,
                    Listing& out) const {
    struct stat st {};
    if (::lstat(entry.path().c_str(), &st) != 0) return ok();  // gone since the listing
    if (const auto reason = reason_to_ignore(name); !reason.empty()) {
      out.ignored.push_back({key, std::string(reason)});
    } else if (S_ISDIR(st.st_mode)) {
      return list_into(key, out);
    } else if (!S_ISREG(st.st_mode)) {
      out.ignored.push_back({key, S_ISLNK(st.st_mode) ? "symbolic link" : "no regular file"});
    } else {
      out.objects.push_back(info_of_stat(st, key));
    }
    return ok();
  }

  Result<bool> same_bytes(const ObjectInfo& a, const ObjectInfo& b) {
    if (a.size_bytes != b.size_bytes) return false;
    MR_TRY(const std::string left, digest_of(*this, a));
    MR_TRY(const std::string right, digest_of(*this, b));
    return left == right;
  }

  fs::path root_;
  Fd root_fd_;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> open_local_store(const fs::path& root) {
  Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    Error e = error_of_errno(errno, root, "opening the lake");
    if (e.kind == ErrorKind::not_found) e.hint = "create the folder, or correct lake.url in millrace.yaml";
    return e;
  }
  return std::unique_ptr<ObjectStore>(std::make_unique<LocalStore>(root, std::move(fd)));
}

}  // namespace millrace::lake
