#include "lake/csv/column_writer.h"

#include <algorithm>
#include <cstring>

namespace millrace::lake::csv {
namespace {

/// Takes the rows out of which `gone` says so; the others close up, in their order.
void close_up(ColumnBuffer& buffer, std::size_t width, std::size_t row, const std::vector<bool>& gone) {
  auto* values = static_cast<std::byte*>(buffer.values) + row * width;
  std::size_t to = 0;
  for (std::size_t from = 0; from < gone.size();) {
    if (gone[from]) {
      ++from;
      continue;
    }
    const std::size_t run_end = static_cast<std::size_t>(
        std::find(gone.begin() + static_cast<std::ptrdiff_t>(from), gone.end(), true) - gone.begin());
    if (to != from) std::memmove(values + to * width, values + from * width, (run_end - from) * width);
    to += run_end - from;
    from = run_end;
  }
  if (!buffer.has_nulls) return;
  to = row;
  for (std::size_t from = 0; from < gone.size(); ++from) {
    const bool valid = (buffer.valid[(row + from) / 64] >> ((row + from) % 64) & 1U) != 0;
    buffer.set_valid(row + from);
    if (gone[from]) continue;
    if (valid)
      buffer.set_valid(to);
    else
      buffer.set_null(to);
    ++to;
  }
}

}  // namespace

std::string_view Unescaper::operator()(std::string_view text) {
  std::string& out = texts_.emplace_back();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = dialect_.escape != '\0' && text[i] == dialect_.escape && i + 1 < text.size();
    if (escape) ++i;
    out += text[i];
    if (!escape && text[i] == dialect_.quote) ++i;
  }
  return out;
}

struct ColumnWriter::Work {
  const char* window;
  std::uint64_t offset;
  const std::uint32_t* stops;
  std::span<const SimpleRecord> records;
  std::span<ColumnBuffer> out;
  std::size_t row;

  [[nodiscard]] std::string_view field(std::size_t record, std::size_t field) const {
    if (field == Header::kAbsent) return {};
    const SimpleRecord& r = records[record];
    const std::uint32_t begin = field == 0 ? r.begin : stops[r.first_stop + field - 1] + 1;
    return {window + begin, stops[r.first_stop + field] - begin};
  }
  [[nodiscard]] Place place(std::size_t record) const {
    const SimpleRecord& r = records[record];
    return {r.line, offset + r.begin, r.end - r.begin};
  }
  [[nodiscard]] std::string_view raw(std::size_t record) const {
    const SimpleRecord& r = records[record];
    return {window + r.begin, r.text_end - r.begin};
  }
};

/// The short way for a column whose plain values need no second look.
ColumnWriter::Way ColumnWriter::way_of(const ColumnContract& column) {
  if (column.is_listed()) return Way::listed;
  if (!column.is_plain()) return Way::any;
  switch (column.type.kind) {
    case TypeKind::int64: return Way::integer;
    case TypeKind::text: return Way::text;
    case TypeKind::timestamp: return Way::time;
    default: return Way::any;
  }
}

ColumnWriter::ColumnWriter(const RowShape& shape, const Header& header, const Dialect& dialect, Findings& findings,
                           Tally& tally, Unescaper& unescape)
    : shape_(&shape), dialect_(dialect), findings_(&findings), tally_(&tally), unescape_(&unescape) {
  const bool may_be_too_long = shape.max_field_bytes < FieldIndexer::kWindowBytes;
  for (std::size_t c = 0; c < shape.contract->columns.size(); ++c) {
    const ColumnContract& column = shape.contract->columns[c];
    Source source{Way::any, header.field_of_column[c]};
    if (source.field == Header::kAbsent)
      source.way = Way::absent;
    else if (!may_be_too_long)
      source.way = way_of(column);
    sources_.push_back(source);
  }
  for (std::size_t field : header.field_of_new_column) sources_.push_back({Way::any, field});
  for (const Column& c : shape.columns()) types_.push_back(c.type);
}

/// What stands between the delimiters, without its quotes.
FieldText ColumnWriter::field_text(std::string_view text) {
  if (text.empty() || text.front() != dialect_.quote) return {text, false};
  text.remove_prefix(1);
  text.remove_suffix(1);
  return {text.find(dialect_.quote) == std::string_view::npos ? text : (*unescape_)(text), true};
}

void ColumnWriter::write_any(Work& work, std::size_t column, std::size_t record, std::string_view text) {
  FieldText field = field_text(text);
  const std::size_t row = work.row + record;
  if (column >= shape_->contract->columns.size()) return write_new_column(field, work.out[column], row);
  const ColumnContract& contract = shape_->contract->columns[column];
  const auto c = static_cast<std::uint32_t>(column);
  const auto r = static_cast<std::uint32_t>(record);
  FlagSet flags;
  if (contract.composed) field = as_declared(contract, field, unescape_->texts(), flags);
  const RejectCode broken = field.text.size() > shape_->max_field_bytes
                                ? RejectCode::field_too_long
                                : write_field(contract, field, shape_->now_us, work.out[column], row, flags);
  for (const RejectCode flag : flags) flags_.push_back({r, {column, flag, flag}});
  if (broken == RejectCode::none) return;
  const RejectCode code = settle(*shape_, column, field, broken, work.place(record), *tally_, work.out, row);
  if (code != RejectCode::none)
    failures_.push_back({r, c, code});
  else
    flags_.push_back({r, {column, kept_as(shape_->policy), broken}});
}

