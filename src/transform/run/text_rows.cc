#include "transform/run/text_rows.h"

#include <algorithm>

namespace millrace::transform {

class TextRows::Cursor final : public RowCursor {
 public:
  explicit Cursor(TextRows& owner) : owner_(owner) {}
  Result<std::size_t> next(std::span<ColumnBuffer> out) override {
    const std::size_t count = std::min(kBatchRows, owner_.rows() - owner_.next_row_);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t c = 0; c < owner_.width(); ++c) {
        if (const auto text = owner_.cell(owner_.next_row_ + r, c))
          out[c].set(r, StringCell::of(*text));
        else
          out[c].set_null(r);
      }
    }
    owner_.next_row_ += count;
    return count;
  }

 private:
  TextRows& owner_;
};

TextRows::TextRows(std::vector<std::string> names) {
  columns_.reserve(names.size());
  for (std::string& name : names) columns_.push_back({std::move(name), {TypeKind::text}});
}

void TextRows::add(std::optional<std::string_view> cell) {
  if (!cell) {
    cells_.emplace_back();
    return;
  }
  cells_.push_back({bytes_.size(), static_cast<std::uint32_t>(cell->size())});
  bytes_ += *cell;
}

std::optional<std::string_view> TextRows::cell(std::size_t row, std::size_t column) const {
  const Slice slice = cells_[row * width() + column];
  if (slice.size == kNull) return std::nullopt;
  return std::string_view(bytes_).substr(slice.at, slice.size);
}

void TextRows::replace(std::size_t row, std::size_t column, std::string_view text) {
  Slice& slice = cells_[row * width() + column];
  if (text.size() <= slice.size) {
    std::copy(text.begin(), text.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(slice.at));
  } else {
    slice.at = bytes_.size();
    bytes_ += text;
  }
  slice.size = static_cast<std::uint32_t>(text.size());
}

void TextRows::make_null(std::size_t row, std::size_t column) { cells_[row * width() + column].size = kNull; }

Result<std::unique_ptr<RowCursor>> TextRows::open() {
  return std::unique_ptr<RowCursor>(std::make_unique<Cursor>(*this));
}

}  // namespace millrace::transform
