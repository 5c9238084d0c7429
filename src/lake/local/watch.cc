#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "lake/local/local_store.h"

namespace millrace::lake {
namespace {

namespace fs = std::filesystem;

class InotifyHint final : public ChangeHint {
 public:
  explicit InotifyHint(std::vector<fs::path> folders)
      : folders_(std::move(folders)),
        inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    watch_all();
  }

  bool wait(std::chrono::milliseconds most) override {
    std::array<pollfd, 2> fds{{{wake_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), static_cast<int>(most.count())) <= 0) return false;
    drain(wake_.get());
    if (drain(inotify_.get())) watch_all();  // a new subfolder wants its own watch
    return true;
  }

  void wake() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof one);
  }

 private:
  void watch_all() {
    for (const fs::path& folder : folders_) {
      add(folder);
      std::error_code ec;
      for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
        if (it->is_directory(ec) && !it->is_symlink(ec)) add(it->path());
    }
  }

  void add(const fs::path& folder) {
    // Fails where the limit of watches is reached: the sweep finds the files all the same.
    ::inotify_add_watch(inotify_.get(), folder.c_str(),
                        IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR | IN_DONT_FOLLOW);
  }

  static bool drain(int fd) {
    std::array<char, 65536> buffer;
    bool any = false;
    while (::read(fd, buffer.data(), buffer.size()) > 0) any = true;
    return any;
  }

  std::vector<fs::path> folders_;
  Fd inotify_, wake_;
};

}  // namespace

std::unique_ptr<ChangeHint> watch_local_folders(std::vector<fs::path> folders) {
  return std::make_unique<InotifyHint>(std::move(folders));
}

}  // namespace millrace::lake
