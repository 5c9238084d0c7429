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

#include "base/clock.h"
#include "contract/contract.h"
#include "contract/reject.h"
#include "contract/schema_policy.h"
#include "lake/csv/block_reader.h"
#include "lake/csv/header.h"
#include "lake/file_source.h"
#include "lake/findings.h"
#include "lake/key_gate.h"

namespace millrace::lake::csv {

struct SourceOptions {
  std::size_t cursors = 2;  ///< most parsers at once
  WallTime now{};           ///< the moment of the load
  SchemaPolicy policy = {};
  TallyLimits limits = {};
  std::size_t read_bytes = BlockReader::kReadBytes;        ///< at a time
  std::function<void(std::uint64_t bytes)> on_block = {};  ///< bytes handed out so far
  KeyGate* gate = nullptr;                                 ///< borrowed; rows pass it on their way
  LateColumns late = {};                                   ///< found by an earlier reading of the file
};

/// Threads: open() and the cursors from several threads; the rest when they are done.
class CsvSource final : public FileSource {
 public:
  /// Reads the head of the file. A FileReject: nothing of it can be loaded.
  /// Errors: those of the stream. The contract is borrowed and outlives the source.
  static Result<std::variant<std::unique_ptr<CsvSource>, FileReject>> start(std::unique_ptr<ByteStream> stream,
                                                                            const Contract& contract,
                                                                            const Dialect& dialect,
                                                                            const SourceOptions& options);
  ~CsvSource() override;

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
  class Cursor;
  explicit CsvSource(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared_;
};

}  // namespace millrace::lake::csv
