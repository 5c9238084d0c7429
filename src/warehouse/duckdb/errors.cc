#include "warehouse/duckdb/errors.h"

#include <fmt/format.h>

#include <array>

#include "base/words.h"

namespace millrace::warehouse::duckdb {
namespace {

struct Mapping {
  std::string_view start;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kFull =
    "free space on this file system; nothing is lost, and a running `millrace up` goes on by itself";
constexpr std::string_view kRebuild =
    "the warehouse file is damaged: look at the disk's health, then run `millrace load --rebuild`, which sets the file "
    "aside and loads processed/ into a new one";

// The classes of duckdb/common/exception.hpp, as they begin a message.
constexpr std::array kMappings{
    Mapping{"TransactionContext Error: Conflict", ErrorKind::conflict, "another transaction moved first"},
    Mapping{"TransactionContext Error: Failed to commit: PRIMARY KEY", ErrorKind::contract_violation, ""},
    Mapping{"TransactionContext Error: Failed to commit: write-write", ErrorKind::conflict,
            "another transaction moved first"},
    Mapping{"INTERRUPT Error", ErrorKind::cancelled, ""},
    Mapping{"Constraint Error", ErrorKind::contract_violation, ""},
    Mapping{"Out of Memory Error", ErrorKind::unavailable,
            "give the machine more memory, or set warehouse.memory_limit"},
    Mapping{"IO Error: Could not set lock", ErrorKind::conflict,
            "another process has the warehouse open; stop it, or let the running `millrace up` do the work"},
    Mapping{"IO Error: Corrupt database file", ErrorKind::unavailable, kRebuild},
    Mapping{"Serialization Error", ErrorKind::unavailable, kRebuild},
    Mapping{"IO Error", ErrorKind::unavailable, "look at the disk: space, permissions, health"},
    Mapping{"Parser Error", ErrorKind::invalid_input, ""},
    Mapping{"Binder Error", ErrorKind::invalid_input, ""},
    Mapping{"Catalog Error", ErrorKind::invalid_input, ""},
    Mapping{"Conversion Error", ErrorKind::invalid_input, ""},
    Mapping{"Invalid Input Error", ErrorKind::invalid_input, ""},
    Mapping{"Out of Range Error", ErrorKind::invalid_input, ""},
    Mapping{"Permission Error", ErrorKind::permission_denied, ""},
    Mapping{"Not implemented Error", ErrorKind::unsupported, ""},
    Mapping{"FATAL Error", ErrorKind::internal, "the engine has stopped itself; start again, committed data is safe"},
};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool lacks_resources(std::string_view message) {
  for (std::string_view sign :
       {"No space left", "Disk quota", "Out of Memory", "failed to allocate", "could not allocate",
        "Cannot allocate memory", "Permission denied", "Too many open files"})
    if (holds(message, sign)) return true;
  return false;
}

}  // namespace

bool has_stopped(std::string_view message) {
  return message.starts_with("FATAL Error") || holds(message, "database has been invalidated");
}

bool is_damaged_log(const Error& error) {
  return holds(error.message, "replaying WAL file") && !lacks_resources(error.message);
}

bool is_damaged_file(const Error& error) {
  return holds(error.message, "Corrupt database file") || holds(error.message, "Serialization Error") ||
         holds(error.message, "not a valid DuckDB database file");
}

Error to_error(std::string_view what, std::string_view message) {
  const std::string text = fmt::format("{}: {}", what, trimmed(message));
  if (holds(message, "No space left") && !has_stopped(message))
    return {ErrorKind::unavailable, text, std::string(kFull), {}};
  for (const Mapping& m : kMappings)
    if (message.starts_with(m.start)) return {m.kind, text, std::string(m.hint), {}};
  return {ErrorKind::internal, text, {}, {}};
}

}  // namespace millrace::warehouse::duckdb
