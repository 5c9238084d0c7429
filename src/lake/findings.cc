#include "lake/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/words.h"

namespace millrace::lake {

bool take_late_columns(const LateColumns& found, LateColumns& known) {
  const auto add = [](const auto& from, auto& to) {
    const std::size_t before = to.size();
    for (const auto& one : from)
      if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
    return to.size() > before;
  };
  const bool keys = add(found.keys, known.keys);
  return add(found.variants, known.variants) || keys;
}
namespace {

bool by_line(const Reject& a, const Reject& b) { return a.line < b.line; }

}  // namespace

void Findings::add_reject(const Place& place, std::string_view raw, RejectCode code, std::string column,
                          std::string reason) {
  rejects.push_back(
      {place.line, place.offset, place.length, code, std::move(column), std::move(reason), std::string(raw)});
}

void Findings::add_flag(const Place& place, RejectCode code, std::string_view column,
                        const std::function<std::string()>& reason) {
  ++warnings.at(static_cast<std::size_t>(code));
  if (flags.size() < most_flags_)
    flags.push_back({place.line, place.offset, place.length, code, std::string(column), reason(), {}});
}

void Findings::add_warning(RejectCode code, std::int64_t line, std::string column, std::string reason) {
  ++warnings.at(static_cast<std::size_t>(code));
  flags.push_back({line, 0, 0, code, std::move(column), std::move(reason), {}});
}

void Tally::hand_in(Findings& findings) {
  const std::lock_guard lock(mutex_);
  facts_.records += std::exchange(findings.records, 0);
  facts_.loaded += std::exchange(findings.loaded, 0);
  facts_.flagged += std::exchange(findings.flagged, 0);
  facts_.blank_lines += std::exchange(findings.blank_lines, 0);
  facts_.record_bytes += std::exchange(findings.record_bytes, 0);
  facts_.blank_bytes += std::exchange(findings.blank_bytes, 0);
  for (std::size_t code = 0; code < findings.warnings.size(); ++code)
    if (findings.warnings[code] > 0)
      facts_.warnings[static_cast<RejectCode>(code)] += std::exchange(findings.warnings[code], 0);
  for (Reject& r : findings.rejects) {
    if (!first_ || r.line < first_->line) first_ = r;
    too_many_ = too_many_ || rejects_.size() >= limits_.most_rejects || reject_bytes_ >= limits_.most_reject_bytes;
    if (too_many_) continue;
    reject_bytes_ += r.raw.size() + r.reason.size();
    rejects_.push_back(std::move(r));
  }
  findings.rejects.clear();
  std::move(findings.flags.begin(), findings.flags.end(), std::back_inserter(flags_));
  findings.flags.clear();
  if (flags_.size() > 2 * limits_.most_flags) {  // those of the first lines, whichever cursor was quicker
    std::sort(flags_.begin(), flags_.end(), by_line);
    flags_.resize(limits_.most_flags);
  }
}

void Tally::refuse(FileReject reject) {
  const std::lock_guard lock(mutex_);
  if (!file_reject_) file_reject_ = std::move(reject);
}

bool Tally::refused() const {
  const std::lock_guard lock(mutex_);
  return file_reject_.has_value();
}

bool Tally::any_records() const {
  const std::lock_guard lock(mutex_);
  return facts_.records > 0;
}

void Tally::need_key(std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (std::find(late_.keys.begin(), late_.keys.end(), key) == late_.keys.end()) late_.keys.emplace_back(key);
}

void Tally::need_variant(std::size_t column) {
  const std::lock_guard lock(mutex_);
  if (std::find(late_.variants.begin(), late_.variants.end(), column) == late_.variants.end())
    late_.variants.push_back(column);
}

LateColumns Tally::late_columns() const {
  const std::lock_guard lock(mutex_);
  LateColumns out = late_;
  std::sort(out.keys.begin(), out.keys.end());  // whichever cursor was quicker
  std::sort(out.variants.begin(), out.variants.end());
  return out;
}

std::vector<Reject> Tally::take_rejects() {
  const std::lock_guard lock(mutex_);
  auto out = std::exchange(rejects_, {});
  std::sort(out.begin(), out.end(), by_line);
  return out;
}

std::vector<Reject> Tally::take_flags() {
  const std::lock_guard lock(mutex_);
  auto out = std::exchange(flags_, {});
  std::stable_sort(out.begin(), out.end(), by_line);
  if (out.size() > limits_.most_flags) out.resize(limits_.most_flags);
  return out;
}

Result<FileFacts> Tally::facts(const StreamFacts& stream, std::uint64_t text_bytes, std::uint64_t header_bytes) {
  const std::lock_guard lock(mutex_);
  if (!late_.empty()) return Error{ErrorKind::cancelled, "the file needs more columns", {}, {}};
  FileFacts f = facts_;
  f.stored_bytes = stream.stored_bytes;
  f.sha256 = stream.sha256;
  f.codec = stream.codec;
  f.bytes = text_bytes;
  f.header_bytes = header_bytes;
  f.rejected = f.records - f.loaded;
  if (f.bytes != f.header_bytes + f.record_bytes + f.blank_bytes)
    return Error{ErrorKind::internal,
                 fmt::format("of {} bytes, {} are header, {} records and {} blank: they do not add up", f.bytes,
                             f.header_bytes, f.record_bytes, f.blank_bytes),
                 {},
                 {}};
  if (too_many_) {
    file_reject_ = FileReject{
        RejectCode::too_many_rejects,
        fmt::format("{} of {} broken, and at most {} are kept; the first is line {}: {}", with_thousands(f.rejected),
                    counted(f.records, "record"), with_thousands(static_cast<std::int64_t>(limits_.most_rejects)),
                    first_->line, first_->reason)};
    return Error{ErrorKind::contract_violation, file_reject_->reason, {}, {}};
  }
  return f;
}

}  // namespace millrace::lake
