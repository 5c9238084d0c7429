#include "lake/ndjson/ndjson_cursor.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "base/utf8.h"
#include "base/words.h"

namespace millrace::lake::ndjson {

using Fault = JsonLine::Fault;

const char* line_end_of(const char* p, const char* end) {
  const auto find = [&](char c, const char* to) {
    const auto* at = static_cast<const char*>(std::memchr(p, c, static_cast<std::size_t>(to - p)));
    return at != nullptr ? at : to;
  };
  return find('\r', find('\n', end));
}

bool NdjsonFile::may_be_column(std::string_view key) const {
  return !key.empty() && !key.starts_with("_mr_") && shape.new_columns.size() < most_keys &&
         !taken.contains(to_lower_ascii(key));
}

void NdjsonFile::say(RejectCode code, const std::string& column, std::string reason) {
  constexpr std::size_t kMostWords = 1000;
  {
    const std::lock_guard lock(mutex_);
    if (said_.size() >= kMostWords || !said_.emplace(code, column).second) return;
  }
  Findings words(most_flags);
  words.add_warning(code, 0, column, std::move(reason));
  tally.hand_in(words);
}

NdjsonCursor::NdjsonCursor(NdjsonFile& file)
    : BlockCursor(file), file_(file), fields_(file.shape.width()), seen_(file.shape.width()) {}

Result<std::size_t> NdjsonCursor::read(const csv::Block& block, std::span<ColumnBuffer> out) {
  json_.clear();
  text_ = at_ = block.bytes.data();
  end_ = at_ + block.bytes.size();
  offset_ = block.offset;
  line_ = block.first_line;
  clean_ = simdjson::validate_utf8(at_, block.bytes.size());
  std::size_t rows = 0;
  while (at_ != end_) {
    const Taken taken = take_line(out, rows);
    if (taken == Taken::refused) return Error{ErrorKind::contract_violation, file_.tally.file_reject()->reason, {}, {}};
    rows += taken == Taken::row ? 1 : 0;
  }
  return rows;
}

NdjsonCursor::Taken NdjsonCursor::take_line(std::span<ColumnBuffer> out, std::size_t row) {
  const char* const text_end = line_end_of(at_, end_);
  const bool crlf = text_end < end_ && *text_end == '\r' && text_end + 1 < end_ && text_end[1] == '\n';
  const char* const behind = text_end + (text_end == end_ ? 0 : crlf ? 2 : 1);
  const std::string_view text(at_, static_cast<std::size_t>(text_end - at_));
  const Place place{line_, offset_ + static_cast<std::uint64_t>(at_ - text_), static_cast<std::uint64_t>(behind - at_)};
  if (behind != text_end) line_ends_ |= crlf ? kCrLf : *text_end == '\n' ? kLf : kCr;
  at_ = behind;
  ++line_;
  if (text.empty()) {
    findings_.add_blank_line(place.length);
    return Taken::none;
  }
  if (auto fault = read_line(text)) {
    if (fault->code == RejectCode::extra_column) {
      file_.tally.refuse({fault->code, fmt::format("line {}: {}", place.line, fault->reason)});
      return Taken::refused;
    }
    rows_.reject(place, text, fault->code, std::move(fault->reason));
    return Taken::none;
  }
  return rows_.write(fields_, place, text, out, row) ? Taken::row : Taken::none;
}

std::optional<Fault> NdjsonCursor::read_line(std::string_view text) {
  if (!clean_)
    if (const auto bad = utf8::first_bad_byte(text); bad != std::string_view::npos)
      return Fault{RejectCode::bad_utf8, fmt::format("byte {} of the record, 0x{:02x}, is not UTF-8", bad + 1,
                                                     static_cast<unsigned char>(text[bad]))};
  if (auto fault = json_.parse(text)) {
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
      return Fault{RejectCode::nul_byte, fmt::format("byte {} of the record is NUL", nul + 1)};
    return fault;
  }
  return place_members();
}

/// The members of the line to the fields of the row.
std::optional<Fault> NdjsonCursor::place_members() {
  if (json_.members().size() > file_.most_keys)
    return Fault{RejectCode::bad_json,
                 fmt::format("found {} keys, expected up to {}", json_.members().size(), file_.most_keys)};
  std::fill(fields_.begin(), fields_.end(), FieldText{});
  std::fill(seen_.begin(), seen_.end(), false);
  unknown_.clear();
  std::optional<Fault> fault;
  for (const Member& member : json_.members()) {
    const auto it = file_.target_of.find(member.key);
    if (it == file_.target_of.end()) {
      unknown_.push_back(member.key);
      if (!fault) fault = settle_unknown(member);
      continue;
    }
    const auto [column, alias] = it->second;
    if (seen_[column])
      return Fault{RejectCode::bad_json, fmt::format("the object names \"{}\" twice", printable(member.key, 60))};
    seen_[column] = true;
    fields_[column] = member.value;
    if (alias && told_.emplace(member.key).second)
      file_.say(RejectCode::renamed_column, file_.shape.contract->columns[column].name,
                fmt::format("the file calls it \"{}\"", printable(member.key, 60)));
  }
  if (auto twice = find_twice()) return twice;
  return fault;
}

std::optional<Fault> NdjsonCursor::find_twice() {
  if (unknown_.size() < 2) return std::nullopt;
  std::sort(unknown_.begin(), unknown_.end());
  const auto twice = std::adjacent_find(unknown_.begin(), unknown_.end());
  if (twice == unknown_.end()) return std::nullopt;
  return Fault{RejectCode::bad_json, fmt::format("the object names \"{}\" twice", printable(*twice, 60))};
}

/// A key that the contract does not know, by the policy on columns.
std::optional<Fault> NdjsonCursor::settle_unknown(const Member& member) {
  const std::string key = printable(member.key, 60);
  switch (file_.shape.policy.columns) {
    case SchemaMode::freeze: {
      std::vector<std::string> names;
      for (const ColumnContract& c : file_.shape.contract->columns) names.push_back(c.name);
      const std::string near = nearest(member.key, names);
      return Fault{RejectCode::extra_column, fmt::format("found key \"{}\", which the contract does not know{}", key,
                                                         near.empty() ? "" : fmt::format(" (it knows \"{}\")", near))};
    }
    case SchemaMode::discard_row:
      if (member.value.text.data() == nullptr) return std::nullopt;
      return Fault{RejectCode::extra_value, fmt::format("{}: found \"{}\", and the contract does not know the column",
                                                        key, printable(member.value.text, 60))};
    case SchemaMode::evolve:
      if (told_.size() < file_.most_keys && file_.may_be_column(member.key) && told_.emplace(member.key).second)
        file_.tally.need_key(member.key);
      break;
    case SchemaMode::discard_value: break;
  }
  if (told_.size() < file_.most_keys && told_.emplace(member.key).second)
    file_.say(
        RejectCode::discarded_column, key,
        file_.shape.policy.columns == SchemaMode::evolve
            ? "it can be no column: its name is empty, another's in other case, or one of millrace's own, or there are "
              "more than csv.max_columns"
            : "the contract does not know it");
  return std::nullopt;
}

}  // namespace millrace::lake::ndjson
