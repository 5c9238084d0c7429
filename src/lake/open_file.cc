#include "lake/open_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lake/landed.h"
#include "lake/ndjson/ndjson_source.h"
#include "lake/parquet/parquet_source.h"

namespace millrace::lake {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

/// Does the text stand in the object as it is?
Result<bool> is_plain(ObjectReader& object, const FileOptions& how) {
  if (how.format == FileFormat::parquet || how.decode.encoding != Encoding::utf8) return false;
  std::array<char, kMagicBytes> head{};
  MR_TRY(const std::size_t n, object.read(head));
  return packing_of({head.data(), n}) == Packing::none;
}

Result<std::unique_ptr<ByteStream>> open_text(std::unique_ptr<ObjectReader> object, const FileOptions& how) {
  if (how.format != FileFormat::parquet) return open_stream(std::move(object), how.decode);
  MR_TRY(auto opened, parquet::open_parquet(std::move(object), how.parquet));
  if (const auto* reject = std::get_if<FileReject>(&opened))
    return Error{ErrorKind::contract_violation, reject->reason, std::string(meaning_of(reject->code).hint), {}};
  return std::get<parquet::ParquetText>(std::move(opened)).stream;
}

Error too_short(const ObjectInfo& object, std::uint64_t end, std::uint64_t size) {
  return {ErrorKind::conflict,
          fmt::format("{}: found {} bytes of text, expected {} or more", object.key, size, end),
          "the file is not the one that was loaded",
          {}};
}

template <class Source>
FileOrReject as_file(std::variant<std::unique_ptr<Source>, FileReject> started) {
  if (auto* reject = std::get_if<FileReject>(&started)) return std::move(*reject);
  return std::unique_ptr<FileSource>(std::get<0>(std::move(started)));
}

}  // namespace

Result<FileOrReject> open_file(std::unique_ptr<ObjectReader> object, const FileOptions& how, const Contract& contract,
                               const csv::Dialect& dialect, const csv::SourceOptions& options) {
  if (how.format == FileFormat::parquet)
    return parquet::start(std::move(object), how.parquet, contract, dialect, options);
  MR_TRY(auto text, open_stream(std::move(object), how.decode));
  if (how.format == FileFormat::ndjson) {
    MR_TRY(auto started, ndjson::NdjsonSource::start(std::move(text), contract, dialect, options));
    return as_file(std::move(started));
  }
  MR_TRY(auto started, csv::CsvSource::start(std::move(text), contract, dialect, options));
  return as_file(std::move(started));
}

Result<RecordListSource::Started> open_records(std::unique_ptr<ObjectReader> object, const FileOptions& how,
                                               const Contract& contract, const csv::Dialect& dialect,
                                               const csv::SourceOptions& options, std::vector<ListedRecord> records) {
  if (how.format == FileFormat::ndjson)
    return RecordListSource::start_lines(std::move(records), contract, dialect, options);
  if (how.format == FileFormat::csv) {
    MR_TRY(const auto text, open_stream(std::move(object), how.decode));
    MR_TRY(const std::string head, read_head(*text, dialect));
    return RecordListSource::start(head, std::move(records), contract, dialect, options);
  }
  MR_TRY(auto opened, parquet::open_parquet(std::move(object), how.parquet));
  if (auto* reject = std::get_if<FileReject>(&opened)) return RecordListSource::Started(std::move(*reject));
  const auto& text = std::get<parquet::ParquetText>(opened);
  const csv::Dialect canonical = parquet::canonical(dialect);
  MR_TRY(const std::string head, read_head(*text.stream, canonical));
  auto own = std::make_unique<const Contract>(parquet::with_iso_times(contract, text.time_columns));
  MR_TRY(auto started, RecordListSource::start(head, std::move(records), *own, canonical, options));
  if (auto* source = std::get_if<std::unique_ptr<RecordListSource>>(&started)) (*source)->keep(std::move(own));
  return started;
}

Result<std::vector<std::string>> read_text_ranges(ObjectStore& store, const ObjectInfo& object, const FileOptions& how,
                                                  std::span<const TextRange> ranges) {
  std::vector<std::string> out(ranges.size());
  if (ranges.empty()) return out;
  MR_TRY(auto reader, open_landed(store, object));
  MR_TRY(const bool plain, is_plain(*reader, how));
  if (plain) {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      MR_TRY(out[i], reader->read_range(ranges[i].offset, ranges[i].length));
    }
    return out;
  }
  MR_TRY(reader, open_landed(store, object));
  MR_TRY(const auto text, open_text(std::move(reader), how));
  std::vector<char> piece(kPieceBytes);
  std::uint64_t at = 0;  // of the piece in the text
  for (std::size_t first = 0; first < ranges.size();) {
    MR_TRY(const std::size_t n, text->read(piece));
    for (std::size_t i = first; i < ranges.size() && ranges[i].offset < at + n; ++i) {
      const std::uint64_t from = std::max(ranges[i].offset, at);
      const std::uint64_t to = std::min(ranges[i].offset + ranges[i].length, at + n);
      if (from < to) out[i].append(piece.data() + (from - at), to - from);
    }
    at += n;
    while (first < ranges.size() && ranges[first].offset + ranges[first].length <= at) ++first;
    if (n < piece.size() && first < ranges.size())
      return too_short(object, ranges[first].offset + ranges[first].length, at);
  }
  return out;
}

}  // namespace millrace::lake
