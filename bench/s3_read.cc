// s3_read ENDPOINT BUCKET KEY [FILE]: downloads one object as the loader does, and throws the bytes away, or writes
// them to FILE. Prints bytes and seconds. Credentials: the usual chain.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <vector>

#include "base/files.h"
#include "lake/s3/s3_store.h"
#include "net/curl_transport.h"

namespace millrace {
namespace {

Status write_all(int fd, std::span<const char> bytes, const char* file) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) return error_of_errno(errno, file, "writing");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ok();
}

Status run(const char* endpoint, const std::string& bucket, const char* key, const char* file) {
  MR_TRY(const auto transport, net::make_curl_transport({}));
  const auto credentials =
      lake::s3::default_chain(lake::s3::surroundings_of_this_machine(*transport, system_clock()), {});
  net::RetryBudget budget;
  lake::S3Options options;
  options.url = "s3://" + bucket;
  options.endpoint.endpoint = endpoint;
  options.parts = {transport.get(), credentials.get(), &system_clock(), &net::thread_sleeper(), &budget};
  MR_TRY(const auto store, lake::open_s3_store(options));
  Fd out;
  if (file != nullptr) {
    out = Fd(::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out.valid()) return error_of_errno(errno, file, "creating");
  }
  const auto start = std::chrono::steady_clock::now();
  MR_TRY(const auto info, store->head(key));
  if (!info) return Error{ErrorKind::not_found, fmt::format("{} is not there", store->url_of(key)), {}, {}};
  MR_TRY(const auto reader, store->open(*info));
  std::vector<char> buffer(1 << 20);
  std::uint64_t bytes = 0;
  for (;;) {
    MR_TRY(const std::size_t n, reader->read(buffer));
    if (n == 0) break;
    bytes += n;
    if (out.valid()) MR_CHECK(write_all(out.get(), {buffer.data(), n}, file));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{} {:.3f}\n", bytes, took.count());
  return ok();
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    fmt::print(stderr, "usage: s3_read ENDPOINT BUCKET KEY [FILE]\n");
    return 2;
  }
  const auto done = millrace::run(argv[1], argv[2], argv[3], argc == 5 ? argv[4] : nullptr);
  if (done) return 0;
  fmt::print(stderr, "s3_read: {}\n", done.error().message);
  return 1;
}
