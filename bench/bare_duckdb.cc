// bare_duckdb FILE SQL…: runs each statement on a DuckDB file and prints the rows of the last one.
#include <duckdb.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bare_duckdb FILE SQL...\n");
    return 2;
  }
  duckdb_database db = nullptr;
  duckdb_connection connection = nullptr;
  if (duckdb_open(argv[1], &db) != DuckDBSuccess || duckdb_connect(db, &connection) != DuckDBSuccess) {
    std::fprintf(stderr, "cannot open %s\n", argv[1]);
    return 1;
  }
  int code = 0;
  for (int i = 2; i < argc && code == 0; ++i) {
    duckdb_result result;
    if (duckdb_query(connection, argv[i], &result) != DuckDBSuccess) {
      std::fprintf(stderr, "%s\n", duckdb_result_error(&result));
      code = 1;
    } else if (i + 1 == argc) {
      for (idx_t r = 0; r < duckdb_row_count(&result); ++r) {
        for (idx_t c = 0; c < duckdb_column_count(&result); ++c) {
          char* text = duckdb_value_varchar(&result, c, r);
          std::printf("%s%s", c > 0 ? "\t" : "", text == nullptr ? "NULL" : text);
          duckdb_free(text);
        }
        std::printf("\n");
      }
    }
    duckdb_destroy_result(&result);
  }
  duckdb_disconnect(&connection);
  duckdb_close(&db);
  return code;
}
