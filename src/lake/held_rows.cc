#include "lake/held_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace millrace::lake {

void HeldRows::add(std::span<const ColumnBuffer> batch, std::size_t row) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const ColumnBuffer& column = batch[c];
    const ColumnType type = columns_[c].type;
    const bool null = column.has_nulls && (column.valid[row / 64] >> (row % 64) & 1U) == 0;
    Cell cell{};
    if (!null) {
      const std::size_t width = cell_width(type);
      std::memcpy(cell.data(), static_cast<const std::byte*>(column.values) + row * width, width);
      if (type.kind == TypeKind::text || type.kind == TypeKind::blob) {
        const auto text = std::bit_cast<StringCell>(cell);
        if (text.inlined.size > StringCell::kMostInlined) {
          cell = std::bit_cast<Cell>(StringCell::of(texts_.emplace_back(text.view())));
          text_bytes_ += texts_.back().size();
        }
      }
    }
    cells_.push_back(cell);
    nulls_.push_back(null);
  }
  ++rows_;
}

class HeldRows::Cursor final : public RowCursor {
 public:
  explicit Cursor(const HeldRows& held) : held_(held) {}

  Result<std::size_t> next(std::span<ColumnBuffer> out) override {
    const std::size_t n = std::min(kBatchRows, held_.rows_ - at_);
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < out.size(); ++c) {
        const std::size_t cell = (at_ + r) * out.size() + c;
        const std::size_t width = cell_width(held_.columns_[c].type);
        if (held_.nulls_[cell])
          out[c].set_null(r);
        else
          std::memcpy(static_cast<std::byte*>(out[c].values) + r * width, held_.cells_[cell].data(), width);
      }
    at_ += n;
    return n;
  }

 private:
  const HeldRows& held_;
  std::size_t at_ = 0;
};

Result<std::unique_ptr<RowCursor>> HeldRows::open() {
  return std::unique_ptr<RowCursor>(std::make_unique<Cursor>(*this));
}

}  // namespace millrace::lake
