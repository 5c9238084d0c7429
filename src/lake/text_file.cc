#include "lake/text_file.h"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <utility>

namespace millrace::lake {

TextFile::TextFile(std::unique_ptr<ByteStream> stream, const csv::Dialect& dialect, const csv::SourceOptions& options)
    : most_flags(options.limits.most_flags),
      variants(options.late.variants),
      on_block(options.on_block),
      blocks(std::move(stream), dialect, options.read_bytes),
      tally(options.limits),
      gate(options.gate) {}

void TextFile::know_shape(RowShape known) {
  shape = std::move(known);
  shape.variants = variants;
  Findings words(most_flags);
  for (const std::size_t column : variants)
    words.add_warning(RejectCode::new_column, 0, variant_name(shape.contract->columns[column].name),
                      "values that are not of the type of " + shape.contract->columns[column].name);
  tally.hand_in(words);
  columns = shape.columns();
  if (gate != nullptr) gate->know(columns);
}

std::string TextFile::mixed_line_ends() const {
  const unsigned ends = line_ends;
  if (std::popcount(ends) < 2) return {};
  return fmt::format("found{}{}{}", (ends & kLf) != 0 ? " LF" : "", (ends & kCrLf) != 0 ? " CRLF" : "",
                     (ends & kCr) != 0 ? " CR" : "");
}

Result<bool> BlockCursor::take_block() {
  file_.tally.hand_in(findings_);
  file_.line_ends |= line_ends_;
  if (file_.tally.refused()) return Error{ErrorKind::contract_violation, file_.tally.file_reject()->reason, {}, {}};
  auto more = file_.blocks.take(block_);
  if (!more) {
    if (auto reject = file_.blocks.reject()) file_.tally.refuse(*std::move(reject));
    return std::move(more).error();
  }
  if (*more && file_.on_block) file_.on_block(file_.bytes_done += block_.bytes.size());
  return *more;
}

Result<std::size_t> BlockCursor::next(std::span<ColumnBuffer> out) {
  while (true) {
    MR_TRY(const bool more, take_block());
    if (!more) return 0;
    std::optional<KeyGate::Turn> turn;
    if (file_.gate != nullptr) turn.emplace(*file_.gate, block_.number);
    rows_.clear_texts();
    MR_TRY(std::size_t rows, read(block_, out));
    if (turn) rows = turn->pass(out, rows);
    if (rows > 0) return rows;
  }
}

}  // namespace millrace::lake