/// `read` writes the value of a plain field, or says that it is not one.
template <class Read>
void ColumnWriter::write_plain(Work& work, std::size_t column, Read read) {
  const std::size_t field = sources_[column].field;
  ColumnBuffer& out = work.out[column];
  const bool required = shape_->contract->columns[column].required;
  for (std::size_t r = 0; r < work.records.size(); ++r) {
    const std::string_view text = work.field(r, field);
    if (text.empty() && !required)
      out.set_null(work.row + r);
    else if (text.empty() || text.front() == dialect_.quote || !read(text, work.row + r))
      write_any(work, column, r, text);
  }
}

void ColumnWriter::write_column(Work& work, std::size_t column) {
  ColumnBuffer& out = work.out[column];
  switch (sources_[column].way) {
    case Way::absent:
      for (std::size_t r = 0; r < work.records.size(); ++r) write_any(work, column, r, {});
      return;
    case Way::integer:
      return write_plain(work, column, [&](std::string_view text, std::size_t row) {
        return plain_integer(text, static_cast<std::int64_t*>(out.values)[row]);
      });
    case Way::text:
      return write_plain(work, column, [&](std::string_view text, std::size_t row) {
        StringCell::put(static_cast<StringCell*>(out.values) + row, text);
        return true;
      });
    case Way::listed: {
      const AcceptedValues& accepted = *shape_->contract->columns[column].accepted;
      return write_plain(work, column, [&](std::string_view text, std::size_t row) {
        StringCell* const cell = static_cast<StringCell*>(out.values) + row;
        StringCell::put(cell, text);
        return accepted.contains(*cell);
      });
    }
    case Way::time: {
      const ColumnContract& contract = shape_->contract->columns[column];
      const std::int64_t latest = contract.not_in_future ? latest_now(shape_->now_us) : INT64_MAX;
      return write_plain(work, column, [&](std::string_view text, std::size_t row) {
        std::int64_t& micros = static_cast<std::int64_t*>(out.values)[row];
        return plain_time(*contract.format, text, micros) && micros <= latest;
      });
    }
    case Way::any:
      for (std::size_t r = 0; r < work.records.size(); ++r)
        write_any(work, column, r, work.field(r, sources_[column].field));
      return;
  }
}

/// Of a record that fails in several columns, the first in the contract's order is told.
void ColumnWriter::keep_failures(Work& work) {
  failed_.assign(work.records.size(), false);
  std::stable_sort(failures_.begin(), failures_.end(),
                   [](const Failure& a, const Failure& b) { return a.record < b.record; });
  for (const Failure& f : failures_) {
    if (failed_[f.record]) continue;
    failed_[f.record] = true;
    const ColumnContract& column = shape_->contract->columns[f.column];
    const FieldText field = field_text(work.field(f.record, sources_[f.column].field));
    findings_->add_reject(work.place(f.record), work.raw(f.record), f.code, column.name,
                          reason_of(column, field, f.code));
  }
  for (std::size_t c = 0; c < shape_->width(); ++c) close_up(work.out[c], cell_width(types_[c]), work.row, failed_);
}

void ColumnWriter::keep_flags(Work& work) {
  std::stable_sort(flags_.begin(), flags_.end(),
                   [](const Flagged& a, const Flagged& b) { return a.record < b.record; });
  for (std::size_t i = 0; i < flags_.size(); ++i) {
    const Flagged& f = flags_[i];
    if (!failures_.empty() && failed_[f.record]) continue;
    const ColumnContract& column = shape_->contract->columns[f.flag.column];
    findings_->add_flag(work.place(f.record), f.flag.flag, column.name, [&] {
      return reason_of(column, field_text(work.field(f.record, sources_[f.flag.column].field)), f.flag.why);
    });
    if (i == 0 || flags_[i - 1].record != f.record) ++findings_->flagged;
  }
}

std::size_t ColumnWriter::write(const char* window, std::uint64_t offset, const std::uint32_t* stops,
                                std::span<const SimpleRecord> records, std::span<ColumnBuffer> out, std::size_t row) {
  Work work{window, offset, stops, records, out, row};
  failures_.clear();
  flags_.clear();
  if (!shape_->variants.empty())
    for (std::size_t r = 0; r < records.size(); ++r) clear_variants(*shape_, out, row + r);
  for (std::size_t c = 0; c < sources_.size(); ++c) write_column(work, c);
  findings_->records += static_cast<std::int64_t>(records.size());
  findings_->record_bytes += records.back().end - records.front().begin;
  std::size_t good = records.size();
  if (!failures_.empty()) keep_failures(work);
  if (!flags_.empty()) keep_flags(work);
  const std::size_t at = shape_->width();
  std::size_t to = row;
  for (std::size_t r = 0; r < records.size(); ++r) {
    if (!failures_.empty() && failed_[r]) {
      --good;
      continue;
    }
    out[at].set(to, records[r].line);
    out[at + 1].set(to, static_cast<std::int64_t>(offset + records[r].begin));
    out[at + 2].set(to, static_cast<std::int32_t>(records[r].end - records[r].begin));
    ++to;
  }
  findings_->loaded += static_cast<std::int64_t>(good);
  return good;
}

}  // namespace millrace::lake::csv
