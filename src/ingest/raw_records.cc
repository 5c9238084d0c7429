#include "ingest/raw_records.h"

#include <fmt/format.h>

namespace millrace::ingest {

Result<std::vector<std::string>> read_records(lake::ObjectStore& store, const lake::ObjectInfo& object,
                                              const std::string& codec, std::span<const TextRange> ranges) {
  if (!codec.empty())
    return Error{
        ErrorKind::unsupported,
        fmt::format("{}: records of a file that is stored as {} cannot be read by position", object.key, codec),
        {},
        {}};
  MR_TRY(const auto reader, store.open(object));
  std::vector<std::string> out;
  for (const TextRange& range : ranges) {
    MR_TRY(std::string raw, reader->read_range(range.offset, range.length));
    while (!raw.empty() && (raw.back() == '\n' || raw.back() == '\r')) raw.pop_back();
    out.push_back(std::move(raw));
  }
  return out;
}

}  // namespace millrace::ingest
