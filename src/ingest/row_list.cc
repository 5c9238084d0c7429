#include "ingest/row_list.h"

#include <algorithm>

namespace millrace::ingest {

class RowList::Cursor final : public RowCursor {
 public:
  explicit Cursor(ValueRows rows) : rows_(std::move(rows)) {}

  Result<std::size_t> next(std::span<ColumnBuffer> out) override {
    const std::size_t n = std::min(kBatchRows, rows_.size() - at_);
    for (std::size_t r = 0; r < n; ++r) {
      const auto& row = rows_[at_ + r];
      for (std::size_t c = 0; c < out.size(); ++c) {
        if (const auto* number = std::get_if<std::int64_t>(&row[c]))
          out[c].set(r, *number);
        else if (const auto* text = std::get_if<std::string>(&row[c]))
          out[c].set(r, StringCell::of(*text));
        else
          out[c].set_null(r);
      }
    }
    at_ += n;
    return n;
  }

 private:
  ValueRows rows_;
  std::size_t at_ = 0;
};

Result<std::unique_ptr<RowCursor>> RowList::open() {
  MR_TRY(ValueRows rows, make_());
  return std::unique_ptr<RowCursor>(std::make_unique<Cursor>(std::move(rows)));
}

}  // namespace millrace::ingest
