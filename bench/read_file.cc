// read_file CONTRACT FILE THREADS: the reader alone. Parses every column of a CSV file into typed batches, as a load
// does, and throws them away; prints how many values each column has, which the rival's answer must equal.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/words.h"
#include "contract/contract.h"
#include "lake/byte_stream.h"
#include "lake/csv/csv_source.h"
#include "lake/local/local_store.h"

namespace millrace {
namespace {

using lake::csv::CsvSource;

/// The bytes of a file and nothing else: a load hashes them too, the rival does not.
class BareStream final : public lake::ByteStream {
 public:
  explicit BareStream(std::unique_ptr<lake::ObjectReader> object) : object_(std::move(object)) {}
  Result<std::size_t> read(std::span<char> into) override {
    MR_TRY(const std::size_t n, object_->read(into));
    bytes_ += n;
    return n;
  }
  [[nodiscard]] const std::optional<FileReject>& reject() const override { return reject_; }
  lake::StreamFacts facts() override { return {bytes_, "", ""}; }

 private:
  std::unique_ptr<lake::ObjectReader> object_;
  std::uint64_t bytes_ = 0;
  std::optional<FileReject> reject_;
};

/// The only place that knows how a source is started.
Result<std::unique_ptr<CsvSource>> start(const std::filesystem::path& file, const Contract& contract,
                                         std::size_t threads) {
  MR_TRY(const auto store, lake::open_local_store(file.parent_path()));
  MR_TRY(const auto info, store->head(file.filename().string()));
  if (!info) return Error{ErrorKind::not_found, file.string() + " is not there", {}, {}};
  MR_TRY(auto object, store->open(*info));
  lake::csv::SourceOptions options;
  options.cursors = threads;
  options.now = system_clock().now();
  MR_TRY(auto started,
         CsvSource::start(std::make_unique<BareStream>(std::move(object)), contract, lake::csv::Dialect{}, options));
  if (auto* source = std::get_if<std::unique_ptr<CsvSource>>(&started)) return std::move(*source);
  return Error{ErrorKind::invalid_input, std::get<FileReject>(started).reason, {}, {}};
}

/// Adds to `values` how many values each column of one cursor's rows has.
Status drain(CsvSource& source, std::vector<std::int64_t>& values) {
  MR_TRY(const auto cursor, source.open());
  const std::size_t columns = source.columns().size();
  constexpr std::size_t kWords = kBatchRows / 64;
  std::vector<std::vector<StringCell>> memory(columns, std::vector<StringCell>(kBatchRows));  // of the widest type
  std::vector<std::array<std::uint64_t, kWords>> valid(columns);
  std::vector<ColumnBuffer> buffers(columns);
  while (true) {
    for (std::size_t c = 0; c < columns; ++c) {
      valid[c].fill(~std::uint64_t{0});
      buffers[c] = {memory[c].data(), valid[c].data(), false};
    }
    MR_TRY(const std::size_t rows, cursor->next(buffers));
    if (rows == 0) return ok();
    for (std::size_t c = 0; c < columns; ++c) {
      std::int64_t nulls = 0;
      if (buffers[c].has_nulls)
        for (std::size_t r = 0; r < rows; ++r) nulls += (valid[c][r / 64] >> (r % 64) & 1U) == 0 ? 1 : 0;
      values[c] += static_cast<std::int64_t>(rows) - nulls;
    }
  }
}

Status run(const char* contract_file, const char* file, std::size_t threads) {
  MR_TRY(const Contract contract, load_contract(contract_file));
  MR_TRY(const auto source, start(file, contract, threads));
  std::vector<std::vector<std::int64_t>> values(threads, std::vector<std::int64_t>(source->columns().size()));
  std::vector<Status> ended(threads, ok());
  {
    std::vector<std::jthread> pool;
    for (std::size_t n = 0; n < threads; ++n) pool.emplace_back([&, n] { ended[n] = drain(*source, values[n]); });
  }
  std::vector<std::string> counts;
  for (std::size_t n = 0; n < threads; ++n) MR_CHECK(std::move(ended[n]));
  for (std::size_t c = 0; c < contract.columns.size(); ++c) {
    std::int64_t sum = 0;
    for (const auto& part : values) sum += part[c];
    counts.push_back(std::to_string(sum));
  }
  MR_TRY(const auto facts, source->facts());  // bytes and counts add up
  fmt::print("{}\n", join(counts, "\t"));
  return ok();
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  std::size_t threads = 0;
  if (argc == 4) std::from_chars(argv[3], argv[3] + std::char_traits<char>::length(argv[3]), threads);
  if (threads == 0) {
    fmt::print(stderr, "usage: read_file CONTRACT FILE THREADS\n");
    return 2;
  }
  const auto done = millrace::run(argv[1], argv[2], threads);
  if (done) return 0;
  fmt::print(stderr, "read_file: {}\n", done.error().message);
  return 1;
}
