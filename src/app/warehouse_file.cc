#include "app/warehouse_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/words.h"
#include "warehouse/duckdb/database.h"
#include "warehouse/duckdb/errors.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

// Beside the file itself; the last two live during a checkpoint only.
constexpr std::array<std::string_view, 3> kLogs{".wal", ".wal.checkpoint", ".wal.recovery"};

fs::path with_ending(const fs::path& path, std::string_view ending) { return path.string() + std::string(ending); }

/// The engine's limit covers its own buffers; the other half is for the reader, the server and the kernel's cache.
std::uint64_t memory_limit_of(const Config& config) {
  return config.memory_limit_bytes ? *config.memory_limit_bytes : usable_memory_bytes() / 2;
}

warehouse::duckdb::Options options_of(const Config& config) {
  warehouse::duckdb::Options options{config.warehouse.string(), config.threads};
  if (const std::uint64_t limit = memory_limit_of(config); limit > 0) options.memory_limit_bytes = limit;
  return options;
}

Error explained(const Config& config, Error e) {
  if (e.kind != ErrorKind::conflict) return e;
  e.message = fmt::format("{} is open in another process: {}", config.warehouse.string(), e.message);
  e.hint =
      "a running `millrace up` loads, builds and serves by itself: drop files into its landing folder, or stop it "
      "first";
  return e;
}

/// "20261122T144828Z": as part of a file name it sorts by time.
std::string stamp(const Clock& clock) {
  std::string text = to_iso8601(clock.now()).substr(0, 19) + "Z";
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

/// Renames what is there of `path`; never over another file.
Result<bool> rename_if_there(const fs::path& path, const fs::path& to) {
  MR_FAILPOINT("app.set_aside.before");
  if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == ENOENT) return false;
  return error_of_errno(errno, to, "renaming " + path.string());
}

Status set_log_aside(const Config& config, const Clock& clock, const Error& why) {
  const std::string ending = ".set-aside-" + stamp(clock);
  for (const std::string_view log : kLogs) {
    const fs::path path = with_ending(config.warehouse, log);
    MR_TRY(const bool was_there, rename_if_there(path, with_ending(path, ending)));
    if (was_there)
      log::event("log_set_aside", log::Level::warn,
                 {{"path", path.string()},
                  {"renamed_to", path.string() + ending},
                  {"reason", why.message},
                  {"todo", "nothing: what it held is loaded again from processed/; look at the disk's health"}});
  }
  return sync_folder(config.warehouse.parent_path());
}

/// A database file begins with three headers; a shorter one never held anything.
constexpr off_t kHeaderBytes = 3 * 4096;
/// As old is what somebody has left behind; a younger one is perhaps being made.
constexpr std::chrono::seconds kLeftBehind{2};

/// Did a process die, or its disk fill, while it made the file? Looks by name: a descriptor of a file that this process
/// has open as a database must never be closed, its locks would go with it.
bool is_leftover(const fs::path& path, const Clock& clock) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || file.st_size >= kHeaderBytes) return false;
  for (const std::string_view log : kLogs) {
    std::error_code none;
    if (const auto bytes = fs::file_size(with_ending(path, log), none); !none && bytes > 0) return false;
  }
  const WallTime written{std::chrono::seconds{file.st_mtim.tv_sec}};
  return std::chrono::abs(clock.now() - written) >= kLeftBehind;
}

/// Nobody else has the file open as a database. Requires: neither has this process.
bool is_free(int fd) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return ::fcntl(fd, F_SETLK, &lock) == 0;
}

/// A file without a byte is an empty warehouse; a piece of a header is set aside. The engine would refuse both for
/// ever.
Status clear_leftover(const Config& config, const Clock& clock) {
  const fs::path& path = config.warehouse;
  if (!is_leftover(path, clock)) return ok();
  const Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct stat held {};
  if (!file.valid() || !is_free(file.get()) || ::fstat(file.get(), &held) != 0 || held.st_size >= kHeaderBytes)
    return ok();
  std::string became = "removed: it held no byte";
  if (held.st_size == 0) {
    MR_FAILPOINT("app.set_aside.before");
    if (::unlink(path.c_str()) != 0) return error_of_errno(errno, path, "removing");
  } else {
    became = with_ending(path, ".set-aside-" + stamp(clock)).string();
    MR_CHECK(rename_if_there(path, became));
  }
  log::event("leftover_cleared", log::Level::warn,
             {{"path", path.string()},
              {"became", became},
              {"reason", "its first write had failed, so that it held no table"},
              {"todo", "nothing: a new one is made; files that were loaded are loaded again from processed/"}});
  return sync_folder(path.parent_path());
}

}  // namespace

Result<std::unique_ptr<warehouse::Warehouse>> open_warehouse(const Config& config, const Clock& clock) {
  MR_CHECK(clear_leftover(config, clock));
  auto opened = warehouse::duckdb::open(options_of(config));
  if (!opened && warehouse::duckdb::is_damaged_log(opened.error())) {
    MR_CHECK(set_log_aside(config, clock, opened.error()));
    opened = warehouse::duckdb::open(options_of(config));
  }
  if (!opened) return explained(config, std::move(opened).error());
  return opened;
}

Result<std::unique_ptr<warehouse::Warehouse>> open_warehouse_to_read(const Config& config) {
  warehouse::duckdb::Options options = options_of(config);
  options.read_only = true;
  auto opened = warehouse::duckdb::open(options);
  if (opened) return opened;
  Error e = explained(config, std::move(opened).error());
  if (is_leftover(config.warehouse, system_clock()))
    e.hint = "its first write had failed: the next `millrace load` or `millrace up` makes it anew";
  else if (warehouse::duckdb::is_damaged_log(e))
    e.hint = "the next `millrace load` or `millrace up` sets the log aside and loads what it held from processed/";
  return e;
}

Result<std::string> set_warehouse_aside(const Config& config, const Clock& clock) {
  if (!fs::exists(config.warehouse)) return std::string();
  // Whoever has it open holds its lock; that it opens, or is damaged, changes nothing here.
  warehouse::duckdb::Options options = options_of(config);
  options.read_only = true;
  if (auto opened = warehouse::duckdb::open(options); !opened && opened.error().kind == ErrorKind::conflict)
    return explained(config, std::move(opened).error());
  const fs::path aside = with_ending(config.warehouse, ".set-aside-" + stamp(clock));
  // Logs first: a log that stayed beside a new file would be taken for the new file's.
  for (const std::string_view log : kLogs)
    MR_CHECK(rename_if_there(with_ending(config.warehouse, log), with_ending(aside, log)));
  MR_CHECK(rename_if_there(config.warehouse, aside));
  MR_CHECK(sync_folder(config.warehouse.parent_path()));
  return aside.string();
}

Status room_for(const Config& config, std::uint64_t free_bytes, const std::string& key, std::uint64_t bytes) {
  if (config.keep_free_bytes == 0 || free_bytes >= bytes + config.keep_free_bytes) return ok();
  const std::string what = key.empty() ? "to build and publish" : "to load " + key;
  return Error{ErrorKind::unavailable,
               fmt::format("{}: too little space is left {}", config.warehouse.parent_path().string(), what),
               fmt::format("found {} free, expected at least {}: free space on this file system; a running `millrace "
                           "up` goes on by itself, and what is published is still served (warehouse.keep_free)",
                           bytes_in_words(free_bytes), bytes_in_words(bytes + config.keep_free_bytes)),
               {}};
}

}  // namespace millrace::app
