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

}  // namespace

Error to_error(std::string_view what, std::string_view message) {
  const std::string text = fmt::format("{}: {}", what, trimmed(message));
  for (const Mapping& m : kMappings)
    if (message.starts_with(m.start)) return {m.kind, text, std::string(m.hint), {}};
  return {ErrorKind::internal, text, {}, {}};
}

}  // namespace millrace::warehouse::duckdb
