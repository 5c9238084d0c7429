// Any bytes as a CSV file: nothing crashes, every byte is accounted for, and where blocks end does
// not change what is read.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "fuzz/bytes_object.h"
#include "lake/csv/csv_source.h"
#include "lake/key_gate.h"
#include "lake/plain_stream.h"

namespace {

using namespace millrace;

const Contract& contract() {
  static const Contract c = *parse_contract(
      "apiVersion: v3.1.0\nkind: DataContract\nid: f\nversion: 1\nstatus: active\nschema:\n  - name: f\n    "
      "properties:\n"
      "      - {name: a, logicalType: integer, required: true}\n"
      "      - {name: b, logicalType: string, quality: [{metric: invalidValues, arguments: {validValues: [ab, cd, "
      "a long accepted value]}, mustBe: 0, severity: warning}]}\n"
      "      - {name: c, logicalType: timestamp}\n      - {name: d, logicalType: number, physicalType: "
      "\"decimal(9,2)\"}\n"
      "      - {name: e, logicalType: number}\n      - {name: f, logicalType: boolean}\n      - {name: g, logicalType: "
      "date}\n",
      "f.yaml");
  return c;
}

/// "loaded rejected blank" of the bytes, so many read at a time; aborts where they do not add up.
std::string read_all(const std::string& bytes, std::size_t read_bytes, bool gated) {
  lake::csv::SourceOptions options;
  options.read_bytes = read_bytes;
  lake::KeyGate gate({{1}, {0, 2}}, 10);
  if (gated) options.gate = &gate;
  std::int64_t given = 0;
  auto started = lake::csv::CsvSource::start(lake::plain_stream(std::make_unique<fuzz::BytesObject>(bytes)), contract(),
                                             {}, options);
  if (!started) std::abort();
  if (!std::holds_alternative<std::unique_ptr<lake::csv::CsvSource>>(*started)) return "refused";
  auto& source = *std::get<0>(*started);
  auto cursor = *source.open();
  alignas(16) static char memory[10][kBatchRows * 16];
  std::uint64_t masks[10][kBatchRows / 64];
  ColumnBuffer buffers[10];
  while (true) {
    for (std::size_t i = 0; i < 10; ++i) {
      std::memset(masks[i], 0xff, sizeof masks[i]);
      buffers[i] = {memory[i], masks[i], false};
    }
    const auto rows = cursor->next(buffers);
    if (!rows) return "refused";
    if (*rows == 0) break;
    given += static_cast<std::int64_t>(*rows);
  }
  const auto facts = source.facts();
  if (!facts || facts->bytes != bytes.size() || facts->loaded + facts->rejected != facts->records) std::abort();
  if (given + static_cast<std::int64_t>(gate.held().size()) != facts->loaded) std::abort();
  std::string out =
      std::to_string(facts->loaded) + " " + std::to_string(facts->rejected) + " " + std::to_string(facts->blank_lines);
  for (const Reject& r : source.take_rejects()) {
    if (bytes.compare(r.byte_offset, r.raw.size(), r.raw) != 0) std::abort();
    out += " " + std::to_string(r.line) + std::string(name_of(r.code));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4000) return 0;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size % 2 == 0) bytes.insert(0, "a,b,c,d,e,f,g\n");
  if (read_all(bytes, 1 << 16, false) != read_all(bytes, 61, true)) std::abort();
  return 0;
}
