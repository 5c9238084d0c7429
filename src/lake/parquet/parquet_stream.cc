#include "lake/parquet/parquet_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/words.h"
#include "lake/child_process.h"
#include "lake/plain_stream.h"

namespace millrace::lake::parquet {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kMostNamesBytes = 1 << 20;

Error error_of(const FileReject& reject) {
  return {ErrorKind::contract_violation, reject.reason, std::string(meaning_of(reject.code).hint), {}};
}

FileReject unreadable(std::string reason) { return {RejectCode::unreadable_file, std::move(reason)}; }

/// A file without a name: it is gone when nobody has it open any more, also after a crash.
Result<Fd> nameless_file(const std::filesystem::path& folder) {
  Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.valid()) return fd;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT) return error_of_errno(errno, folder, "a copy in");
  std::string name = (folder / ".millrace-copy-XXXXXX").string();  // a file system without O_TMPFILE
  fd = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) return error_of_errno(errno, folder, "a copy in");
  ::unlink(name.c_str());
  return fd;
}

Status write_all(const Fd& fd, std::span<const char> bytes, const std::filesystem::path& folder) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_of_errno(errno, folder, "a copy in");
    done += static_cast<std::size_t>(n);
  }
  return ok();
}

struct Copy {
  Fd file;
  StreamFacts facts;
  std::string head;
};

Result<Copy> copy_of(std::unique_ptr<ObjectReader> object, const std::filesystem::path& folder) {
  MR_FAILPOINT("lake.copy.before");
  Copy copy;
  MR_TRY(copy.file, nameless_file(folder));
  const auto bytes = plain_stream(std::move(object));
  std::vector<char> piece(kPieceBytes);
  while (true) {
    MR_TRY(const std::size_t n, bytes->read(piece));
    if (copy.head.empty()) copy.head.assign(piece.data(), std::min<std::size_t>(n, 4));
    MR_CHECK(write_all(copy.file, {piece.data(), n}, folder));
    if (n < piece.size()) break;
  }
  copy.facts = bytes->facts();
  copy.facts.codec = "parquet";
  return copy;
}

/// No bytes, no text.
class NoText final : public ByteStream {
 public:
  explicit NoText(StreamFacts facts) : facts_(std::move(facts)) {}
  Result<std::size_t> read(std::span<char> /*into*/) override { return 0; }
  [[nodiscard]] const std::optional<FileReject>& reject() const override { return reject_; }
  StreamFacts facts() override { return facts_; }

 private:
  StreamFacts facts_;
  std::optional<FileReject> reject_;
};

class ParquetStream final : public ByteStream {
 public:
  ParquetStream(ChildProcess child, StreamFacts facts, std::uint64_t max_bytes)
      : child_(std::move(child)), facts_(std::move(facts)), max_bytes_(max_bytes) {}

  /// The line before the text. Errors: as read().
  Result<std::string> read_names() {
    std::string line;
    while (line.size() < kMostNamesBytes) {
      std::array<char, 1> c{};
      MR_TRY(const std::size_t n, read(c));
      if (n == 0 || c[0] == '\n') {
        bytes_ = 0;
        return line;
      }
      line += c[0];
    }
    return refuse(unreadable("the names of its columns are too long"));
  }

  Result<std::size_t> read(std::span<char> into) override {
    if (reject_) return error_of(*reject_);
    if (ended_) return 0;
    auto n = child_.read(into);
    if (!n && n.error().kind == ErrorKind::deadline_exceeded) return refuse(unreadable(n.error().message));
    if (!n) return n;
    bytes_ += *n;
    if (bytes_ > max_bytes_)
      return refuse(
          {RejectCode::too_large_unpacked, fmt::format("it becomes more than {} of text", bytes_in_words(max_bytes_))});
    if (*n == into.size()) return n;
    ended_ = true;
    // The bytes so far count only when the child says that they are all.
    if (std::string complaint = child_.wait(); !complaint.empty()) return refuse(unreadable(std::move(complaint)));
    return n;
  }
  [[nodiscard]] const std::optional<FileReject>& reject() const override { return reject_; }
  StreamFacts facts() override { return facts_; }

 private:
  Error refuse(FileReject reject) {
    reject_ = std::move(reject);
    return error_of(*reject_);
  }

  ChildProcess child_;
  StreamFacts facts_;
  std::uint64_t max_bytes_, bytes_ = 0;
  bool ended_ = false;
  std::optional<FileReject> reject_;
};

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find('\x1f', at), names.size());
    out.push_back(names.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

Result<std::variant<ParquetText, FileReject>> open_parquet(std::unique_ptr<ObjectReader> object,
                                                           const ParquetOptions& options) {
  using Opened = std::variant<ParquetText, FileReject>;
  if (options.reader.empty()) return Error{ErrorKind::unsupported, "no reader of Parquet files is known", {}, {}};
  const auto folder = options.scratch.empty() ? std::filesystem::temp_directory_path() : options.scratch;
  MR_TRY(Copy copy, copy_of(std::move(object), folder));
  if (copy.facts.stored_bytes == 0) return Opened(ParquetText{std::make_unique<NoText>(copy.facts), {}});
  if (copy.head != "PAR1")
    return Opened(FileReject{RejectCode::not_csv,
                             fmt::format("found \"{}\" at the begin, expected a Parquet file", printable(copy.head))});
  std::vector<std::string> words = options.reader;
  words.push_back(std::to_string(::getpid()));
  MR_TRY(ChildProcess child, ChildProcess::start(words, copy.file, kFileDescriptor, options.patience));
  auto stream = std::make_unique<ParquetStream>(std::move(child), std::move(copy.facts), options.max_text_bytes);
  auto names = stream->read_names();
  if (!names && stream->reject()) return Opened(*stream->reject());
  if (!names) return std::move(names).error();
  return Opened(ParquetText{std::move(stream), split(*names)});
}

}  // namespace millrace::lake::parquet
