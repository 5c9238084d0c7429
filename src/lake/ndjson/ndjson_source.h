#pragma once
/// \file lake/ndjson/ndjson_source.h
/// One file of JSON lines as a source of typed rows: one object in each line, its keys are the
/// contract's column names or their aliases, written exactly so. A key that a line lacks is NULL.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "lake/csv/csv_source.h"
#include "lake/csv/record.h"
#include "lake/file_source.h"

namespace millrace::lake::ndjson {

/// What the contract does not know is settled by options.policy.columns; with `evolve`, the keys of the
/// head of the file become columns; those met behind it are late_columns().
/// Threads: open() and the cursors from several threads; the rest when they are done.
class NdjsonSource final : public FileSource {
 public:
  /// Reads the head of the file. A FileReject: nothing of it can be loaded. Of `dialect`, the limits count.
  /// Errors: those of the stream. The contract is borrowed and outlives the source.
  static Result<std::variant<std::unique_ptr<NdjsonSource>, FileReject>> start(std::unique_ptr<ByteStream> stream,
                                                                               const Contract& contract,
                                                                               const csv::Dialect& dialect,
                                                                               const csv::SourceOptions& options);
  ~NdjsonSource() override;

  std::span<const Column> columns() const override;
  std::size_t most_cursors() const override;
  Result<std::unique_ptr<RowCursor>> open() override;
  std::vector<std::string> new_columns() const override;
  LateColumns late_columns() const override;

  const std::optional<FileReject>& file_reject() const override;
  std::vector<Reject> take_rejects() override;
  std::vector<Reject> take_flags() override;
  Result<FileFacts> facts() override;

 private:
  struct Shared;
  explicit NdjsonSource(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared_;
};

}  // namespace millrace::lake::ndjson
