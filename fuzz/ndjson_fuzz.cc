// Any bytes as JSON lines: nothing crashes, every byte is accounted for, where blocks end does not change what is
// read, and a line is an object exactly where simdjson says so.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/utf8.h"
#include "fuzz/bytes_object.h"
#include "lake/ndjson/json_line.h"
#include "lake/ndjson/ndjson_source.h"
#include "lake/plain_stream.h"

namespace {

using namespace millrace;
using lake::ndjson::NdjsonSource;

const Contract& contract() {
  static const Contract c = *parse_contract(
      "apiVersion: v3.1.0\nkind: DataContract\nid: f\nversion: 1\nstatus: active\nschema:\n  - name: f\n    "
      "properties:\n"
      "      - {name: a, logicalType: integer, required: true}\n      - {name: b, logicalType: string}\n"
      "      - {name: c, logicalType: timestamp}\n      - {name: d, logicalType: number, physicalType: "
      "\"decimal(9,2)\"}\n      - {name: e, logicalType: boolean}\n",
      "f.yaml");
  return c;
}

std::string read_all(const std::string& bytes, SchemaMode columns, std::size_t read_bytes) {
  lake::csv::SourceOptions options;
  options.read_bytes = read_bytes;
  options.policy.columns = columns;
  auto started =
      NdjsonSource::start(lake::plain_stream(std::make_unique<fuzz::BytesObject>(bytes)), contract(), {}, options);
  if (!started) std::abort();
  if (!std::holds_alternative<std::unique_ptr<NdjsonSource>>(*started)) return "refused";
  auto& source = *std::get<0>(*started);
  auto cursor = *source.open();
  alignas(16) static char memory[8][kBatchRows * 16];
  std::uint64_t masks[8][kBatchRows / 64];
  ColumnBuffer buffers[8];
  while (true) {
    for (std::size_t i = 0; i < 8; ++i) {
      std::memset(masks[i], 0xff, sizeof masks[i]);
      buffers[i] = {memory[i], masks[i], false};
    }
    const auto rows = cursor->next(buffers);
    if (!rows) return "refused";
    if (*rows == 0) break;
  }
  const auto facts = source.facts();
  if (!facts || facts->bytes != bytes.size() || facts->loaded + facts->rejected != facts->records) std::abort();
  std::string out =
      std::to_string(facts->loaded) + " " + std::to_string(facts->rejected) + " " + std::to_string(facts->blank_lines);
  for (const Reject& r : source.take_rejects()) {
    if (bytes.compare(r.byte_offset, r.raw.size(), r.raw) != 0) std::abort();
    out += " " + std::to_string(r.line) + std::string(name_of(r.code));
  }
  return out;
}

/// One line against simdjson; not where the two differ on purpose: numbers beyond its types, depth,
/// escapes that are no character.
void compare(const std::string& line) {
  if (utf8::first_bad_byte(line) != std::string::npos || line.find("\\u") != std::string::npos) return;
  static simdjson::dom::parser parser;
  const auto theirs = parser.parse(line);
  if (theirs.error() == simdjson::NUMBER_ERROR || theirs.error() == simdjson::DEPTH_ERROR) return;
  lake::ndjson::JsonLine ours;
  const auto fault = ours.parse(line);
  if (fault && fault->reason.ends_with("less nesting")) return;
  if (!fault != (theirs.error() == simdjson::SUCCESS && theirs.is_object())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4000) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const SchemaMode columns = size % 2 == 0 ? SchemaMode::discard_value : SchemaMode::discard_row;
  // A head of one block must show what the file is: smaller blocks are for what follows it.
  if (read_all(bytes, columns, 1 << 16) != read_all(bytes, columns, 4096)) std::abort();
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n", at), bytes.size());
    compare(bytes.substr(at, end - at));
    at = end + 1;
  }
  return 0;
}
