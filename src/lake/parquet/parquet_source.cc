#include "lake/parquet/parquet_source.h"

#include <algorithm>
#include <utility>

#include "base/words.h"

namespace millrace::lake::parquet {
namespace {

bool is_named(const ColumnContract& column, const std::vector<std::string>& names) {
  const auto equal = [](std::string_view a, std::string_view b) { return to_lower_ascii(a) == to_lower_ascii(b); };
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return equal(name, column.name) || std::any_of(column.aliases.begin(), column.aliases.end(),
                                                   [&](const auto& alias) { return equal(name, alias); });
  });
}

/// Owns the contract that its rows are read by.
class ParquetSource final : public FileSource {
 public:
  ParquetSource(std::unique_ptr<const Contract> contract, std::unique_ptr<FileSource> rows)
      : contract_(std::move(contract)), rows_(std::move(rows)) {}

  std::span<const Column> columns() const override { return rows_->columns(); }
  std::size_t most_cursors() const override { return rows_->most_cursors(); }
  Result<std::unique_ptr<RowCursor>> open() override { return rows_->open(); }
  std::vector<std::string> new_columns() const override { return rows_->new_columns(); }
  LateColumns late_columns() const override { return rows_->late_columns(); }
  const std::optional<FileReject>& file_reject() const override { return rows_->file_reject(); }
  std::vector<Reject> take_rejects() override { return rows_->take_rejects(); }
  std::vector<Reject> take_flags() override { return rows_->take_flags(); }
  Result<FileFacts> facts() override { return rows_->facts(); }

 private:
  std::unique_ptr<const Contract> contract_;  // outlives rows_, which borrow it
  std::unique_ptr<FileSource> rows_;
};

}  // namespace

Contract with_iso_times(Contract contract, const std::vector<std::string>& time_columns) {
  for (ColumnContract& column : contract.columns) {
    if (!column.format || !is_named(column, time_columns)) continue;
    column.format = column.type.kind == TypeKind::date ? TimeFormat::iso_date() : TimeFormat::iso_timestamp();
  }
  return contract;
}

csv::Dialect canonical(const csv::Dialect& declared) {
  csv::Dialect dialect;
  dialect.max_field_bytes = declared.max_field_bytes;
  dialect.max_record_bytes = declared.max_record_bytes;
  dialect.max_columns = declared.max_columns;
  return dialect;
}

Result<std::variant<std::unique_ptr<FileSource>, FileReject>> start(std::unique_ptr<ObjectReader> object,
                                                                    const ParquetOptions& parquet,
                                                                    const Contract& contract,
                                                                    const csv::Dialect& dialect,
                                                                    const csv::SourceOptions& options) {
  using Started = std::variant<std::unique_ptr<FileSource>, FileReject>;
  MR_TRY(auto opened, open_parquet(std::move(object), parquet));
  if (auto* reject = std::get_if<FileReject>(&opened)) return Started(std::move(*reject));
  auto& text = std::get<ParquetText>(opened);
  auto own = std::make_unique<const Contract>(with_iso_times(contract, text.time_columns));
  MR_TRY(auto rows, csv::CsvSource::start(std::move(text.stream), *own, canonical(dialect), options));
  if (auto* reject = std::get_if<FileReject>(&rows)) return Started(std::move(*reject));
  return Started(std::make_unique<ParquetSource>(std::move(own), std::get<0>(std::move(rows))));
}

}  // namespace millrace::lake::parquet
