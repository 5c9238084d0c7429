// lake cat: the bytes of an object.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "app/commands/lake_commands.h"
#include "app/progress_bar.h"
#include "base/files.h"
#include "lake/codec/open_stream.h"
#include "lake/landed.h"

namespace millrace::app {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

Status write_out(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) {
      // `lake cat KEY | head`: the reader has had enough. End as Unix tools do, without a word.
      ::signal(SIGPIPE, SIG_DFL);
      ::raise(SIGPIPE);
    }
    if (n < 0) return error_of_errno(errno, "stdout", "writing");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ok();
}

/// `stream` has read(): an object, or its text.
template <class Stream>
Status copy_out(Stream& stream, const std::string& key, std::uint64_t of) {
  // The bar would stand between the lines where both go to one terminal.
  ProgressBar bar(stderr, "cat  " + shown_key(key), ::isatty(STDOUT_FILENO) == 1 ? 0 : of);
  std::vector<char> piece(kPieceBytes);
  for (std::uint64_t done = 0;;) {
    MR_TRY(const std::size_t n, stream.read(piece));
    MR_CHECK(write_out(std::span(piece).first(n)));
    bar.at(done += n);
    if (n < piece.size()) return ok();
  }
}

}  // namespace

int run_lake_cat(const CommonOptions& common, const LakeArguments& a) {
  return with_lake(common, [&](const Config&, lake::ObjectStore& store) -> Result<int> {
    const std::string& key = a.keys.front();
    MR_TRY(const lake::ObjectInfo object, object_called(store, key));
    if (a.raw) {
      MR_TRY(const auto reader, store.open(object));
      MR_CHECK(copy_out(*reader, key, object.size_bytes));
      return 0;
    }
    MR_TRY(auto reader, lake::open_landed(store, object));
    lake::DecodeOptions how;  // whoever asks for the bytes gets them all
    how.limits = {std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint64_t>::max()};
    MR_TRY(const auto text, lake::open_stream(std::move(reader), how));
    MR_CHECK(copy_out(*text, key, 0));
    return 0;
  });
}

}  // namespace millrace::app
