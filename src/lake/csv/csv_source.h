#pragma once
/// \file lake/csv/csv_source.h
/// One CSV file as a source of typed rows. What is not good enough to be a row is kept aside with
/// line, bytes and reason; when the source is exhausted, its facts account for every byte.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "contract/reject.h"
#include "lake/csv/block_reader.h"
#include "lake/csv/header.h"
#include "lake/file_source.h"

namespace millrace::lake::csv {

struct SourceOptions {
  std::size_t cursors = 2;             ///< most parsers at once
  WallTime now{};                      ///< the moment of the load
  std::size_t most_rejects = 200'000;  ///< more: the file is refused (their bytes are held in memory)
  std::size_t most_reject_bytes = 256 << 20;
  std::size_t most_flags = 1'000;  ///< kept with line and reason; all are counted
  std::size_t block_bytes = BlockReader::kBlockBytes;
  std::function<void(std::uint64_t bytes)> on_block = {};  ///< bytes handed out so far; serial
};

/// Threads: open() and the cursors from several threads; the rest when they are done.
class CsvSource final : public FileSource {
 public:
  /// Reads the head of the file. A FileReject: nothing of it can be loaded.
  /// Errors: those of the object. The contract is borrowed and outlives the source.
  static Result<std::variant<std::unique_ptr<CsvSource>, FileReject>> start(std::unique_ptr<ObjectReader> object,
                                                                            const Contract& contract,
                                                                            const Dialect& dialect,
                                                                            const SourceOptions& options);
  ~CsvSource() override;

  std::span<const Column> columns() const override;
  std::size_t most_cursors() const override;
  Result<std::unique_ptr<RowCursor>> open() override;

  const std::optional<FileReject>& file_reject() const override;
  std::vector<Reject> take_rejects() override;
  std::vector<Reject> take_flags() override;
  Result<FileFacts> facts() override;

 private:
  struct Shared;
  class Cursor;
  explicit CsvSource(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared_;
};

}  // namespace millrace::lake::csv
