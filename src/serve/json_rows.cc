#include "serve/json_rows.h"

#include "base/json.h"
#include "serve/json_cell.h"

namespace millrace::serve {

JsonRows::JsonRows(std::span<const Column> columns) {
  for (const Column& column : columns) {
    std::string& name = names_.emplace_back(names_.empty() ? "{" : ",");
    json::append_string(name, column.name);
    name += ':';
  }
}

void JsonRows::append(std::string& out, std::span<const ColumnView> columns, std::size_t first,
                      std::size_t last) const {
  JsonCursor cursor(out);
  for (std::size_t row = first; row < last; ++row) {
    if (row > first) cursor.put(",");
    for (std::size_t c = 0; c < columns.size(); ++c) {
      cursor.put(names_[c]);
      put_cell(cursor, columns[c], row);
    }
    cursor.put("}");
  }
  cursor.flush();
}

}  // namespace millrace::serve
