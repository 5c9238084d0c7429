#pragma once
/// \file lake/findings.h
/// What reading a file has brought to light beside its rows: counts, rejects, flags. Each cursor
/// gathers its own findings and hands them in to the file's tally.

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "contract/reject.h"
#include "lake/byte_stream.h"
#include "lake/file_source.h"

namespace millrace::lake {

/// Where a record stands in the decoded text.
struct Place {
  std::int64_t line = 0;     ///< of its first byte, 1-based, physical
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t length = 0;  ///< bytes, with the line end
};

/// Of one cursor, since it last handed in. Threads: one thread at a time.
class Findings {
 public:
  explicit Findings(std::size_t most_flags) : most_flags_(most_flags) {}

  void add_blank_line(std::uint64_t bytes) {
    ++blank_lines;
    blank_bytes += bytes;
  }
  /// A record that is not loaded; `raw`: its bytes without the line end.
  void add_reject(const Place& place, std::string_view raw, RejectCode code, std::string column, std::string reason);
  /// A word on a row that is loaded. All are counted, the first few are kept.
  void add_flag(const Place& place, RejectCode code, std::string_view column,
                const std::function<std::string()>& reason);
  /// A word on the whole file.
  void add_warning(RejectCode code, std::int64_t line, std::string column, std::string reason);

  std::int64_t records = 0, loaded = 0, blank_lines = 0;
  std::int64_t flagged = 0;  ///< rows with at least one flag
  std::uint64_t record_bytes = 0, blank_bytes = 0;
  std::array<std::int64_t, kRejectCodes> warnings{};
  std::vector<Reject> rejects, flags;

 private:
  std::size_t most_flags_;
};

struct TallyLimits {
  std::size_t most_rejects = 200'000;  ///< more are counted and not kept, and the file is refused
  std::size_t most_reject_bytes = 256 << 20;
  std::size_t most_flags = 1'000;  ///< kept with line and reason
};

/// The findings of all cursors of one file. Threads: safe to share.
class Tally {
 public:
  explicit Tally(const TallyLimits& limits) : limits_(limits) {}

  /// Takes what is in `findings` and leaves it empty.
  void hand_in(Findings& findings);
  /// Refuses the file; the first reason stays.
  void refuse(FileReject reject);
  [[nodiscard]] bool refused() const;
  [[nodiscard]] bool any_records() const;
  /// Notes what the file needs. Cost: a lock, as each value is met.
  void need_key(std::string_view key);
  void need_variant(std::size_t column);
  [[nodiscard]] LateColumns late_columns() const;

  /// The four below: when all cursors are done.
  [[nodiscard]] const std::optional<FileReject>& file_reject() const { return file_reject_; }
  std::vector<Reject> take_rejects();  ///< by line
  std::vector<Reject> take_flags();    ///< by line
  /// Errors: contract_violation where more rejects were met than are kept; internal where the bytes do not
  /// add up to `text_bytes`.
  Result<FileFacts> facts(const StreamFacts& stream, std::uint64_t text_bytes, std::uint64_t header_bytes);

 private:
  TallyLimits limits_;
  mutable std::mutex mutex_;  // guards all below
  FileFacts facts_;
  std::vector<Reject> rejects_, flags_;
  std::size_t reject_bytes_ = 0;
  bool too_many_ = false;
  std::optional<Reject> first_;  // of the rejects, by line
  std::optional<FileReject> file_reject_;
  LateColumns late_;
};

}  // namespace millrace::lake
