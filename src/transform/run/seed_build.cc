#include "transform/run/seed_build.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/words.h"
#include "transform/run/seed_file.h"
#include "transform/run/seed_types.h"

namespace millrace::transform {
namespace {

using warehouse::RelationKind;

Result<char> delimiter_of(const Node& seed) {
  const std::string text = seed.config.text("delimiter", ",");
  if (text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r') return text[0];
  return Error{ErrorKind::invalid_input,
               fmt::format("{}: found delimiter '{}', expected one character", seed.original_path, printable(text)),
               {},
               {}};
}

Result<bool> quotes_columns(const Node& seed) {
  const jinja::Value* value = seed.config.find("quote_columns");
  if (value == nullptr || value->is(jinja::Kind::none)) return true;
  if (value->is(jinja::Kind::boolean)) return value->boolean();
  return Error{
      ErrorKind::invalid_input,
      fmt::format("{}: quote_columns: found {}, expected true or false", seed.original_path, value->type_name()),
      {},
      {}};
}

/// The type that column_types declares; null where it does not.
const std::string* declared_type(const Node& seed, const std::string& column) {
  const jinja::Value* types = seed.config.find("column_types");
  if (types == nullptr || !types->is(jinja::Kind::dict)) return nullptr;
  const jinja::Value* type = types->dict_entries().find(column);
  return type != nullptr && type->is(jinja::Kind::text) ? &type->text() : nullptr;
}

std::string type_name(const warehouse::Dialect& dialect, SeedType type) {
  switch (type) {
    case SeedType::integer: return dialect.type({TypeKind::int32});
    case SeedType::bigint: return dialect.type({TypeKind::int64});
    case SeedType::huge: return dialect.type({TypeKind::int128});
    case SeedType::real: return dialect.type({TypeKind::float64});
    case SeedType::date: return dialect.type({TypeKind::date});
    case SeedType::timestamp: return dialect.type({TypeKind::timestamp});
    case SeedType::boolean: return dialect.type({TypeKind::boolean});
    case SeedType::text: return dialect.type({TypeKind::text});
  }
  return {};
}

/// As SQL: "id" INTEGER, "name" VARCHAR; and the names alone.
struct Definition {
  std::string columns, names, sources;
};

Result<Definition> define(const Execution& on, TextRows& rows, bool strict) {
  MR_TRY(const bool quotes, quotes_columns(on.node()));
  Definition out;
  for (std::size_t c = 0; c < rows.width(); ++c) {
    const std::string* declared = declared_type(on.node(), rows.name(c));
    const SeedType type = settle_seed_column(rows, c, declared != nullptr, strict);
    const std::string quoted_name = on.dialect().quote(rows.name(c));
    const std::string name = quotes ? quoted_name : rows.name(c);
    const std::string_view comma = c == 0 ? "" : ", ";
    out.columns += fmt::format("{}{} {}", comma, name, declared != nullptr ? *declared : type_name(on.dialect(), type));
    out.names += fmt::format("{}{}", comma, name);
    out.sources += fmt::format("{}{}", comma, quoted_name);
  }
  return out;
}

}  // namespace

Result<Built> build_seed(Execution& on, bool full_refresh, bool strict) {
  const Node& seed = on.node();
  const std::string relation = quoted(on.dialect(), seed.relation);
  MR_TRY(const RelationKind there, on.catalogue().kind_of(seed.relation));
  if (there == RelationKind::view && !full_refresh)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: {} is a view, expected a table or nothing", seed.original_path, seed.relation.text()),
                 "drop the view, or build the seed with --full-refresh",
                 {}};
  MR_TRY(const char delimiter, delimiter_of(seed));
  MR_TRY(const std::string text, read_file(seed.absolute_path));
  MR_TRY(TextRows rows, parse_seed(text, seed.original_path, delimiter, strict));
  MR_TRY(const Definition d, define(on, rows, strict));
  const bool anew = full_refresh || there == RelationKind::none;
  if (anew) {
    if (there != RelationKind::none) MR_CHECK(on.drop(seed.relation, there));
    MR_CHECK(on.run(fmt::format("CREATE TABLE {} ({})", relation, d.columns)));
  } else {
    MR_CHECK(on.run("TRUNCATE TABLE " + relation));
  }
  Built out;
  out.rows = static_cast<std::int64_t>(rows.rows());
  if (out.rows > 0) {
    const auto done =
        on.run_from(rows, fmt::format("INSERT INTO {} ({}) SELECT {} FROM {{rows}}", relation, d.names, d.sources));
    if (!done) {
      Error error = done.error();
      if (!anew && error.hint.empty() && error.kind == ErrorKind::invalid_input)
        error.hint = "where the file's columns have changed, build the seed with --full-refresh";
      return error;
    }
  }
  on.catalogue().set(seed.relation, RelationKind::table);
  out.message = fmt::format("{} {}", full_refresh ? "CREATE" : "INSERT", out.rows);
  return out;
}

}  // namespace millrace::transform
