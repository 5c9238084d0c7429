#include "ingest/raw_records.h"

namespace millrace::ingest {

Result<std::vector<std::string>> read_records(lake::ObjectStore& store, const lake::ObjectInfo& object,
                                              const Source& source, std::span<const lake::TextRange> ranges) {
  MR_TRY(std::vector<std::string> out, lake::read_text_ranges(store, object, source.file, ranges));
  for (std::string& raw : out)
    while (!raw.empty() && (raw.back() == '\n' || raw.back() == '\r')) raw.pop_back();
  return out;
}

}  // namespace millrace::ingest
