#include "app/sample.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/sample_defects.h"
#include "app/sample_rows.h"
#include "base/failpoint.h"
#include "base/files.h"
#include "base/random.h"

namespace millrace::app {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kRecentIds = 1024;  // a duplicate's original is at most about so many rows away

Error refused(std::string message, std::string hint) {
  return {ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
}

Status check_options(const SampleOptions& o) {
  if (o.rows < 0) {
    return refused(fmt::format("sample --rows: found {}, expected 0 or more", o.rows),
                   "write the number of orders over all files together, as in --rows 1000");
  }
  if (o.files < 1) {
    return refused(fmt::format("sample --files: found {}, expected 1 or more", o.files),
                   "write --files 1 for a single file");
  }
  if (o.rows > 0 && o.files > o.rows) {
    return refused(
        fmt::format("sample --files: found {}, expected at most one per row, and --rows is {}", o.files, o.rows),
        "lower --files or raise --rows");
  }
  if (!(o.defect_rate >= 0.0 && o.defect_rate <= 1.0)) {  // so that not-a-number is refused too
    return refused(fmt::format("sample --defects: found {}, expected a share from 0 to 1", o.defect_rate),
                   "write 0.01 for one broken row in a hundred");
  }
  if (o.prefix.empty() || o.prefix.front() == '.' || o.prefix.find('/') != std::string::npos) {
    return refused(fmt::format("sample: the file name prefix is \"{}\", expected a visible name without '/'", o.prefix),
                   "write a name such as orders, and give the folder apart from it");
  }
  std::error_code ec;
  if (!std::filesystem::is_directory(o.folder, ec)) {
    return Error{ErrorKind::not_found,
                 fmt::format("sample: {} is no folder, expected one to write into", o.folder.string()),
                 "make the folder, or name another",
                 {}};
  }
  return ok();
}

/// One file under a hidden name, which it loses when it is whole. Unfinished, it is removed.
class HiddenFile {
 public:
  HiddenFile(const std::filesystem::path& folder, const std::string& name)
      : hidden_(folder / ("." + name + ".millrace-new")), final_(folder / name) {}
  ~HiddenFile() {
    if (made_) ::unlink(hidden_.c_str());
  }
  HiddenFile(const HiddenFile&) = delete;
  HiddenFile& operator=(const HiddenFile&) = delete;

  Status create() {
    fd_ = Fd(::open(hidden_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd_.valid()) return error_of_errno(errno, hidden_, "creating");
    made_ = true;
    return ok();
  }
  Status write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(fd_.get(), text.data(), text.size());
      if (n < 0) {
        if (errno == EINTR) continue;
        return error_of_errno(errno, hidden_, "writing");
      }
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return ok();
  }
  Status publish() {
    if (::close(fd_.release()) != 0) return error_of_errno(errno, hidden_, "closing");
    MR_FAILPOINT("sample.rename.before");
    if (::rename(hidden_.c_str(), final_.c_str()) != 0) return error_of_errno(errno, hidden_, "renaming");
    made_ = false;
    return ok();
  }

 private:
  std::filesystem::path hidden_, final_;
  Fd fd_;
  bool made_ = false;
};

/// Turns the options into lines, from the first row of the first file to the last of the last.
class Lines {
 public:
  explicit Lines(const SampleOptions& o)
      : orders_(o.rows, o.seed),
        defective_(o.defect_rate > 0),
        random_(Random(~o.seed).next()),
        plan_(o.rows, o.defect_rate, random_.next()) {}

  void append_next(std::string& out) {
    const std::int64_t place = place_++;
    const auto defect = defective_ ? plan_.next(ids_ > 0) : std::nullopt;
    if (!defect) {
      const SampleOrder order = orders_.at(place);
      append_order(out, order);
      if (defective_) remember(order.order_id);
    } else {
      ++counts_[static_cast<std::size_t>(*defect)];
      const std::int64_t earlier = *defect == Defect::duplicate_order_id ? recall() : 0;
      append_broken(out, *defect, orders_, place, earlier, random_);
      if (keeps_order_id(*defect)) remember(orders_.at(place).order_id);
    }
    out += '\n';
  }

  std::map<std::string, std::int64_t> defects() const {
    std::map<std::string, std::int64_t> named;
    for (const Defect d : all_defects()) {
      if (const auto n = counts_[static_cast<std::size_t>(d)]; n > 0) named.emplace(name_of(d), n);
    }
    return named;
  }

 private:
  void remember(std::int64_t id) { recent_[ids_++ % kRecentIds] = id; }
  std::int64_t recall() { return recent_[random_.below(ids_ < kRecentIds ? ids_ : kRecentIds)]; }

  SampleOrders orders_;
  bool defective_;
  Random random_;
  DefectPlan plan_;
  std::int64_t place_ = 0;
  std::array<std::int64_t, kRecentIds> recent_{};
  std::size_t ids_ = 0;  // remembered so far, the forgotten ones too
  std::array<std::int64_t, kDefects> counts_{};
};

Status write_one(const SampleOptions& o, const std::string& name, std::int64_t rows, Lines* lines,
                 SampleReport& report) {
  HiddenFile file(o.folder, name);
  MR_CHECK(file.create());
  std::string buffer;
  buffer.reserve(kBufferBytes + 1024);
  buffer += kSampleHeader;
  buffer += '\n';
  for (std::int64_t i = 0; i < rows; ++i) {
    lines->append_next(buffer);
    if (buffer.size() < kBufferBytes) continue;
    report.bytes += buffer.size();
    MR_CHECK(file.write(buffer));
    buffer.clear();
  }
  report.bytes += buffer.size();
  MR_CHECK(file.write(buffer));
  MR_CHECK(file.publish());
  report.files.push_back(name);
  report.rows += rows;
  return ok();
}

}  // namespace

Result<SampleReport> write_sample(const SampleOptions& options) {
  MR_CHECK(check_options(options));
  SampleReport report;
  std::optional<Lines> lines;
  if (options.rows > 0) lines.emplace(options);
  const std::size_t width = std::max<std::size_t>(4, std::to_string(options.files).size());  // names sort as rows do
  for (int i = 0; i < options.files; ++i) {
    // The first rows % files files hold one row more.
    const std::int64_t rows = options.rows / options.files + (i < options.rows % options.files ? 1 : 0);
    const std::string name = fmt::format("{}-{:0{}}.csv", options.prefix, i + 1, width);
    if (auto s = write_one(options, name, rows, lines ? &*lines : nullptr, report); !s) {
      return std::move(s).error().within(fmt::format("writing sample file {} of {}", i + 1, options.files));
    }
  }
  if (lines) report.defects = lines->defects();
  return report;
}

}  // namespace millrace::app
