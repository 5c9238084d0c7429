// warehouse_query FILE SQL…: runs each SQL on the warehouse and prints its rows, one JSON document per
// statement and line: [{"column": value, …}, …]. Tests look into a warehouse with it after its process has ended.
#include <fmt/format.h>

#include "base/json.h"
#include "warehouse/duckdb/database.h"

namespace millrace {
namespace {

void write(json::Writer& w, const warehouse::Value& value) {
  if (std::holds_alternative<std::monostate>(value)) {
    w.null();
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    w.value(*truth);
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    w.value(*whole);
  } else if (const auto* number = std::get_if<double>(&value)) {
    w.value(*number);
  } else {
    w.value(std::get<std::string>(value));
  }
}

std::string json_of(const warehouse::Rows& rows) {
  json::Writer w;
  w.begin_array();
  for (const auto& row : rows.rows) {
    w.begin_object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      w.key(rows.columns.at(i));
      write(w, row[i]);
    }
    w.end_object();
  }
  w.end_array();
  return w.text();
}

Status run(const std::string& file, std::span<char* const> statements) {
  MR_TRY(const auto opened, warehouse::duckdb::open({file, 1}));
  MR_TRY(const auto session, opened->connect());
  for (const char* sql : statements) {
    MR_TRY(const warehouse::Rows rows, session->query({sql, sql}));
    fmt::print("{}\n", json_of(rows));
  }
  return ok();
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: warehouse_query FILE SQL…\n");
    return 2;
  }
  const auto done = millrace::run(argv[1], {argv + 2, argv + argc});
  if (done) return 0;
  fmt::print(stderr, "warehouse_query: {}\n", done.error().message);
  return 1;
}
