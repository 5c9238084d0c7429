# The embedded engine: include/duckdb.h and lib/libduckdb.so below MILLRACE_DUCKDB_ROOT.
# `./dev` fetches the pinned pair (deps/duckdb.lock) into .deps; a system-wide one may be named.
set(MILLRACE_DUCKDB_ROOT "$ENV{MILLRACE_DUCKDB_ROOT}" CACHE PATH "folder with include/duckdb.h and lib/libduckdb.so")
if(NOT MILLRACE_DUCKDB_ROOT)
  set(MILLRACE_DUCKDB_ROOT ${CMAKE_SOURCE_DIR}/.deps/duckdb CACHE PATH "" FORCE)
endif()
find_path(DUCKDB_INCLUDE duckdb.h PATHS ${MILLRACE_DUCKDB_ROOT}/include NO_DEFAULT_PATH NO_CACHE)
find_library(DUCKDB_LIBRARY duckdb PATHS ${MILLRACE_DUCKDB_ROOT}/lib NO_DEFAULT_PATH NO_CACHE)
if(NOT DUCKDB_INCLUDE OR NOT DUCKDB_LIBRARY)
  message(FATAL_ERROR "no DuckDB below ${MILLRACE_DUCKDB_ROOT} (expected include/duckdb.h and lib/libduckdb.so); "
                      "run ./dev build, which fetches the pinned one, or set MILLRACE_DUCKDB_ROOT")
endif()
add_library(duckdb::duckdb SHARED IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES IMPORTED_LOCATION ${DUCKDB_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES
                                                                                    ${DUCKDB_INCLUDE})
